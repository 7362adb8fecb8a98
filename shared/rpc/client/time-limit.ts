import type { NetTcpError } from '../../errors.ts';
import { canceled } from '../../time.ts';
import { whenAborted } from './abort-signals.ts';

// Who watches the time of a client, and when. Each moment has one watch:
//
// - An opening has `openTimeoutMs` and is watched by its `Attempt`, whoever waits for it.
// - A caller who waits for an opening, a closing or a streamed exchange with less time than that, or with a
//   signal, waits in `bounded`, which gives up the waiting, not the work.
// - A call that has been sent waits in `PendingCalls`, where one timer looks over all calls of a session.
//
// A call that opens its channel has one time for both: it takes its deadline along.

/** How long an operation may take, in milliseconds, and when that is over. */
export interface TimeLimit {
  /** What was asked for, and what an error says; 0: no limit. */
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`; 0 as long as nobody has looked at the clock. */
  readonly deadline: number;
}

/** A time limit that runs from now on. */
export function startingNow(timeoutMs: number): TimeLimit {
  return { timeoutMs, deadline: timeoutMs > 0 ? performance.now() + timeoutMs : 0 };
}

/**
 * Waits for `promise`, but no longer than `timeoutMs` (0: for ever), and only until `signal` fires. What
 * becomes of `promise` later is ignored, and its rejection is not an unhandled one.
 *
 * @throws what `timedOut` makes, `OperationCanceled`, or what `promise` rejects with
 */
export function bounded<T>(
  promise: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  timedOut: () => NetTcpError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    const onAbort = (): void => finish(() => reject(canceled(signal)));
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      stop?.();
      settle();
    };
    // First of all: whatever is returned below, the promise has its observer.
    promise.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error as Error)),
    );
    if (signal?.aborted === true) return onAbort();
    if (signal !== undefined) stop = whenAborted(signal, onAbort);
    if (timeoutMs === 0) return;
    // The timer keeps no process alive: what is waited for does, where anything should.
    timer = setTimeout(() => finish(() => reject(timedOut())), timeoutMs).unref();
  });
}
