import { createInterface, type Interface } from 'node:readline';

/** Where a command reads lines. Tests pass their own. */
export interface Input {
  /** Whether a person types at a terminal, which shows what is typed. */
  readonly isTerminal: boolean;
  /** The next line without its end; `undefined` if there are no more. */
  line(): Promise<string | undefined>;
  /** Whether the last text read ended with a line end: not after other characters and Ctrl-D. */
  hasLineEnd(): boolean;
  close(): void;
}

const LINE_FEED = 10;

/** Standard input; it is not touched before the first line is asked for. */
export function standardInput(): Input {
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  let hasLineEnd = true;
  return {
    isTerminal: process.stdin.isTTY,
    async line() {
      if (reader === undefined) {
        reader = createInterface({ input: process.stdin, terminal: false });
        process.stdin.on('data', (chunk: Buffer) => (hasLineEnd = chunk.at(-1) === LINE_FEED));
      }
      lines ??= reader[Symbol.asyncIterator]();
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    hasLineEnd: () => hasLineEnd,
    close() {
      if (reader === undefined) return;
      reader.close();
      process.stdin.destroy();
    },
  };
}
