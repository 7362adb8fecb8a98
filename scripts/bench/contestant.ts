import { fileURLToPath } from 'node:url';
import { run } from '../run.ts';
import { removeDirectory, temporaryDirectory } from '../temporary.ts';
import { Worker } from '../worker.ts';
import type { Answer, Command } from './commands.ts';
import { BuiltPackage, environmentOf, PACKAGE_VARIABLE } from './package.ts';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

export interface ContestantOptions {
  /** Node's options for both processes, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Whether the service, and what it starts, has the first core and the client the second, where possible. */
  readonly onCoresOfTheirOwn?: boolean;
  /** The package that our own contenders use. Default: this commit's. */
  readonly suite?: BuiltPackage;
}

/** A contender's service or client, in a process of its own. */
export class Half {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /**
   * Starts it, and resolves when it is ready.
   *
   * @param words its role, and a client's target
   * @returns the process, and what it says of itself
   */
  static async start(
    name: string,
    words: readonly ['service'] | readonly ['client', string],
    { nodeOptions = [], onCoresOfTheirOwn = false, suite }: ContestantOptions = {},
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<{ readonly half: Half; readonly ready: unknown }> {
    const [role, ...target] = words;
    const isBound = onCoresOfTheirOwn && (await hasCores());
    const worker = new Worker(`the ${role} of "${name}"`, [CHILD, role, name, ...target], {
      nodeOptions: ['--expose-gc', ...nodeOptions],
      env: suite === undefined ? env : { ...env, [PACKAGE_VARIABLE]: suite.root },
      ...(isBound ? { core: role === 'service' ? 0 : 1 } : {}),
    });
    return { half: new Half(worker), ready: await worker.whenReady };
  }

  async ask<C extends Command>(command: C): Promise<Answer<C>> {
    return await this.#worker.ask<Answer<C>>(command.do, command);
  }

  /** Lets it close what it has open; then it ends. */
  async end(): Promise<void> {
    await this.#worker.ask('close');
    await this.#worker.stop('SIGTERM');
  }
}

let cores: Promise<boolean> | undefined;

/** Whether processes can be bound to cores here. */
function hasCores(): Promise<boolean> {
  return (cores ??= run(['taskset', '-c', '0,1', 'true']).then(({ status }) => status === 0));
}

/** A contender in action: its service's process and its client's. */
export class Contestant {
  readonly name: string;
  readonly #service: Half;
  readonly #client: Half;
  readonly #directory: string;
  readonly #suite: BuiltPackage;
  /** Id of the process between client and service, where there is one. */
  readonly between: number | undefined;

  private constructor(
    name: string,
    [service, client]: readonly [service: Half, client: Half],
    [directory, suite]: readonly [directory: string, suite: BuiltPackage],
    between: number | undefined,
  ) {
    this.name = name;
    this.#service = service;
    this.#client = client;
    this.#directory = directory;
    this.#suite = suite;
    this.between = between;
  }

  static async start(name: string, options: ContestantOptions = {}): Promise<Contestant> {
    // A daemon of its own, for those that share ports.
    const directory = temporaryDirectory();
    const env = environmentOf(directory);
    const { half: service, ready } = await Half.start(name, ['service'], options, env);
    const { target, between } = ready as { readonly target: string; readonly between?: number };
    const { half: client } = await Half.start(name, ['client', target], options, env);
    const suite = options.suite ?? new BuiltPackage();
    return new Contestant(name, [service, client], [directory, suite], between);
  }

  /** Lets the client measure. */
  client<C extends Command>(command: C): Promise<Answer<C>> {
    return this.#client.ask(command);
  }

  service<C extends Command>(command: C): Promise<Answer<C>> {
    return this.#service.ask(command);
  }

  async end(): Promise<void> {
    await this.#client.end();
    await this.#service.end();
    if (this.between !== undefined) await this.#suite.stopDaemon(this.#directory);
    removeDirectory(this.#directory);
  }
}
