import { createInterface, type Interface } from 'node:readline';

/** Where a command reads lines. Tests pass their own. */
export interface Input {
  /** A person types at a terminal, which shows what is typed. */
  readonly isTerminal: boolean;
  /** The next line without its end; `undefined` when there is none any more. */
  line(): Promise<string | undefined>;
  close(): void;
}

/** Standard input; it is not touched before the first line is asked for. */
export function standardInput(): Input {
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  return {
    isTerminal: process.stdin.isTTY,
    async line() {
      reader ??= createInterface({ input: process.stdin, terminal: false });
      lines ??= reader[Symbol.asyncIterator]();
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    close() {
      if (reader === undefined) return;
      reader.close();
      process.stdin.destroy();
    },
  };
}
