import type { Duplex } from 'node:stream';
import type { Limits } from '../limits.ts';

/** How much, and in what time. */
export type DrainLimits = Pick<Limits, 'faultDrainBytes' | 'faultDrainMs'>;

// Whoever is heard out sends a message that is too large: in so many times the time limit at most.
const SHARES = 64;

/**
 * What a peer still sends is read and thrown away, so that the fault it was sent reaches it: the kernel would
 * answer unread bytes with a reset, which may overtake the fault. Over when the peer closes, has sent more than
 * `faultDrainBytes`, or less than a share of them in `faultDrainMs`.
 */
export class Draining {
  readonly #socket: Duplex;
  #left: number;

  /** @param socket whose own half is closed */
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
