import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RunningProcess } from '../../../scripts/process.ts';
import { output } from '../../../scripts/run.ts';
import { buildDotnet, reasonOf, ROOT } from '../peers.ts';

const SAYS_WITHIN_MS = 30_000;
/** The programs are beside the source of this file, also when its built form runs. */
const HERE = join(ROOT, 'test/interop/secured');

/** A program that says what happened as lines of JSON. */
export interface Talker {
  readonly command: string;
  readonly args: readonly string[];
}

export interface Missing {
  readonly missing: string;
}

/** One line of a program. */
export type Said = Readonly<Record<string, unknown>>;

/** MIT's GSSAPI, through Debian's python3-gssapi. */
export async function findGssapi(): Promise<Talker | Missing> {
  // Debian's package belongs to Debian's Python, whatever else is first in the path.
  const command = '/usr/bin/python3';
  try {
    await output([command, '-c', 'import gssapi']);
    return { command, args: [join(HERE, 'gss_initiator.py')] };
  } catch {
    return { missing: `${command} has no module gssapi (Debian: python3-gssapi)` };
  }
}

/** What makes NTLM of GSSAPI; .NET uses it, too. */
export function ntlmIsMissing(): string | undefined {
  if (existsSync('/etc/gss/mech.d/mech.ntlmssp.conf')) return undefined;
  return 'no NTLM in GSSAPI (Debian: gss-ntlmssp)';
}

/** A program of peers/dotnet/. */
export async function findDotnet(
  program: string,
  beside: readonly string[] = [],
): Promise<Talker | Missing> {
  try {
    const { out } = await buildDotnet(program, beside);
    return { command: 'dotnet', args: [out] };
  } catch (error) {
    return { missing: `.NET's SDK cannot build ${program}: ${reasonOf(error)}` };
  }
}

/** A program that runs, and what it says line by line. */
export class RunningTalker {
  readonly #process: RunningProcess;

  constructor({ command, args }: Talker, more: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = new RunningProcess([command, ...args, ...more], { env });
  }

  /** The next line. @throws {Error} with what the program complained of if there is none */
  async said(): Promise<Said> {
    return JSON.parse(await this.#process.nextLine(SAYS_WITHIN_MS));
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/** The only line that a program says. */
export async function listenTo(
  talker: Talker,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Said> {
  const running = new RunningTalker(talker, args, env);
  try {
    return await running.said();
  } catch (error) {
    running.kill();
    throw error;
  }
}
