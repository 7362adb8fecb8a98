import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { RunningProcess } from '../../../scripts/process.ts';
import { output } from '../../../scripts/run.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { ROOT } from '../../interop/peers.ts';

const SAYS_WITHIN_MS = 30_000;
/** Sources stand beside the sources of this file, also when it runs as built. */
const HERE = join(ROOT, 'test/security/peers');

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

/** .NET's NegotiateStream; built anew, as there is nothing to fetch. */
export async function buildNegotiateStream(): Promise<(Talker & { remove(): void }) | Missing> {
  const directory = temporaryDirectory();
  const remove = (): void => removeDirectory(directory);
  try {
    await cp(join(HERE, 'negotiate-stream'), directory, { recursive: true });
    const out = join(directory, 'out');
    const options = ['--nologo', '-c', 'Release', '-nodeReuse:false', '-o', out];
    await output(['dotnet', 'build', ...options, directory], {
      env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
      deadlineMs: 300_000,
    });
    return { command: 'dotnet', args: [join(out, 'negotiate-stream.dll')], remove };
  } catch (error) {
    remove();
    return { missing: `.NET's SDK cannot build it: ${String(error).split('\n')[0]}` };
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
