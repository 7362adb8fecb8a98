import type { CallOptions, Operation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { checkCallOptions, NO_OPTIONS } from './call-options.ts';

/** What carries the calls of a proxy. */
export interface Caller {
  call(operation: Operation, args: readonly unknown[], options: CallOptions): Promise<unknown>;
}

/** The method of a proxy for an operation: it takes the arguments and, after them, {@link CallOptions}. */
export function methodFor(
  caller: Caller,
  operation: Operation,
): (...args: unknown[]) => Promise<unknown> {
  const count = operation.parameters.length;
  return (...args) => {
    if (args.length === count) return caller.call(operation, args, NO_OPTIONS);
    if (args.length !== count + 1) {
      const text = `${operation.name} takes ${count} arguments, and options after them; it got ${args.length}`;
      return Promise.reject(new NetTcpError('Usage', text));
    }
    try {
      const options = checkCallOptions(`a call of ${operation.name}`, args[count]);
      return caller.call(operation, args.slice(0, count), options);
    } catch (error) {
      return Promise.reject(NetTcpError.from(error));
    }
  };
}
