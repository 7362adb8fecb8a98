import { NetTcpError } from './errors.ts';

/**
 * Resolves after `ms` milliseconds, give or take `spread`, or when `until` fires.
 *
 * @param spread share of `ms`, 0 to 1, by which it may be more or less, so that many that wait do not come back
 *   together
 */
export function sleep(ms: number, spread = 0, until?: AbortSignal): Promise<void> {
  const shareOfMs = 1 - spread + 2 * spread * Math.random();
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      until?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms * shareOfMs);
    if (until?.aborted === true) wake();
    else until?.addEventListener('abort', wake);
  });
}

/** Milliseconds on a clock that all processes of the machine share, and that nobody sets. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/**
 * Two clocks. What somebody else says of time is compared with the one that everybody has; how long something lasts is
 * measured on the other: the first can be set, by hours, at any moment.
 */
export interface Clocks {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds on a clock that nobody sets. */
  readonly elapsed: () => number;
}

export const SYSTEM_CLOCKS: Clocks = { now: () => Date.now(), elapsed: () => performance.now() };

/**
 * A moment, told by the clock as it is set now. One that was set back since would say that the moment is still to come.
 * One that goes ahead may have been right: the machine slept.
 */
export class Moment {
  readonly #clocks: Clocks;
  readonly #elapsed: number;
  readonly #first: number;
  #told: number;

  constructor(clocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
    this.#elapsed = clocks.elapsed();
    this.#first = clocks.now();
    this.#told = this.#first;
  }

  /** Such as `2026-11-25T08:00:00.000Z`: always the same text while nobody sets the clock. */
  toISOString(): string {
    const { now, elapsed } = this.#clocks;
    const ms = Math.min(this.#first, now() - (elapsed() - this.#elapsed));
    if (Math.abs(ms - this.#told) > SLEWED_MS) this.#told = ms;
    return new Date(this.#told).toISOString();
  }
}

/** Milliseconds: by so much clocks differ that are set right little by little. */
const SLEWED_MS = 1_000;

/** Resolves when `signal` fires, at once if it has fired. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The error of an operation whose `signal` fired: `OperationCanceled`, with the signal's reason as its cause. */
export function canceled(signal: AbortSignal | undefined): NetTcpError {
  return new NetTcpError('OperationCanceled', 'The operation was canceled by its caller.', {
    cause: signal?.reason,
  });
}

/**
 * One timer that looks over many objects: a timer for each would cost more than they do. It stops when there is
 * nothing to look at, and never keeps the process alive: the objects do that.
 */
export class Sweeper {
  readonly #sweep: (now: number) => number;
  readonly #onTimer = (): void => this.#look();
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds from the last look to the next; Infinity while it is stopped. */
  #everyMs = Infinity;

  /**
   * @param sweep looks over all of them. `now` is `performance.now()`. It returns the milliseconds until the next
   *   look, or Infinity if nothing is left to look at
   */
  constructor(sweep: (now: number) => number) {
    this.#sweep = sweep;
  }

  /** Looks in `ms` milliseconds at the latest; after that, the sweep says when. */
  lookEvery(ms: number): void {
    if (ms >= this.#everyMs) return;
    this.stop();
    if (ms === Infinity) return;
    this.#everyMs = ms;
    this.#timer = setTimeout(this.#onTimer, ms).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#everyMs = Infinity;
  }

  #look(): void {
    this.#everyMs = Infinity;
    this.lookEvery(this.#sweep(performance.now()));
  }
}
