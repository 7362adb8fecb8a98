import type { NetTcpError } from '../errors.ts';

/** Called when an attempt is given up: with the reason, or `undefined` when its time is over. */
type OnGivenUp = (error: NetTcpError | undefined) => void;

/**
 * An operation of several steps with one time limit for all of them, such as opening a session. It can be
 * given up, and the step in progress is told.
 *
 * An AbortController and a timer for each step would do the same, but cost a fifteenth of all that a client
 * does to connect, call and close.
 */
export class Attempt {
  /** Milliseconds for all steps together; 0: no limit. */
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

  /** Replaces the listener, which is called at once when the attempt has been given up already. */
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

  /** The last step has ended: the time limit no longer counts. The result can still be given up. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
