import type { Limits } from '../limits.ts';

type HandshakeLimits = Pick<Limits, 'maxPendingHandshakes' | 'maxPendingHandshakesPerSource'>;

/**
 * Bounds the upgrade handshakes that a host has in progress. Each costs work before the caller is known, and none
 * may take longer than a preamble. Once half of the room is taken, no other machine gets more than its share.
 */
export class HandshakeLimit {
  readonly #limits: HandshakeLimits;
  readonly #bySource = new Map<string, number>();
  #count = 0;

  constructor(limits: HandshakeLimits) {
    this.#limits = limits;
  }

  /**
   * @param source address of the client's machine; undefined for this machine
   * @returns whether there is room for one more; if so, `leave` must follow
   */
  enter(source: string | undefined): boolean {
    const { maxPendingHandshakes, maxPendingHandshakesPerSource } = this.#limits;
    if (this.#count >= maxPendingHandshakes) return false;
    const fromThere = source === undefined ? 0 : (this.#bySource.get(source) ?? 0);
    const isShort = this.#count >= maxPendingHandshakes / 2;
    if (isShort && fromThere >= maxPendingHandshakesPerSource) return false;
    this.#count += 1;
    if (source !== undefined) this.#bySource.set(source, fromThere + 1);
    return true;
  }

  leave(source: string | undefined): void {
    this.#count -= 1;
    if (source === undefined) return;
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left > 0) this.#bySource.set(source, left);
    else this.#bySource.delete(source);
  }
}
