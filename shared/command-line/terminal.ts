import { Chalk, type ChalkInstance, type ColorSupportLevel, supportsColor } from 'chalk';
import { systemCode } from '../errors.ts';

/** Where a command writes. Tests pass their own. */
export interface Terminal {
  /** A line of results. */
  out(line: string): void;
  /** Results without a line end: a prompt. */
  write(text: string): void;
  /** A line for the person at the terminal: errors and remarks. */
  err(line: string): void;
  readonly paint: ChalkInstance;
  /** Columns of the screen; `undefined` where results go to a file or a pipe. */
  readonly columns: number | undefined;
  /** Fires when results can no longer be written: the reader is gone, or the disk is full. */
  readonly lost: AbortSignal;
  /**
   * Waits until the results are written, or cannot be.
   *
   * @returns why they could not be; `undefined` also if their reader wants no more (`| head`)
   */
  written(): Promise<Error | undefined>;
}

/** The process's own terminal. */
export function processTerminal(
  env: NodeJS.ProcessEnv = process.env,
  argv: readonly string[] = process.argv.slice(2),
): Terminal {
  const { stdout, stderr } = process;
  const lost = new AbortController();
  let failure: Error | undefined;
  // A failed write ends the output, and not the process with a stack trace.
  stdout.on('error', (error) => {
    if (lost.signal.aborted) return;
    const code = systemCode(error);
    const hasReaderGone = code === 'EPIPE' || (code === 'EIO' && stdout.isTTY);
    if (!hasReaderGone) failure = error;
    lost.abort(error);
  });
  stderr.on('error', () => {});
  return {
    out: (line) => void stdout.write(`${line}\n`),
    write: (text) => void stdout.write(text),
    err: (line) => void stderr.write(`${line}\n`),
    paint: new Chalk({ level: colorLevel(env, argv) }),
    get columns() {
      // A terminal that does not know its size says 0.
      return stdout.isTTY ? stdout.columns || 80 : undefined;
    },
    lost: lost.signal,
    async written() {
      await new Promise<void>((resolve) => stdout.write('', () => setImmediate(resolve)));
      return failure;
    },
  };
}

/**
 * `--color` and `--no-color` win over the environment. chalk itself lets FORCE_COLOR win, and does not read
 * NO_COLOR (https://no-color.org).
 */
function colorLevel(env: NodeJS.ProcessEnv, argv: readonly string[]): ColorSupportLevel {
  const supported = supportsColor === false ? 0 : supportsColor.level;
  const said = argv.findLast((word) => word === '--color' || word === '--no-color');
  if (said === '--no-color') return 0;
  if (said === '--color') return supported === 0 ? 1 : supported;
  return (env['NO_COLOR'] ?? '') === '' ? supported : 0;
}
