/**
 * For how long nothing may happen. It does not look at the clock by itself: whoever sweeps over it does.
 *
 * A class to extend: of what may idle there may be very many.
 */
export abstract class IdleLimit {
  #timeoutMs: number;
  /** Whole milliseconds on the clock of `performance.now()`; 0 until somebody has looked since something happened. */
  #deadline = 0;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  protected get idleTimeoutMs(): number {
    return this.#timeoutMs;
  }

  /** From now on nothing may happen for that long. */
  protected mayIdle(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#deadline = 0;
  }

  /** Something has happened. */
  protected notIdle(): void {
    this.#deadline = 0;
  }

  /** For how long nothing has happened, as far as anybody has looked; in milliseconds. */
  protected idledMs(now: number): number {
    return this.#deadline === 0 ? 0 : now - this.#deadline + this.#timeoutMs;
  }

  /** @returns whether nothing has happened for too long; late by at most the time between two looks */
  protected isIdleTooLong(now: number): boolean {
    if (this.#deadline === 0) this.#deadline = Math.ceil(now + this.#timeoutMs);
    return now >= this.#deadline;
  }
}
