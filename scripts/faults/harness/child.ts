import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a process is started. */
export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Most descriptors that it may have open. */
  readonly descriptors?: number | undefined;
  /** User to run as; only root can choose. */
  readonly uid?: number | undefined;
  readonly nodeOptions?: readonly string[] | undefined;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** A process of its own that answers what it is asked: a service, a load, an attacker. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #isOver = false;
  #setReady: () => void = () => {};
  readonly #ready = new Promise<void>((resolve) => (this.#setReady = resolve));
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;

  /** @param script name of a file in `processes/`, without its ending */
  constructor(script: string, name: string, options: ChildOptions) {
    this.name = name;
    const file = fileURLToPath(new URL(`../processes/${script}.js`, import.meta.url));
    const command = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      ...(options.nodeOptions ?? []),
      file,
    ];
    const [program = '', ...args] =
      options.descriptors === undefined
        ? command
        : ['/bin/sh', '-c', `ulimit -n ${options.descriptors} && exec "$@"`, 'sh', ...command];
    this.#process = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: options.env,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    this.#process.on('message', (message) => this.#onMessage(message as Answer));
    this.ended = new Promise((resolve) => {
      const over = (why: string): void => {
        this.#isOver = true;
        for (const { reject } of this.#waiting.values()) reject(new Error(`${name}: ${why}`));
        this.#waiting.clear();
        this.#setReady();
        resolve();
      };
      this.#process.on('error', (error) => over(error.message));
      this.#process.on('exit', (status, signal) => over(`it ended (${signal ?? status ?? '?'})`));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return !this.#isOver;
  }

  /** Has the process do something. @returns what it answers; rejects when it fails, or ends before that */
  async ask<T>(task: string, options: unknown = {}): Promise<T> {
    await this.#ready;
    if (this.#isOver) throw new Error(`${this.name} has ended`);
    return await new Promise<T>((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, task, options }, () => {}); // its end is told by 'exit'
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#process.kill(signal); // Node knows whether there is a process
  }

  /** Ends it, stopped or not, and waits for that. */
  async end(): Promise<void> {
    this.kill('SIGKILL');
    await this.ended;
  }

  #onMessage({ ready, id = 0, result, error }: Answer): void {
    if (ready === true) return this.#setReady();
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new Error(`${this.name}: ${error}`));
  }
}

interface Answer {
  readonly ready?: boolean;
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}
