/**
 * Tells a peer that is gone from one that takes its time: how long it has said nothing while calls waited for
 * it. Times between calls do not count.
 */
export class Silence {
  #hasHeard = false;
  /** When somebody looked last, on the clock of `performance.now()`; 0: not since calls began to wait. */
  #lookedAt = 0;
  #silentMs = 0;
  #timedOut = 0;

  /** Bytes have come. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** A call waits, and none did until now. */
  callsBegin(): void {
    this.#lookedAt = 0;
  }

  /**
   * Looks again, while calls wait.
   *
   * @param timedOut calls whose time is over since the last look
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

  /** Whether calls have waited for that long in vain; more than one, as a single one may be slow by itself. */
  isLonger(ms: number): boolean {
    return ms > 0 && this.#silentMs >= ms && this.#timedOut >= 2;
  }
}
