// Clients that never finish a preamble: they send nothing at all, or one byte after the other.
import { connect } from 'node:net';
import { OctetWriter } from '../../../shared/octets.ts';
import { writePreamble } from '../../../shared/framing/encoder.ts';
import { now } from '../harness/clock.ts';
import { serve } from '../../serve.ts';

interface Options {
  readonly port: number;
  readonly count: number;
  /** Milliseconds between two bytes; 0 sends none. */
  readonly everyMs: number;
}

/** How one of them ended: milliseconds from the connection to its end, and how many bytes came. */
export interface End {
  readonly afterMs: number;
  readonly octets: number;
}

const ends: End[] = [];
const sockets = new Set<ReturnType<typeof connect>>();

serve({
  async begin({ port, count, everyMs }: Options) {
    const octets = preamble();
    const connected: Promise<void>[] = [];
    for (let index = 0; index < count; index++) {
      connected.push(open(port, octets, everyMs));
      // Not all in one moment: this does not try the kernel's queue.
      if (index % 50 === 49) await Promise.all(connected);
    }
    await Promise.all(connected);
  },
  ends: () => ends,
  open: () => sockets.size,
  close() {
    for (const socket of sockets) socket.destroy();
  },
});

function open(port: number, octets: Uint8Array, everyMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    sockets.add(socket);
    let begunAt = now();
    let at = 0;
    let timer: NodeJS.Timeout | undefined;
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('connect', () => {
      begunAt = now();
      if (everyMs > 0) {
        timer = setInterval(() => socket.write(octets.subarray(at, ++at)), everyMs);
      }
      resolve();
    });
    socket.on('close', () => {
      clearInterval(timer);
      sockets.delete(socket);
      ends.push({ afterMs: now() - begunAt, octets: socket.bytesRead });
      resolve();
    });
  });
}

/** A preamble without its end, with about the longest via that is allowed. */
function preamble(): Uint8Array {
  const out = new OctetWriter();
  const via = `net.tcp://localhost/${'x'.repeat(2_000)}`;
  writePreamble(out, { via, mode: 2, encoding: 8 });
  return out.toBytes();
}
