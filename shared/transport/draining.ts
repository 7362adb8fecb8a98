import type { Duplex } from 'node:stream';
import type { Limits } from '../limits.ts';
import { forgetKeepAlive } from './keep-alive.ts';
import type { ByteStream } from './upgrade.ts';

/** How much to drain, and in what time. */
export type DrainLimits = Pick<Limits, 'faultDrainBytes' | 'faultDrainMs'>;

// A peer that is too slow is not waited for: it has at most 64 × `faultDrainMs` for all of its bytes.
const SHARES = 64;

/**
 * Reads and discards what a peer still sends, so that the fault it was sent reaches it: the kernel would
 * answer unread bytes with a reset, which may overtake the fault. Over when the peer closes, has sent more than
 * `faultDrainBytes`, or less than a 64th of them in `faultDrainMs`.
 */
export class Draining {
  readonly #socket: Duplex;
  #left: number;

  /** @param socket its own half is being closed */
  constructor(socket: Duplex, { faultDrainBytes, faultDrainMs }: DrainLimits) {
    this.#socket = socket;
    this.#left = faultDrainBytes;
    let before = faultDrainBytes;
    const timer = setInterval(() => {
      if (before - this.#left < faultDrainBytes / SHARES) socket.destroy();
      before = this.#left;
    }, faultDrainMs);
    socket.on('close', () => clearInterval(timer));
  }

  take(octets: number): void {
    this.#left -= octets;
    if (this.#left < 0) this.#socket.destroy();
  }
}

/** Closes a stream once everything is sent. If nothing is unsent, that saves a socket one system call. */
export function closeStream(stream: ByteStream): void {
  forgetKeepAlive(stream);
  if (stream.writableLength === 0) stream.destroy();
  else stream.destroySoon();
}
