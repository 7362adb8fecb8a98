// The child's side of a process that the harness started: it does what it is asked, one message each.

/** What the harness may ask of a process, by name. */
export type Tasks = Readonly<Record<string, (options: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly task: string;
  readonly options: unknown;
}

/**
 * Answers the harness until it is gone; the process then ends, whatever it was doing. A first message
 * says that it is ready.
 */
export function serve(tasks: Tasks): void {
  process.on('message', (question: Question) => void answer(tasks, question));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}

async function answer(tasks: Tasks, { id, task, options }: Question): Promise<void> {
  try {
    const perform = tasks[task] as ((options: unknown) => unknown) | undefined;
    if (perform === undefined) throw new Error(`there is no task ${task}`);
    process.send?.({ id, result: await perform(options) });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ id, error: text });
  }
}
