import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { Command, PORT_SHARING, privateDirectory } from './command.ts';
import { eventually } from './eventually.ts';

export interface LoggedDaemon {
  readonly command: Command;
  readonly directory: string;
  /** What it has logged. */
  readonly read: () => string;
  /** Waits for a line. */
  readonly logged: (line: RegExp) => Promise<void>;
}

/** A daemon in the foreground that logs to its log file, and has started. @param options of `run` */
export async function loggedDaemon(options: readonly string[] = []): Promise<LoggedDaemon> {
  const directory = privateDirectory();
  const command = new Command(PORT_SHARING, ['run', '--log-file', ...options], { directory });
  const file = path.join(directory, 'daemon.log');
  const read = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const logged = (line: RegExp): Promise<void> =>
    eventually(() => expect(read().split('\n')).toContainEqual(expect.stringMatching(line)));
  await logged(/ started pid=\d+ version=\S+ transfer=\S+/);
  return { command, directory, read, logged };
}
