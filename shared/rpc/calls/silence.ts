/**
 * Tells a peer that is gone from one that is slow, by how long it has been silent while calls waited for it.
 * Times between calls do not count.
 */
export class Silence {
  #hasHeard = false;
  /** The last look, on the clock of `performance.now()`; 0: none since calls began to wait. */
  #lookedAt = 0;
  #silentMs = 0;
  #timedOut = 0;

  /** Bytes have come. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** A call waits, the first one. */
  callsBegin(): void {
    this.#lookedAt = 0;
  }

  /**
   * Looks again, while calls wait.
   *
   * @param timedOut calls that timed out since the last look
   */
  look(now: number, timedOut: number): void {
    if (this.#hasHeard) {
      this.#silentMs = 0;
      this.#timedOut = 0;
    } else if (this.#lookedAt > 0) this.#silentMs += now - this.#lookedAt;
    this.#hasHeard = false;
    this.#lookedAt = now;
    this.#timedOut += timedOut;
  }

  /** Whether calls have waited in vain for that long: at least two, as a single one may just be slow. */
  isLonger(ms: number): boolean {
    return ms > 0 && this.#silentMs >= ms && this.#timedOut >= 2;
  }
}
