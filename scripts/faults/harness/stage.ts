import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Received } from '../../../shared/printable.ts';
import type { DaemonStatus } from '../../../shared/port-sharing/handshake/status.ts';
import {
  DIRECTORY_VARIABLE,
  type Paths,
  resolvePaths,
} from '../../../shared/port-sharing/machine/paths.ts';
import { LIMITS_VARIABLE } from '../../../shared/port-sharing/machine/environment/limits-variable.ts';
import { TRANSFER_VARIABLE } from '../../../shared/port-sharing/machine/load-native.ts';
import { askStatus } from '../../../shared/tool/context.ts';
import { Authority, type Issued } from '../../certificates.ts';
import { freePort } from '../../free-port.ts';
import { sleep } from '../../../shared/time.ts';
import { CA_VARIABLE } from './client.ts';
import { until, within } from './clock.ts';
import type { LoadOptions } from './figures.ts';
import { isAlive, processesOf } from '../../proc.ts';
import { run } from '../../run.ts';
import type { ProcessOptions } from '../../spawn.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import { Worker, type WorkerOptions } from '../../worker.ts';

const DAEMON = 'port-sharing/daemon/main.cjs';
const DIST = new URL('../../../', import.meta.url);
/** The suite's commands. */
const COMMANDS = {
  service: 'service/main.cjs',
  client: 'client/main.cjs',
  tool: 'shared/tool/main.cjs',
} as const;
const PROCESSES = new URL('../processes/', import.meta.url);
const COMMAND_DEADLINE_MS = 60_000;
const STATUS_MS = 5_000;

interface StageOptions {
  readonly transfer: 'hand-over' | 'relay';
  /** Limits of daemons, as `NET_TCP_PORT_SHARING_LIMITS` takes them. */
  readonly limits?: string;
  /** How services and the load are secured. */
  readonly security?: 'none' | 'tls';
  /** Limits of services, where they are not told others. */
  readonly serviceLimits?: Readonly<Record<string, number>>;
}

/** The certificates of a stage. */
interface StageTls {
  readonly authority: Authority;
  readonly service: Issued;
}

function makeTls(directory: string): StageTls {
  const files = path.join(directory, 'certificates');
  mkdirSync(files);
  const authority = new Authority(files);
  return { authority, service: authority.issue('service', { name: 'service' }) };
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
  /** Files of what services show to their clients, where they are secured. */
  readonly tls: StageTls | undefined;
  readonly #serviceLimits: Readonly<Record<string, number>>;
  readonly #workers = new Set<Worker>();

  private constructor(
    directory: string,
    port: number,
    { transfer, limits, security, serviceLimits = {} }: StageOptions,
  ) {
    this.directory = directory;
    this.port = port;
    this.#serviceLimits = serviceLimits;
    this.tls = security === 'tls' ? makeTls(directory) : undefined;
    this.env = {
      ...process.env,
      NODE_OPTIONS: '',
      [DIRECTORY_VARIABLE]: directory,
      [TRANSFER_VARIABLE]: transfer,
      [LIMITS_VARIABLE]: limits ?? '',
      [CA_VARIABLE]: this.tls?.authority.path ?? '',
    };
    this.paths = resolvePaths(this.env);
  }

  static async create(options: StageOptions): Promise<Stage> {
    return new Stage(temporaryDirectory(), await freePort(), options);
  }

  /** Starts a process of `processes/`. @param script name of its file, without its ending */
  start(script: string, name: string, options: WorkerOptions = {}): Worker {
    const { nodeOptions = [], ...others } = options;
    const worker = new Worker(name, [fileURLToPath(new URL(`${script}.js`, PROCESSES))], {
      env: this.env,
      nodeOptions: ['--disable-warning=ExperimentalWarning', ...nodeOptions],
      ...others,
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Starts a service, and opens it under one or more numbers. */
  async service(
    numbers: readonly number[],
    options: WorkerOptions & {
      readonly limits?: Readonly<Record<string, number>>;
      readonly replicas?: boolean;
    } = {},
  ): Promise<Worker> {
    const { limits = this.#serviceLimits, replicas = false, ...workerOptions } = options;
    const service = this.start('service', `service ${numbers[0] ?? ''}`, workerOptions);
    const tls = this.tls?.service;
    await service.ask('open', { port: this.port, numbers, limits, replicas, tls });
    return service;
  }

  /** Starts services, numbered from 1. */
  services(count: number): Promise<readonly Worker[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.service([index + 1])));
  }

  /** Starts a load, which begins at once. */
  async load(options: LoadOptions): Promise<Worker> {
    const load = this.start('load', 'load');
    await load.ask('start', options);
    return load;
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
  status(): Promise<Received<DaemonStatus> | undefined> {
    const status = askStatus(this.paths).catch(() => undefined);
    return within(STATUS_MS, status);
  }

  /** Waits for a daemon, not `notPid`, with that many registrations. @returns the last status, in any case */
  async ready(
    registrations: number,
    notPid = 0,
    timeoutMs = 10_000,
  ): Promise<Received<DaemonStatus>> {
    let status: Received<DaemonStatus> | undefined;
    await until(async () => {
      status = await this.status();
      return status?.registrations.length === registrations && status.pid !== notPid;
    }, timeoutMs);
    if (status === undefined) throw new Error(`no daemon answers. ${this.logTail()}`);
    return status;
  }

  /** Runs `net-tcp-port-sharing` with these arguments, to its end. */
  command(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
    return this.run('tool', args, { env: { ...this.env, ...env } });
  }

  /** Runs one of the suite's commands to its end. */
  async run(
    name: keyof typeof COMMANDS,
    args: readonly string[],
    options: ProcessOptions = {},
  ): Promise<CommandResult> {
    const command = [process.execPath, fileURLToPath(new URL(COMMANDS[name], DIST)), ...args];
    const { status, stdout, stderr } = await run(command, {
      env: this.env,
      deadlineMs: COMMAND_DEADLINE_MS,
      ...options,
    });
    return { status: status ?? -1, output: `${stdout}${stderr}`.trim() };
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

  /** Ends every process, and removes the directory. @returns the daemons that did not end */
  async close(): Promise<readonly string[]> {
    await Promise.all([...this.#workers].map((worker) => worker.end()));
    const daemons = this.daemons();
    if (process.platform !== 'linux') await this.command(['stop']);
    for (const pid of daemons) kill(pid);
    await until(() => !daemons.some(isAlive), 2_000);
    await sleep(0);
    const left = this.daemons().map((pid) => `daemon ${pid}`);
    removeDirectory(this.directory);
    return left;
  }

  /** Ends daemons at once, when this process is ending and all others that it started end with it. */
  abandon(): void {
    for (const pid of this.daemons()) kill(pid);
  }
}

/** Sends a signal to one process, if it is still there. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // 0 and less stand for many processes: this one too, and the one that started it.
  if (pid <= 0) throw new RangeError(`${pid} is no process`);
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
