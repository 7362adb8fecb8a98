/** For how long nothing may happen. It never looks at the clock itself: whoever sweeps over it does. */
export class IdleLimit {
  #timeoutMs: number;
  /** On the clock of `performance.now()`; 0 until somebody has looked since something happened. */
  #deadline = 0;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** From now on nothing may happen for that long. */
  set(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#deadline = 0;
  }

  /** Something has happened. */
  restart(): void {
    this.#deadline = 0;
  }

  /** For how long nothing has happened, as far as anybody has looked; in milliseconds. */
  idleMs(now: number): number {
    return this.#deadline === 0 ? 0 : now - this.#deadline + this.#timeoutMs;
  }

  /** @returns whether nothing has happened for too long; late by at most the time between two looks */
  isOver(now: number): boolean {
    if (this.#deadline === 0) this.#deadline = now + this.#timeoutMs;
    return now >= this.#deadline;
  }
}
