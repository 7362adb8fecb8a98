/** The callbacks that wait for a signal, and its one listener for all of them. */
interface Watch {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Has `onAbort` called when the signal fires. Thousands of calls may share a signal: it gets one listener for
 * all of them, because Node warns of more than ten.
 *
 * @param signal one that has not fired yet
 * @param onAbort a different function for each call
 * @returns a function that takes `onAbort` back
 */
export function whenAborted(signal: AbortSignal, onAbort: () => void): () => void {
  const { callbacks, listener } = watches.get(signal) ?? begin(signal);
  callbacks.add(onAbort);
  return () => {
    callbacks.delete(onAbort);
    if (callbacks.size > 0 || watches.get(signal)?.callbacks !== callbacks) return;
    watches.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}

function begin(signal: AbortSignal): Watch {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  const watch = { callbacks, listener };
  watches.set(signal, watch);
  signal.addEventListener('abort', listener);
  return watch;
}
