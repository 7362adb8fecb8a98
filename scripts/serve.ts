// The child's side of a `Worker`: each message asks for one task.

/** What may be asked of a process, by name. */
export type Tasks = Readonly<Record<string, (options: never) => unknown>>;

/** What goes to the child. */
export interface Question {
  readonly id: number;
  readonly task: string;
  readonly options: unknown;
}

/** What comes from the child. The first message has id 0: it is ready. */
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/**
 * Answers the process that started this one until that has gone; then this one ends, whatever it is doing.
 *
 * @param ready what the worker's `whenReady` resolves with
 */
export function serve(tasks: Tasks, ready?: unknown): void {
  process.on('message', (question: Question) => void answer(tasks, question));
  process.on('disconnect', () => process.exit(0));
  send({ id: 0, result: ready });
}

async function answer(tasks: Tasks, { id, task, options }: Question): Promise<void> {
  try {
    const perform = tasks[task] as ((options: unknown) => unknown) | undefined;
    if (perform === undefined) throw new Error(`there is no task ${task}`);
    send({ id, result: await perform(options) });
  } catch (error) {
    send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function send(message: Answer): void {
  process.send?.(message);
}
