import type { Argv } from 'yargs';
import { explicitArguments } from './explicit-arguments.ts';
import { EXIT_STATUS, NetTcpError, REASON_EXIT_STATUS } from '../errors.ts';
import type { OptionShapes } from './plain-arguments.ts';
import { printable } from '../printable.ts';
import type { Terminal } from './terminal.ts';
import { packageVersion } from '../version.ts';

/** Options that every command of the suite has. */
export interface CommonOptions {
  readonly json: boolean;
}

/** Declarations of {@link CommonOptions}. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', default: false, describe: 'print JSON, one object a line' },
  color: { type: 'boolean', describe: 'use colours; --no-color: do not' },
} as const;

/**
 * The beginning of a command line: `--json`, `--color`, `--help` and `--version`, nothing unknown
 * accepted, errors thrown instead of printed.
 *
 * @param options   every option of the command and of its commands
 * @param wordsLast see {@link explicitArguments}
 * @throws {NetTcpError} `Usage`
 */
export async function commandLine(
  name: string,
  argv: readonly string[],
  options: OptionShapes = COMMON_OPTIONS,
  wordsLast = false,
): Promise<Argv<CommonOptions>> {
  const explicit = explicitArguments(argv, options, wordsLast);
  // Loaded when a command line needs it: see `plainArguments`.
  const { default: yargs } = await import('yargs');
  return yargs(explicit)
    .scriptName(name)
    .locale('en')
    .version(packageVersion())
    .options(COMMON_OPTIONS)
    .help()
    .strict()
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof NetTcpError ? error : new NetTcpError('Usage', sentence(message));
    });
}

/** Runs a command to its exit status; whatever it throws is said in one sentence on standard error. */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal,
  command: () => Promise<number>,
): Promise<number> {
  try {
    const status = await command();
    const failure = await terminal.written();
    if (failure === undefined) return status;
    const text = `The results could not be written: ${failure.message}.`;
    throw new NetTcpError('Communication', text, { cause: failure });
  } catch (caught) {
    const error = NetTcpError.from(caught);
    report(error, terminal, argv.includes('--json'));
    if (error.code === 'Internal' && error.cause instanceof Error) {
      terminal.err(`This is a bug. ${error.cause.stack ?? ''}`);
    }
    return error.exitStatus;
  }
}

/** Says what went wrong: the code, and the sentence that belongs to it. */
export function report(error: NetTcpError, terminal: Terminal, isJson: boolean): void {
  const { code, reason, message } = error;
  if (isJson) terminal.err(JSON.stringify({ event: 'error', code, reason, message }));
  else terminal.err(`${terminal.paint.red(`${code}:`)} ${message}`);
}

/** Says what is to be known, and ends nothing. */
export function remark(text: string, terminal: Terminal, isJson: boolean): void {
  terminal.err(isJson ? JSON.stringify({ event: 'warning', message: text }) : text);
}

/** The exit statuses, for `--help`. */
export function exitStatuses(): string {
  const all = Object.entries({ ...EXIT_STATUS, ...REASON_EXIT_STATUS });
  const entries = all.sort(([, a], [, b]) => a - b).map(([code, status]) => `${status} ${code}`);
  return `Exit status: 0 done, ${entries.join(', ')}. The README has all of them.`;
}

/** @throws {NetTcpError} `Usage` unless `value` is a whole number in the range */
export function checkWhole(option: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new NetTcpError('Usage', `${option} must be a whole number from ${from} to ${to}.`);
}

// yargs repeats words of the command line, and there may be many.
const MAX_SENTENCE_CHARS = 512;

function sentence(message: string): string {
  const text = printable(message.trim().replaceAll(/\s*\n\s*/g, ' '), MAX_SENTENCE_CHARS);
  return `${text}${/[.!?]$/.test(text) ? '' : '.'} See --help.`;
}
