import { constants } from 'node:os';
import { isatty } from 'node:tty';

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
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.once('exit', () => {
    if (terminals.length > 0 && !terminals.some((descriptor) => isatty(descriptor))) hangUp();
  });
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

/**
 * Ends the process, whose terminal is gone, by the signal that says so. At a regular end Node would give the terminal its
 * settings back, and abort because that fails.
 */
function hangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
