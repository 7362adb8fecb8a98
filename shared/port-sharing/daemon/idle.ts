/** Knows whether a daemon is needed: services, routes and connections count themselves in and out. */
export class Idle {
  /** Resolves when nobody has needed the daemon for `afterMs`. */
  readonly reached: Promise<void>;
  readonly #afterMs: number;
  #needs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #resolve: (() => void) | undefined;

  /** @param afterMs milliseconds from now, or from the moment when nobody needs it any more */
  constructor(afterMs: number) {
    this.#afterMs = afterMs;
    this.reached = new Promise((resolve) => (this.#resolve = resolve));
    this.#startTimer();
  }

  /** Somebody needs the daemon. */
  enter(): void {
    this.#needs += 1;
    clearTimeout(this.#timer);
  }

  /** Somebody does not need it any more. */
  leave(): void {
    this.#needs -= 1;
    if (this.#needs === 0 && !this.#isClosed) this.#startTimer();
  }

  /** From now on, `reached` never resolves. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #startTimer(): void {
    // The control socket keeps the process alive; once that is closed, the process may end.
    this.#timer = setTimeout(() => this.#resolve?.(), this.#afterMs).unref();
  }
}
