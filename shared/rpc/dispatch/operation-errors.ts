import { messageOf, stackOf } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { callHook } from '../hooks.ts';
import { boundedLines } from '../../printable.ts';

/** Where an operation failed. */
export interface FailedOperation {
  /** Its name in the contract. */
  readonly operation: string;
  /** Address that the caller used. */
  readonly via: string;
}

/** Called with what an implementation threw, or with the error of a result that its contract does not allow. */
export type OnOperationError = (error: unknown, where: FailedOperation) => void;

/**
 * Writes a line for each error, up to `maxLines` a second, so that a caller of a broken method fills no disk.
 * The next line says how many were left out.
 */
export function errorLines(maxLines: number, write: (line: string) => void): OnOperationError {
  const tell = boundedLines(maxLines, (line) => write(`${line}\n`));
  return (error, { operation, via }) => tell(`${operation} at ${via} failed: ${describe(error)}`);
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
