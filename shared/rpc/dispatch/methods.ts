import { streamIn, withStream } from '../../contract/message.ts';
import type { Contract, Implementation, Operation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { streamOf } from '../streams/whole-stream.ts';

type Method = (...args: unknown[]) => unknown;
/** The methods of an implementation, bound. */
export type Methods = ReadonlyMap<Operation, Method>;

/**
 * Checks, once, that every operation has a method, and binds the methods: no name from the network is ever
 * looked up on the implementation object.
 *
 * @throws {NetTcpError} `Usage` naming the operation that is missing
 */
export function methodsOf<C extends Contract>(
  contract: C,
  implementation: Implementation<C>,
): Methods {
  const methods = new Map<Operation, Method>();
  for (const operation of contract.operations.values()) {
    const { method: name } = operation;
    const method: unknown = (implementation as Record<string, unknown>)[name];
    if (typeof method !== 'function') {
      throw new NetTcpError(
        'Usage',
        `the implementation of ${contract.name} has no method ${name}`,
      );
    }
    const bound = method.bind(implementation) as Method;
    methods.set(operation, operation.streamsRequest ? takingStream(bound, operation) : bound);
  }
  return methods;
}

/** Calls a method with its arguments, and the context behind them. */
export function invoke(method: Method, args: readonly unknown[], context: unknown): unknown {
  // By number of arguments: pushing the context would double the array that each call allocates.
  switch (args.length) {
    case 0:
      return method(context);
    case 1:
      return method(args[0], context);
    case 2:
      return method(args[0], args[1], context);
    default:
      return method(...args, context);
  }
}

/** Buffered, a stream is there as a whole before the call is made. */
function takingStream(method: Method, { request }: Operation): Method {
  return (given, ...rest) => {
    const stream = streamIn(request, given);
    const isWhole = stream instanceof Uint8Array;
    return method(isWhole ? withStream(request, given, streamOf(stream)) : given, ...rest);
  };
}

/** Whether a method has returned a promise, or what is awaited like one. */
export function isThenable(value: unknown): boolean {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && 'then' in value && typeof value.then === 'function';
}
