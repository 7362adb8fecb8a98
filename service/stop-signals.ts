import { constants } from 'node:os';

/**
 * Fires when somebody wants the service to end: ENTER, the end of input at a terminal, SIGINT, SIGTERM or
 * SIGHUP. A second signal ends the process at once, but for SIGHUP: a terminal that closes may send several.
 *
 * Where standard input is no terminal its end means nothing: under a supervisor it has ended already.
 */
export function stopSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort(signal);
    });
  }
  process.on('SIGHUP', () => stop.abort('SIGHUP'));
  const { stdin } = process;
  stdin.on('error', () => {}); // a terminal that is gone
  stdin.on('data', (chunk: Buffer) => {
    if (chunk.includes('\n')) stop.abort('ENTER');
  });
  stdin.on('end', () => {
    if (stdin.isTTY) stop.abort('end of input');
  });
  stop.signal.addEventListener('abort', () => {
    stdin.removeAllListeners('data');
    stdin.destroy();
  });
  return stop.signal;
}
