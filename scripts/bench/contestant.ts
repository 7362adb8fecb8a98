import { type ChildProcess, fork } from 'node:child_process';
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
}

/** A contender in action: its service's process and its client's. */
export class Contestant {
  readonly name: string;
  readonly #service: ChildProcess;
  readonly #client: ChildProcess;
  readonly #directory: string;
  /** Process between client and service, where there is one. */
  readonly between: number | undefined;

  private constructor(
    name: string,
    service: ChildProcess,
    client: ChildProcess,
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
    const execArgv = ['--expose-gc', ...(options.execArgv ?? [])];
    const service = fork(CHILD, ['service', name], { env, execArgv });
    const { target, between } = (await next(service, name)) as {
      readonly target: string;
      readonly between?: number;
    };
    const client = fork(CHILD, ['client', name, target], { env, execArgv });
    await next(client, name);
    return new Contestant(name, service, client, directory, between);
  }

  /** Lets the client measure. */
  async client<C extends Command>(command: C): Promise<Answer<C>> {
    this.#client.send(command);
    return (await next(this.#client, this.name)) as Answer<C>;
  }

  async service<C extends Command>(command: C): Promise<Answer<C>> {
    this.#service.send(command);
    return (await next(this.#service, this.name)) as Answer<C>;
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

async function next(child: ChildProcess, name: string): Promise<unknown> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    const [{ result }] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([status]) => {
        throw new Error(`a process of "${name}" ended with status ${String(status)}`);
      }),
    ])) as [{ readonly result: unknown }];
    return result;
  } finally {
    stop.abort();
  }
}
