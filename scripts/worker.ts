import { RunningProcess } from './process.ts';
import type { ProcessOptions } from './spawn.ts';
import type { Answer, Question } from './serve.ts';

export interface WorkerOptions extends Omit<ProcessOptions, 'hasMessages' | 'input' | 'shows'> {
  /** Options for Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[] | undefined;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

const READY = 0;

/** A Node process that performs the tasks it is asked for: the other side of `serve`. */
export class Worker extends RunningProcess {
  readonly name: string;
  /** Resolves, when it is ready, with what it says of itself. Rejects if it ends before. */
  readonly whenReady: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = READY + 1;

  /**
   * @param name for messages about it
   * @param command file to run, and arguments
   */
  constructor(name: string, command: readonly string[], options: WorkerOptions = {}) {
    const { nodeOptions = [], ...processOptions } = options;
    super([process.execPath, ...nodeOptions, ...command], { ...processOptions, hasMessages: true });
    this.name = name;
    this.whenReady = new Promise((resolve, reject) =>
      this.#waiting.set(READY, { resolve, reject }),
    );
    // A failure is told to those who ask.
    this.whenReady.catch(() => {});
    this.child.on('message', (answer: Answer) => this.#onAnswer(answer));
    void this.finished.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${name} ${this.how}`));
      this.#waiting.clear();
    });
  }

  /**
   * Asks it to perform a task.
   *
   * @returns what it answers
   * @throws {Error} if it fails, or ends before it has answered
   */
  async ask<T>(task: string, options: unknown = {}): Promise<T> {
    await this.whenReady;
    if (!this.isRunning) throw new Error(`${this.name} has ended`);
    return await new Promise<T>((resolve, reject) => {
      const question: Question = { id: this.#nextId++, task, options };
      this.#waiting.set(question.id, { resolve, reject });
      this.child.send(question, () => {}); // a failure is told by its end
    });
  }

  #onAnswer({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new Error(`${this.name}: ${error}`));
  }
}
