import { constants } from 'node:os';
import { isatty } from 'node:tty';

/**
 * Fires at SIGINT and SIGTERM, with the signal's name as reason. A second one ends the process at once, with the
 * status that a shell gives it.
 *
 * A command that has nothing to clean up, such as the client, does not use this: a shell's loop only ends if the
 * signal itself ends the command.
 *
 * @param hangUp what SIGHUP does, which comes when a terminal closes: `stop` as the others, but it may come again;
 *   `ignore` for a process that outlives its terminal
 */
export function stopSignals(hangUp: 'stop' | 'ignore'): AbortController {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort(signal);
    });
  }
  if (hangUp === 'ignore') {
    process.on('SIGHUP', () => {});
    return stop;
  }
  process.on('SIGHUP', () => stop.abort('SIGHUP'));
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.once('exit', () => {
    if (terminals.length > 0 && !terminals.some((descriptor) => isatty(descriptor))) endByHangUp();
  });
  return stop;
}

/**
 * Fires `stop` when somebody presses ENTER, or ends the input of a terminal.
 *
 * If standard input is no terminal, its end means nothing: under a supervisor it has already ended.
 */
export function stopAtEnter(stop: AbortController): void {
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
}

/**
 * Ends the process, whose terminal is gone, by SIGHUP. At a regular end Node would restore the terminal's
 * settings, fail, and abort.
 */
function endByHangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
