import { messageOf, stackOf } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { callHook } from '../hooks.ts';
import { printable } from '../../printable.ts';

/** Where an operation failed. */
export interface FailedOperation {
  /** Its name in the contract. */
  readonly operation: string;
  /** Address that the caller used. */
  readonly via: string;
}

/** Called with what an implementation threw, or with the error of a result that its contract does not allow. */
export type OnOperationError = (error: unknown, where: FailedOperation) => void;

const WINDOW_MS = 1_000;
const MAX_LINE_CHARS = 1_024;

/**
 * Writes a line for each error, up to `maxLines` a second, so that a caller of a broken method fills no disk.
 * The next line says how many were left out.
 */
export function errorLines(maxLines: number, write: (line: string) => void): OnOperationError {
  let begunAt = -Infinity;
  let lines = 0;
  let left = 0;
  return (error, { operation, via }) => {
    const now = performance.now();
    if (now - begunAt >= WINDOW_MS) {
      begunAt = now;
      lines = 0;
    }
    if (lines >= maxLines) {
      left += 1;
      return;
    }
    lines += 1;
    const more = left === 0 ? '' : ` (${left} more were not shown)`;
    left = 0;
    const text = `${operation} at ${via} failed: ${describe(error)}${more}`;
    write(`${printable(text, MAX_LINE_CHARS)}\n`);
  };
}

/**
 * Where what an operation threw is told: in the hook, if there is one, or else on standard error. A hook that throws
 * costs no caller its answer: then both errors are told there.
 */
export function toldOf(
  hook: OnOperationError | undefined,
  { maxErrorLinesPerSecond }: Pick<Limits, 'maxErrorLinesPerSecond'>,
): OnOperationError {
  const print = errorLines(maxErrorLinesPerSecond, (line) => process.stderr.write(line));
  if (hook === undefined) return print;
  return (error, where) =>
    callHook(hook, [error, where], (thrown) => {
      print(error, where);
      print(thrown, { ...where, operation: 'onOperationError' });
    });
}

/** `TypeError: message (file:line:column)`: name, message and the place where the error was made. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const place = /^\s+at (?:.*\()?(.+?:\d+:\d+)\)?$/m.exec(stackOf(error) ?? '')?.[1];
  return `${error.name}: ${error.message}${place === undefined ? '' : ` (${place})`}`;
}
