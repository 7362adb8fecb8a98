import type { NetTcpError } from '../../errors.ts';
import { canceled } from '../../transport/dialer.ts';

/**
 * Waits for `promise`, but no longer than `timeoutMs` (0: for ever), and only until `signal` fires.
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
    const timer =
      timeoutMs > 0 ? setTimeout(() => finish(() => reject(timedOut())), timeoutMs) : undefined;
    const onAbort = (): void => finish(() => reject(canceled(signal)));
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener('abort', onAbort);
    promise.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error as Error)),
    );
  });
}

/** Resolves after `ms` milliseconds, give or take a fifth, so that many who wait do not come back together. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms * (0.8 + 0.4 * Math.random())));
}
