// Clients that never finish a handshake: each begins one, and stops somewhere.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { writePreamble, writeUpgradeRequest } from '../../../shared/framing/encoder.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { now } from '../harness/clock.ts';
import { serve } from '../../serve.ts';

/** Where they stop. */
export type Stop = 'silence' | 'dripping ClientHello' | 'TLS without end' | 'half a token';

interface Options {
  readonly port: number;
  readonly via: string;
  readonly count: number;
  readonly stop: Stop;
}

/** How one of them ended: milliseconds from the connection to its end. `isAgreed`: the service began. */
export interface HandshakeEnd {
  readonly afterMs: number;
  readonly isAgreed: boolean;
}

const DRIP_MS = 100;
const AT_A_TIME = 25;
const AGREED = 0x0a;
/** A ClientHello's beginning: its record says that more comes than ever does. */
const HELLO = Uint8Array.from({ length: 200 }, (_, at) => [0x16, 3, 1, 0, 250, 1, 0, 0][at] ?? 3);
/** In progress, 256 bytes of token; half of them. */
const HALF = Uint8Array.from({ length: 133 }, (_, at) => [0x16, 1, 0, 1, 0][at] ?? 0x60);

const ends: HandshakeEnd[] = [];
const sockets = new Set<Socket>();

serve({
  async begin({ port, via, count, stop }: Options) {
    const request = upgradeRequest(via, stop);
    for (let begun = 0; begun < count; begun += AT_A_TIME) {
      const size = Math.min(AT_A_TIME, count - begun);
      await Promise.all(Array.from({ length: size }, () => open(port, request, stop)));
    }
  },
  open: () => sockets.size,
  ends: () => ends,
});

function upgradeRequest(via: string, stop: Stop): Uint8Array {
  const out = new OctetWriter();
  writePreamble(out, { via, mode: 2, encoding: 'application/x-msgpack-rpc' });
  writeUpgradeRequest(
    out,
    stop === 'half a token' ? 'application/negotiate' : 'application/ssl-tls',
  );
  return out.toBytes();
}

/** Resolves when it has come to where it stops, or has ended. */
function open(port: number, request: Uint8Array, stop: Stop): Promise<void> {
  return new Promise((resolve) => {
    const begunAt = now();
    let isAgreed = false;
    let timer: NodeJS.Timeout | undefined;
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(request));
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (octets) => {
      isAgreed = octets[0] === AGREED;
      if (isAgreed) timer = stopAt(socket, stop, resolve);
    });
    socket.on('close', () => {
      clearInterval(timer);
      sockets.delete(socket);
      ends.push({ afterMs: now() - begunAt, isAgreed });
      resolve();
    });
  });
}

/** @returns what goes on until it ends */
function stopAt(socket: Socket, stop: Stop, onThere: () => void): NodeJS.Timeout | undefined {
  if (stop === 'TLS without end') {
    const stream = connectTls({ socket, rejectUnauthorized: false }, onThere);
    stream.on('error', () => {});
    stream.resume();
    return undefined;
  }
  onThere();
  if (stop === 'half a token') socket.write(HALF);
  socket.resume();
  if (stop !== 'dripping ClientHello') return undefined;
  let at = 0;
  return setInterval(() => socket.write(HELLO.subarray(at, ++at)), DRIP_MS);
}
