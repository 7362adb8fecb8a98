/** Knows whether a daemon is needed: services, routes and connections count themselves in and out. */
export class Idle {
  /** Resolves when nobody has needed the daemon for `afterMs`. */
  readonly reached: Promise<void>;
  readonly #afterMs: number;
  #needs = 0;
  /** Since when nobody has needed it, on the clock of `performance.now()`. */
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #resolve: (() => void) | undefined;

  /** @param afterMs milliseconds from now, or from the moment when nobody needs it any more */
  constructor(afterMs: number) {
    this.#afterMs = afterMs;
    this.reached = new Promise((resolve) => (this.#resolve = resolve));
    this.#startTimer(afterMs);
  }

  /** Somebody needs the daemon. */
  enter(): void {
    this.#needs += 1;
    clearTimeout(this.#timer);
  }

  /** Somebody does not need it any more. */
  leave(): void {
    if (this.#needs === 1) this.#since = performance.now();
    this.forget();
  }

  /** Somebody who entered never needed the daemon: it is as idle as before. */
  forget(): void {
    this.#needs -= 1;
    if (this.#needs > 0 || this.#isClosed) return;
    this.#startTimer(Math.max(0, this.#since + this.#afterMs - performance.now()));
  }

  /** From now on, `reached` never resolves. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #startTimer(ms: number): void {
    // The control socket keeps the process alive; once that is closed, the process may end.
    this.#timer = setTimeout(() => this.#resolve?.(), ms).unref();
  }
}
