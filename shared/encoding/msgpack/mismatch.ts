import type { Operation } from '../../contract/contract.ts';
import { NetTcpError, type ErrorCode } from '../../errors.ts';

/**
 * A value that is not what the contract says. Never leaves this folder: whoever knows the parameter
 * turns it into a fault or an error that names it.
 */
export class Mismatch extends Error {
  /** From the parameter or result down to the value: `[3].name`. */
  path = '';

  /** @param problem follows the value's name: `must be a double, not a string` */
  constructor(problem: string) {
    super(problem);
  }

  /** @param owner such as `parameter "n1"` */
  describe(owner: string): string {
    return `${owner}${this.path} ${this.message}`;
  }
}

/** Puts the place inside a container in front of the path of whatever was thrown there. */
export function within(step: string, caught: unknown): unknown {
  if (caught instanceof Mismatch) caught.path = step + caught.path;
  return caught;
}

/** What a caller or an implementation is told when its value cannot be written. */
export function unwritable(caught: unknown, code: ErrorCode, owner: string): NetTcpError {
  if (caught instanceof Mismatch) return new NetTcpError(code, caught.describe(owner));
  return NetTcpError.from(caught); // a getter of the value threw, or there is no memory left
}

export function wrongCount({ name, parameters }: Operation, got: number): string {
  const due = parameters.length === 1 ? '1 parameter' : `${parameters.length} parameters`;
  return `operation ${name} takes ${due}, not ${got}`;
}
