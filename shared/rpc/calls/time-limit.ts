import type { NetTcpError } from '../../errors.ts';
import { canceled } from '../../time.ts';
import { whenAborted } from './abort-signals.ts';

// Who watches a client's time limits, and when. There is one watch at any moment:
//
// - An opening has `openTimeoutMs` and is watched by its `Attempt`, whoever waits for it.
// - A caller that waits for an opening with less time than that, or with a signal, or for a closing or a
//   streamed exchange, waits in `bounded`, which gives up the waiting, not the work.
// - A call that has been sent waits in `PendingCalls`, where one timer looks over all calls of a session.
//
// A call that opens its channel has one time limit for both: it keeps its deadline.

/** How long an operation may take, in milliseconds, and when that time is over. */
export interface TimeLimit {
  /** As asked for, and as an error says it; 0: no limit. */
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`; 0 until somebody has looked at the clock. */
  readonly deadline: number;
}

/** A time limit that runs from now on. */
export function startingNow(timeoutMs: number): TimeLimit {
  return { timeoutMs, deadline: timeoutMs > 0 ? performance.now() + timeoutMs : 0 };
}

/**
 * Waits for `promise`, but no longer than `timeoutMs` (0: for ever), and only until `signal` fires. What
 * becomes of `promise` later is ignored, and its rejection counts as handled.
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
    // This comes first: the promise has an observer, whatever is returned below.
    promise.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error as Error)),
    );
    if (signal?.aborted === true) return onAbort();
    if (signal !== undefined) stop = whenAborted(signal, onAbort);
    if (timeoutMs === 0) return;
    // The timer keeps no process alive; what is waited for does, if anything should.
    timer = setTimeout(() => finish(() => reject(timedOut())), timeoutMs).unref();
  });
}
