import type { NetTcpError } from '../errors.ts';

/** Told that an attempt is given up: why, or `undefined` when its time is over. */
type OnGivenUp = (error: NetTcpError | undefined) => void;

/**
 * Something that takes several steps and has a time for all of them, such as opening a session. It can
 * be given up, and whichever step is going on is told.
 *
 * An AbortController and a timer for each step would do the same, for a fifteenth of all that a client
 * does to connect, call and close.
 */
export class Attempt {
  /** Milliseconds for all of it; 0: no limit. */
  readonly timeoutMs: number;
  #error: NetTcpError | undefined;
  #isGivenUp = false;
  #onGivenUp: OnGivenUp | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.giveUp(undefined), timeoutMs);
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Who is told, instead of whoever was before; at once when it has been given up already. */
  onGivenUp(onGivenUp: OnGivenUp | undefined): void {
    this.#onGivenUp = onGivenUp;
    if (this.#isGivenUp) onGivenUp?.(this.#error);
  }

  giveUp(error: NetTcpError | undefined): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#error = error;
    clearTimeout(this.#timer);
    this.#onGivenUp?.(error);
  }

  /** Its last step has ended: time does not count any more. What came of it can still be given up. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
