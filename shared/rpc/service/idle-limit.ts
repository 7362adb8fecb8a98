/**
 * How long nothing may happen. It does not look at the clock itself: a sweep over all of them does.
 *
 * It is a base class, and not a second object, because there may be very many idle ones.
 */
export abstract class IdleLimit {
  /** Its session is to end after an answer, or when it is idle for a moment: see `Leaving`. */
  isLeaving = false;
  #timeoutMs: number;
  /** Whole milliseconds on the clock of `performance.now()`; 0 from an event until the next look. */
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

  /** Milliseconds for which nothing has happened, counted from the first look after the last event. */
  protected idledMs(now: number): number {
    return this.#deadline === 0 ? 0 : now - this.#deadline + this.#timeoutMs;
  }

  /** @returns whether nothing has happened for too long; late by at most the time between two looks */
  protected isIdleTooLong(now: number): boolean {
    if (this.#deadline === 0) this.#deadline = Math.ceil(now + this.#timeoutMs);
    return now >= this.#deadline;
  }
}
