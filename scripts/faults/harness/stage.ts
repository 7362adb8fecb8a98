import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DaemonStatus } from '../../../shared/port-sharing/handshake/messages.ts';
import { connectToDaemon } from '../../../shared/port-sharing/handshake/connect.ts';
import {
  DIRECTORY_VARIABLE,
  type Paths,
  resolvePaths,
} from '../../../shared/port-sharing/machine/paths.ts';
import { LIMITS_VARIABLE } from '../../../shared/port-sharing/machine/limits-variable.ts';
import { nativeFor, TRANSFER_VARIABLE } from '../../../shared/port-sharing/machine/load-native.ts';
import { withLimits } from '../../../shared/limits.ts';
import { Child, type ChildOptions } from './child.ts';
import { pause, until } from './clock.ts';
import type { LoadOptions } from './figures.ts';
import { isAlive, processesOf } from '../../proc.ts';

const COMMAND = fileURLToPath(new URL('../../../shared/tool/main.js', import.meta.url));
const DAEMON = 'port-sharing/daemon/main.js';

export interface StageOptions {
  readonly transfer: 'hand-over' | 'relay';
  /** Limits of daemons, as `NET_TCP_PORT_SHARING_LIMITS` takes them. */
  readonly limits?: string;
}

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly status: number;
  readonly output: string;
}

/** Where a fault is played: a private directory, a free port, and every process that was started. */
export class Stage {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly port: number;
  readonly #children = new Set<Child>();

  private constructor(directory: string, port: number, { transfer, limits }: StageOptions) {
    this.directory = directory;
    this.port = port;
    this.env = {
      ...process.env,
      NODE_OPTIONS: '',
      [DIRECTORY_VARIABLE]: directory,
      [TRANSFER_VARIABLE]: transfer,
      [LIMITS_VARIABLE]: limits ?? '',
    };
    this.paths = resolvePaths(this.env);
  }

  static async create(options: StageOptions): Promise<Stage> {
    const directory = mkdtempSync(path.join(tmpdir(), 'faults-'));
    return new Stage(directory, await freePort(), options);
  }

  /** Starts a process of `processes/`. */
  start(script: string, name: string, options: Partial<ChildOptions> = {}): Child {
    const child = new Child(script, name, { env: this.env, ...options });
    this.#children.add(child);
    return child;
  }

  /** Starts a service, and opens it under one number or more. */
  async service(
    numbers: readonly number[],
    options: Partial<ChildOptions> & { readonly limits?: Readonly<Record<string, number>> } = {},
  ): Promise<Child> {
    const { limits = {}, ...childOptions } = options;
    const child = this.start('service', `service ${numbers[0] ?? ''}`, childOptions);
    await child.ask('open', { port: this.port, numbers, limits });
    return child;
  }

  /** Services numbered from 1. */
  services(count: number): Promise<readonly Child[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.service([index + 1])));
  }

  /** Starts a load, which begins at once. */
  async load(options: LoadOptions): Promise<Child> {
    const child = this.start('load', 'load');
    await child.ask('start', options);
    return child;
  }

  /** Where the service with that number is. */
  address(number: number, name = 'calculator'): string {
    return `net.tcp://127.0.0.1:${this.port}/${name}/${number}`;
  }

  /** Process ids of the daemons that run for this directory. */
  daemons(): readonly number[] {
    return processesOf(DAEMON, `${DIRECTORY_VARIABLE}=${this.directory}`);
  }

  /** What the daemon says of itself, or `undefined` when none answers. */
  async status(): Promise<DaemonStatus | undefined> {
    const native = await nativeFor('');
    const link = await connectToDaemon(this.paths, native, withLimits(), 'tool').catch(() => {});
    if (link === undefined) return undefined;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => link.control.close('no answer'), 5_000);
      link.control.onMessage = (message) => {
        if (message.type !== 'status') return;
        resolve(message.status);
        link.control.close();
      };
      link.control.onClose = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
      link.control.send({ type: 'status' });
    });
  }

  /** Waits for a daemon, other than `notPid`, with that many registrations. @returns its status */
  async ready(registrations: number, notPid = 0, timeoutMs = 10_000): Promise<DaemonStatus> {
    let status: DaemonStatus | undefined;
    await until(async () => {
      status = await this.status();
      return status?.registrations.length === registrations && status.pid !== notPid;
    }, timeoutMs);
    if (status === undefined) throw new Error(`no daemon answers. ${this.logTail()}`);
    return status;
  }

  /** Runs `net-tcp-port-sharing` with these arguments, to its end. */
  command(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [COMMAND, ...args], {
        env: { ...this.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.on('close', (status) => resolve({ status: status ?? -1, output: output.trim() }));
    });
  }

  log(): string {
    try {
      return readFileSync(this.paths.log, 'utf8');
    } catch {
      return '';
    }
  }

  logTail(): string {
    return `The daemon's log ends with:\n${this.log().split('\n').slice(-12).join('\n')}`;
  }

  /** Ends every process, and removes the directory. @returns what would not end */
  async close(): Promise<readonly string[]> {
    await Promise.all([...this.#children].map((child) => child.end()));
    const daemons = this.daemons();
    if (process.platform !== 'linux') await this.command(['stop']);
    for (const pid of daemons) kill(pid);
    await until(() => !daemons.some(isAlive), 2_000);
    await pause(0);
    const left = this.daemons().map((pid) => `daemon ${pid}`);
    rmSync(this.directory, { recursive: true, force: true });
    return left;
  }

  /** The same at once, for a process that is ending. */
  abandon(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const pid of this.daemons()) kill(pid);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Sends a signal to one process, if it is still there. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // 0 and less stand for many: for this one, and whoever started it, too.
  if (pid <= 0) throw new RangeError(`${pid} is no process`);
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

/** A port that nobody has at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
