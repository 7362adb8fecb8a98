import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** How a process ended, and everything that it said. */
export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const SERVICE = 'dist/service/main.js';
export const CLIENT = 'dist/client/main.js';
export const PORT_SHARING = 'dist/shared/tool/main.js';

/**
 * A directory of this test's own for a daemon. When the test ends so does the daemon, and the
 * directory is removed.
 */
export function privateDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'ntps-'));
  onTestFinished(async () => {
    await stopDaemons(directory);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Ends whatever daemon uses `directory`, by the pids that its log names. */
async function stopDaemons(directory: string): Promise<void> {
  const log = path.join(directory, 'daemon.log');
  if (!existsSync(log)) return;
  const pids = [...readFileSync(log, 'utf8').matchAll(/ started pid=(\d+)/g)].map(([, pid]) =>
    Number(pid),
  );
  for (const pid of pids) if (isDaemon(pid)) process.kill(pid, 'SIGKILL');
  while (pids.some(isDaemon)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether `pid` is a daemon of the suite: pids are used again. */
export function isDaemon(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const file = `/proc/${pid}/cmdline`;
    if (!existsSync('/proc/self/cmdline')) return true;
    const command = readFileSync(file, 'utf8');
    return (
      command.includes('port-sharing') &&
      !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    );
  } catch {
    return false;
  }
}

export interface CommandOptions {
  /** Directory of the daemon; see {@link privateDirectory}. */
  readonly directory?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** How many descriptors it may have open (`ulimit -n`). */
  readonly descriptors?: number;
  /** Standard input in full; without it, it stays open. */
  readonly input?: string | Uint8Array;
}

/** One real process of the suite. It is killed when the test ends, whatever the test did. */
export class Command {
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';

  constructor(entry: string, args: readonly string[], options: CommandOptions = {}) {
    const command = [process.execPath, entry, ...args];
    const [program = '', ...words] =
      options.descriptors === undefined
        ? command
        : ['/bin/sh', '-c', `ulimit -n ${options.descriptors} && exec "$@"`, 'sh', ...command];
    this.#child = spawn(program, words, {
      stdio: 'pipe',
      env: {
        ...process.env,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        NODE_OPTIONS: undefined,
        NET_TCP_PORT_SHARING_DIR: options.directory,
        ...options.env,
      },
    });
    this.#child.stdin.on('error', () => {});
    if (options.input !== undefined) this.#child.stdin.end(options.input);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.finished = once(this.#child, 'close').then(([status, signal]) => ({
      status: status as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
    onTestFinished(async () => {
      this.#child.kill('SIGKILL');
      await this.finished;
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until standard output, or standard error, holds `text`. */
  async said(text: string): Promise<void> {
    const died = this.finished.then((end) => {
      if (`${end.stdout}${end.stderr}`.includes(text)) return;
      throw new Error(`ended before it said ${JSON.stringify(text)}: ${JSON.stringify(end)}`);
    });
    while (!`${this.#stdout}${this.#stderr}`.includes(text)) {
      await Promise.race([
        once(this.#child.stdout, 'data'),
        once(this.#child.stderr, 'data'),
        died,
      ]);
    }
  }

  /** Waits for the first line of standard output and reads it as JSON. */
  async ready(): Promise<Readonly<Record<string, unknown>>> {
    await this.said('\n');
    const [line = ''] = this.#stdout.split('\n', 1);
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Closes the other end of its standard output. */
  stopReading(): void {
    this.#child.stdout.destroy();
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Runs a command to its end. */
export function runCommand(
  entry: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  return new Command(entry, args, { input: '', ...options }).finished;
}

/** A service of the suite, on a free port. */
export async function startService(
  directory: string | undefined,
  args: readonly string[] = ['--port', '0'],
  env: NodeJS.ProcessEnv = {},
): Promise<{
  readonly service: Command;
  readonly number: string;
  readonly port: string;
  readonly address: string;
}> {
  const service = new Command(SERVICE, ['--json', ...args], {
    env,
    ...(directory === undefined ? {} : { directory }),
  });
  const { number, address } = await service.ready();
  const port = /:(\d+)\//.exec(String(address))?.[1] ?? '';
  return { service, number: String(number), port, address: String(address) };
}
