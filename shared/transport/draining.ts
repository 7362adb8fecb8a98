import type { Socket } from 'node:net';

// Whoever is heard out sends a message that is too large: in so many times the time limit at most.
const SHARES = 64;

/**
 * What a peer still sends is read and thrown away, so that the fault it was sent reaches it: the kernel would
 * answer unread octets with a reset, which may overtake the fault. Over when the peer closes, has sent `maxBytes`,
 * or less than a share of them in `maxMs`.
 */
export class Draining {
  readonly #socket: Socket;
  #left: number;

  /** @param socket whose own half is closed */
  constructor(socket: Socket, maxBytes: number, maxMs: number) {
    this.#socket = socket;
    this.#left = maxBytes;
    let before = maxBytes;
    const timer = setInterval(() => {
      if (before - this.#left < maxBytes / SHARES) socket.destroy();
      before = this.#left;
    }, maxMs);
    socket.on('close', () => clearInterval(timer));
  }

  take(octets: number): void {
    this.#left -= octets;
    if (this.#left < 0) this.#socket.destroy();
  }
}
