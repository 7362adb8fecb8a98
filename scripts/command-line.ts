// The one way in which a program of this folder reads its command line, says what is wrong with it, and ends.
import {
  type CommandDescription,
  readArguments,
  runCommand,
  type Values,
} from '../shared/command-line/command.ts';
import { processTerminal, type Terminal } from '../shared/command-line/terminal.ts';
import type { OptionShapes } from '../shared/command-line/words.ts';
import { quoted } from '../shared/printable.ts';
import { exitOnSignals } from './process.ts';

/** A program, for its command line: what it takes, and what `--help` says. */
export interface Script<O> extends Omit<CommandDescription<O>, 'takesWords' | 'onWord'> {
  /** What its exit statuses mean. */
  readonly exitStatuses: string;
  /** Whether it takes words that are not options. */
  readonly takesWords?: boolean;
}

/**
 * Reads a command line, and does what it asks for.
 *
 * @param perform gets the options, and gives the exit status; not called where only `--help` was asked for
 * @returns exit status: 64, with a sentence on standard error, for a command line that cannot be; 1 where
 *   `perform` fails
 */
export function runScript<O extends OptionShapes>(
  argv: readonly string[],
  terminal: Terminal,
  script: Script<O>,
  perform: (options: Values<O>) => Promise<number>,
): Promise<number> {
  const isJson = script.options['json']?.type === 'boolean';
  return runCommand(isJson ? argv : [], terminal, async () => {
    const options = await readArguments(argv, {
      takesWords: false,
      onWord: (word) => `${quoted(word)} is not an option. See --help.`,
      ...script,
    });
    if (options === undefined) return 0;
    try {
      return await perform(options);
    } catch (error) {
      // What a program says itself, or the system; anything else is a bug, and shown as one.
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      terminal.err(error.message);
      return 1;
    }
  });
}

/** {@link runScript} for this process, which ends at a signal. */
export async function startScript<O extends OptionShapes>(
  script: Script<O>,
  perform: (options: Values<O>) => Promise<number>,
): Promise<void> {
  exitOnSignals();
  process.exitCode = await runScript(process.argv.slice(2), processTerminal(), script, perform);
}
