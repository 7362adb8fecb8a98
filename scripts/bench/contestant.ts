import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Command } from './commands.ts';
import { stopDaemon } from './daemon.ts';
import { remove, temporaryDirectory } from './temporary.ts';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

export interface ContestantOptions {
  /** Node's options for both processes, such as `--cpu-prof`. */
  readonly execArgv?: readonly string[];
  /** The service, and what it starts, on the first core, the client on the second, where that can be had. */
  readonly onCoresOfTheirOwn?: boolean;
}

/** A contender's service or client, in a process of its own. */
export class Half {
  readonly #name: string;
  readonly #process: ChildProcess;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#process = child;
  }

  /**
   * Resolves when it is ready.
   *
   * @param words its role and, of a client, its target
   * @returns the process, and what it says of itself
   */
  static async start(
    name: string,
    [role, ...target]: readonly ['service'] | readonly ['client', string],
    { execArgv = [], onCoresOfTheirOwn = false }: ContestantOptions = {},
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<{ readonly half: Half; readonly ready: unknown }> {
    const node = ['--expose-gc', ...execArgv];
    const core = role === 'service' ? '0' : '1';
    const how =
      onCoresOfTheirOwn && hasCores()
        ? { execPath: 'taskset', execArgv: ['-c', core, process.execPath, ...node] }
        : { execArgv: node };
    const child = fork(CHILD, [role, name, ...target], { env, ...how });
    const half = new Half(name, child);
    return { half, ready: await half.#next() };
  }

  async ask<C extends Command>(command: C): Promise<Answer<C>> {
    this.#process.send(command);
    return (await this.#next()) as Answer<C>;
  }

  async #next(): Promise<unknown> {
    const stop = new AbortController();
    const { signal } = stop;
    try {
      const [{ result }] = (await Promise.race([
        once(this.#process, 'message', { signal }),
        once(this.#process, 'exit', { signal }).then(([status]) => {
          throw new Error(`a process of "${this.#name}" ended with status ${String(status)}`);
        }),
      ])) as [{ readonly result: unknown }];
      return result;
    } finally {
      stop.abort();
    }
  }
}

/** Whether processes can be bound to cores here. */
let cores: boolean | undefined;

function hasCores(): boolean {
  return (cores ??= spawnSync('taskset', ['-c', '0,1', 'true']).status === 0);
}

/** A contender in action: its service's process and its client's. */
export class Contestant {
  readonly name: string;
  readonly #service: Half;
  readonly #client: Half;
  readonly #directory: string;
  /** Process between client and service, where there is one. */
  readonly between: number | undefined;

  private constructor(
    name: string,
    service: Half,
    client: Half,
    directory: string,
    between: number | undefined,
  ) {
    this.name = name;
    this.#service = service;
    this.#client = client;
    this.#directory = directory;
    this.between = between;
  }

  static async start(name: string, options: ContestantOptions = {}): Promise<Contestant> {
    // A daemon of its own, for those that share ports.
    const directory = temporaryDirectory();
    const env = { ...process.env, NET_TCP_PORT_SHARING_DIR: directory };
    const { half: service, ready } = await Half.start(name, ['service'], options, env);
    const { target, between } = ready as { readonly target: string; readonly between?: number };
    const { half: client } = await Half.start(name, ['client', target], options, env);
    return new Contestant(name, service, client, directory, between);
  }

  /** Lets the client measure. */
  client<C extends Command>(command: C): Promise<Answer<C>> {
    return this.#client.ask(command);
  }

  service<C extends Command>(command: C): Promise<Answer<C>> {
    return this.#service.ask(command);
  }

  async end(): Promise<void> {
    await this.client({ do: 'end' });
    await this.service({ do: 'end' });
    await stopDaemon(this.#directory);
    remove(this.#directory);
  }
}

/** Resident octets of any process, or `undefined` where the system does not say. */
export function residentOctets(pid: number): number | undefined {
  try {
    const [, kibibytes] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
  } catch {
    return undefined;
  }
}
