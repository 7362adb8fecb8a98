import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from 'yargs';
import { EXIT_STATUS, NetTcpError, REASON_EXIT_STATUS } from '../errors.ts';
import { jsonLine, printable, printableLines } from '../printable.ts';
import { packageVersion } from '../own-package.ts';
import { inOptions } from './in-options.ts';
import type { Terminal } from './terminal.ts';
import { type OptionShapes, scanWords } from './words.ts';

/** Options that every command of the suite has. */
interface CommonOptions {
  readonly json: boolean;
}

/** Declarations of {@link CommonOptions}. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', default: false, describe: 'print JSON, one object per line' },
  color: { type: 'boolean', describe: 'use colours; --no-color: do not' },
} as const;

/** A command without subcommands: what it takes, and what `--help` says. */
export interface CommandDescription<O> {
  readonly name: string;
  /** How to call it and what it does; `$0` stands for the name. */
  readonly usage: string;
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly options: O;
  /** What its exit statuses mean; left out, they are those of the suite. */
  readonly exitStatuses?: string;
  /** Whether it takes operands: words that are not options. They stay text. */
  readonly takesWords: boolean;
  /** The message for an operand if the command takes none. */
  readonly onWord?: (word: string) => string;
}

/** The values of options, by camel-cased name, and the operands in `_`. */
export type Values<O extends OptionShapes> = ArgumentsCamelCase<InferredOptionTypes<O>>;

/**
 * Reads a command line: without yargs if it is plain, otherwise with yargs, which takes longer to load.
 *
 * @returns `undefined` if the words asked for `--help` or `--version`, which has been printed
 * @throws {NetTcpError} `Usage`
 */
export async function readArguments<O extends OptionShapes>(
  argv: readonly string[],
  command: CommandDescription<O>,
): Promise<Values<O> | undefined> {
  const { options, takesWords, onWord } = command;
  const { values, words } = scanWords(argv, options, takesWords);
  if (values !== undefined) return values as Values<O>;
  const [word] = words;
  if (word !== undefined && onWord !== undefined) throw new NetTcpError('Usage', onWord(word));
  const read = await readWithYargs(argv, command);
  return read['help'] === true || read['version'] === true ? undefined : read;
}

/** {@link readArguments} with yargs, for any command line. */
export async function readWithYargs<O extends OptionShapes>(
  argv: readonly string[],
  command: CommandDescription<O>,
): Promise<Values<O>> {
  const { name, usage, examples, options, takesWords } = command;
  const line = (await commandLine(name, argv, options, takesWords))
    .usage(usage)
    .options(options)
    .example(examples.map(([words, meaning]) => [words, meaning]))
    .epilogue(command.exitStatuses ?? exitStatuses());
  if (takesWords) {
    // Operands stay text until they are read as doubles: "-0" must not become 0.
    line.parserConfiguration({ 'parse-positional-numbers': false }).strict(false).strictOptions();
  }
  return (await line.parseAsync()) as Values<O>;
}

/**
 * The common part of every command line, for yargs: `--help`, `--version`, and those of {@link COMMON_OPTIONS} that
 * the command has. Anything unknown is refused, and errors are thrown instead of printed.
 *
 * @param options every option of the command and of its subcommands
 * @param takesWords see {@link scanWords}
 * @throws {NetTcpError} `Usage`
 */
export async function commandLine(
  name: string,
  argv: readonly string[],
  options: OptionShapes,
  takesWords = false,
): Promise<Argv<CommonOptions>> {
  const { explicit } = scanWords(argv, options, takesWords);
  // Loaded only where it is needed: it takes longer to load than Node takes to start.
  const { default: yargs } = await import('yargs');
  return yargs(explicit)
    .scriptName(name)
    .locale('en')
    .version(packageVersion())
    .options(commonOf(options))
    .help()
    .strict()
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof NetTcpError ? error : new NetTcpError('Usage', sentence(message));
    });
}

// Typed as all of them: what a command does not declare nobody reads.
function commonOf(options: OptionShapes): typeof COMMON_OPTIONS {
  const own = Object.entries(COMMON_OPTIONS).filter(([name, shape]) => options[name] === shape);
  return Object.fromEntries(own) as typeof COMMON_OPTIONS;
}

/** Runs a command and returns its exit status. An error becomes one sentence on standard error. */
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
    reportError(error, terminal, argv.includes('--json'));
    if (error.code === 'Internal' && error.cause instanceof Error) {
      terminal.err(`This is a bug. ${indented(error.cause.stack ?? '')}`);
    }
    return error.exitStatus;
  }
}

/** Prints an error: its code and its sentence. */
function reportError(error: NetTcpError, terminal: Terminal, isJson: boolean): void {
  const { code, reason } = error;
  const message = inOptions(error.message);
  if (isJson) terminal.err(jsonLine({ event: 'error', code, reason, message }));
  else terminal.err(`${terminal.paint.red(`${code}:`)} ${indented(message)}`);
}

/** Prints a warning; the command goes on. */
export function warn(text: string, terminal: Terminal, isJson: boolean): void {
  const message = inOptions(text);
  terminal.err(isJson ? jsonLine({ event: 'warning', message }) : indented(message));
}

/** A message may quote a peer: it must not control the terminal, and its lines must not look like ours. */
function indented(text: string): string {
  return printableLines(text, Infinity).replaceAll('\n', '\n    ');
}

/** The exit statuses, for `--help`. */
export function exitStatuses(): string {
  const all = Object.entries({ ...EXIT_STATUS, ...REASON_EXIT_STATUS });
  const entries = all.sort(([, a], [, b]) => a - b).map(([code, status]) => `${status} ${code}`);
  return `Exit status: 0 done, ${entries.join(', ')}. docs/errors.md says when.`;
}

/** @throws {NetTcpError} `Usage` unless `value` is a whole number in the range */
export function checkInteger(option: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new NetTcpError('Usage', `${option} must be a whole number from ${from} to ${to}.`);
}

// yargs repeats words of the command line, and there may be many.
const MAX_SENTENCE_CHARS = 512;

function sentence(message: string): string {
  const text = printable(message.trim().replaceAll(/\s*\n\s*/g, ' '), MAX_SENTENCE_CHARS);
  return `${text}${/[.!?]$/.test(text) ? '' : '.'} See --help.`;
}
