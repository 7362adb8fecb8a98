import { Chalk, type ChalkInstance, supportsColor } from 'chalk';

/** Where a command writes. Tests pass their own. */
export interface Terminal {
  /** A line of results. */
  out(line: string): void;
  /** Results without a line end: a prompt. */
  write(text: string): void;
  /** A line for the person at the terminal: errors and remarks. */
  err(line: string): void;
  readonly paint: ChalkInstance;
}

/**
 * The process's own terminal.
 *
 * chalk 5 does not read NO_COLOR (https://no-color.org), so it is read here; `--color` and
 * `--no-color` win over it, and chalk looks at those itself.
 */
export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const isForced = process.argv.includes('--color');
  const wantsPlain = (env['NO_COLOR'] ?? '') !== '' && !isForced;
  const level = wantsPlain || supportsColor === false ? 0 : supportsColor.level;
  // A reader that goes away (`| head`) ends the output, not the process with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    write: (text) => void process.stdout.write(text),
    err: (line) => void process.stderr.write(`${line}\n`),
    paint: new Chalk({ level }),
  };
}
