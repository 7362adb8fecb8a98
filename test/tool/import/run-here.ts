import { Chalk } from 'chalk';
import { run } from '../../../shared/tool/command.ts';

/** A command that has ended. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process: starting one for each row would take longer than all the rows. */
export async function runHere(args: readonly string[]): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const terminal = {
    out: (line: string) => void (stdout += `${line}\n`),
    write: (text: string) => void (stdout += text),
    err: (line: string) => void (stderr += `${line}\n`),
    paint: new Chalk({ level: 0 }),
    columns: undefined,
    lost: new AbortController().signal,
    written: async () => undefined,
  };
  const status = await run(args, terminal, new AbortController().signal);
  return { status, stdout, stderr };
}
