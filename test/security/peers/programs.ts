import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ROOT } from '../../interop/peers.ts';

const run = promisify(execFile);
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
    await run(command, ['-c', 'import gssapi']);
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
export async function buildNegotiateStream(): Promise<
  (Talker & { remove(): Promise<void> }) | Missing
> {
  const directory = await mkdtemp(join(tmpdir(), 'negotiate-stream-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await cp(join(HERE, 'negotiate-stream'), directory, { recursive: true });
    const out = join(directory, 'out');
    await run(
      'dotnet',
      ['build', '--nologo', '-c', 'Release', '-nodeReuse:false', '-o', out, directory],
      {
        env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
        timeout: 300_000,
      },
    );
    return { command: 'dotnet', args: [join(out, 'negotiate-stream.dll')], remove };
  } catch (error) {
    await remove();
    return { missing: `.NET's SDK cannot build it: ${String(error).split('\n')[0]}` };
  }
}

/** A program that runs, and what it says line by line. */
export class RunningTalker {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  constructor({ command, args }: Talker, more: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = spawn(command, [...args, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error('no pipes');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr.on('data', (chunk: Uint8Array) => (this.#stderr += chunk.toString()));
  }

  /** The next line. @throws {Error} with what the program complained of if there is none */
  async said(): Promise<Said> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`it said nothing more: ${this.#stderr}`);
    return JSON.parse(value);
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
  const timer = setTimeout(() => running.kill(), 30_000);
  try {
    return await running.said();
  } finally {
    clearTimeout(timer);
  }
}
