import type { Socket } from 'node:net';
import { checkSum, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';
import { dialTcp, endTcp, serveTcp } from './tcp.ts';

/** As much of msgpackr as is used here. */
export interface Msgpackr {
  readonly Packr: new (options: { readonly useRecords: boolean }) => {
    /** With REUSE_BUFFER_MODE: its own buffer, with `start` and `end` set. */
    pack(value: unknown, options: number): Uint8Array & { start: number; end: number };
    unpack(octets: Uint8Array, options: { start: number; end: number }): unknown;
  };
}

// msgpackr's REUSE_BUFFER_MODE and RESET_BUFFER_MODE: nothing is allocated for a message.
export const REUSED_BUFFER = 512 | 1_024;
const PREFIX = 2;

/**
 * The leanest loop that a general MessagePack library allows: a length of two bytes, `[id, op, a, b]`
 * by msgpackr in its cheapest mode, one write a turn, no promise, no limit, no error handling.
 */
export const lean: Contender = {
  name: 'leanest msgpackr loop',

  missing: () => missingPeer('msgpackr'),

  async serve() {
    const { Packr } = (await loadPeer('msgpackr')) as Msgpackr;
    const packr = new Packr({ useRecords: false });
    return await serveTcp((socket) => {
      const out = new Batch(socket);
      socket.on(
        'data',
        framed((octets, range) => {
          const [id, , a, b] = packr.unpack(octets, range) as [number, number, number, number];
          out.append(packr.pack([id, a + b], REUSED_BUFFER));
        }, out),
      );
    });
  },

  async connect(target) {
    const { Packr } = (await loadPeer('msgpackr')) as Msgpackr;
    const packr = new Packr({ useRecords: false });
    const socket = await dialTcp(target);
    const waiting = new Map<number, () => void>();
    const out = new Batch(socket);
    let nextId = 0;
    socket.on(
      'data',
      framed((octets, range) => {
        const [id, sum] = packr.unpack(octets, range) as [number, number];
        checkSum(sum);
        const done = waiting.get(id);
        waiting.delete(id);
        done?.();
      }, out),
    );
    return {
      callWith(done) {
        return () => {
          nextId = (nextId + 1) & 0xffff;
          waiting.set(nextId, done);
          out.append(packr.pack([nextId, 0, OPERANDS[0], OPERANDS[1]], REUSED_BUFFER));
        };
      },
      close: () => endTcp(socket),
    };
  },
};

/** Gathers what is written in one turn into one write. */
class Batch {
  readonly #socket: Socket;
  #octets = Buffer.allocUnsafeSlow(65_536);
  #length = 0;
  isHandling = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  append(message: Uint8Array & { readonly start: number; readonly end: number }): void {
    const size = message.end - message.start;
    if (this.#length + PREFIX + size > this.#octets.length) this.flush();
    if (this.#length === 0 && !this.isHandling) process.nextTick(() => this.flush());
    const at = this.#length;
    this.#octets[at] = size & 0xff;
    this.#octets[at + 1] = size >> 8;
    for (let index = 0; index < size; index++) {
      this.#octets[at + PREFIX + index] = message[message.start + index] ?? 0;
    }
    this.#length = at + PREFIX + size;
  }

  flush(): void {
    if (this.#length === 0) return;
    this.#socket.write(this.#octets.subarray(0, this.#length));
    // If the kernel took all of it, it has been copied; otherwise the memory is still in use.
    if (this.#socket.writableLength > 0) this.#octets = Buffer.allocUnsafeSlow(65_536);
    this.#length = 0;
  }
}

/** Cuts chunks into messages; what is left over waits for the next chunk. */
function framed(
  onMessage: (octets: Uint8Array, range: { start: number; end: number }) => void,
  out: Batch,
): (chunk: Buffer) => void {
  const range = { start: 0, end: 0 };
  let rest: Buffer | undefined;
  return (chunk) => {
    const octets = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = undefined;
    let at = 0;
    out.isHandling = true;
    while (at + PREFIX <= octets.length) {
      const size = (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
      if (at + PREFIX + size > octets.length) break;
      range.start = at + PREFIX;
      range.end = range.start + size;
      onMessage(octets, range);
      at = range.end;
    }
    out.isHandling = false;
    out.flush();
    if (at < octets.length) rest = octets.subarray(at);
  };
}
