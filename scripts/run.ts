import { type Finished, RunningProcess } from './process.ts';
import type { ProcessOptions } from './spawn.ts';

/** Runs a command to its end. Its standard input is empty unless `input` is given. */
export function run(command: readonly string[], options: ProcessOptions = {}): Promise<Finished> {
  return new RunningProcess(command, { input: '', ...options }).finished;
}

/**
 * Runs a command that has to end with status 0.
 *
 * @returns what it printed on standard output
 * @throws {Error} if it ends in another way; with what it printed
 */
export async function output(
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<string> {
  const started = new RunningProcess(command, { input: '', ...options });
  const { status, stdout, stderr } = await started.finished;
  if (status === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim();
  throw new Error(
    `${command.slice(0, 3).join(' ')} ${started.how}${said === '' ? '' : `: ${said}`}`,
  );
}
