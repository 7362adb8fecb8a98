import type { Contract, Implementation } from '../../../contract/contract.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Binding } from '../../binding.ts';
import { methodsOf } from '../../dispatch/methods.ts';
import type { OnOperationError } from '../../dispatch/operation-errors.ts';
import type { MakeCallbacks } from '../session-owner.ts';

/** Loads what takes callbacks. */
export type LoadCallbacks = () => Promise<MakeCallbacks>;

/**
 * Checks an implementation of a contract's callbacks. What takes them is loaded when a session opens: most clients
 * never need it.
 *
 * @param onError told of what it throws; default: a line on standard error
 * @returns `undefined` for a contract without callbacks
 * @throws {NetTcpError} `Usage` if it is missing, incomplete, or nothing that the contract has
 */
export function callbackLoader(
  { name, callback }: Contract,
  implementation: object | undefined,
  via: string,
  { limits, includeExceptionDetailInFaults }: Binding,
  onError: OnOperationError | undefined,
): LoadCallbacks | undefined {
  if (callback === undefined) {
    if (implementation === undefined) return undefined;
    throw new NetTcpError('Usage', `The contract ${name} has no callbacks: leave callback out.`);
  }
  if (implementation === undefined) {
    const text = `The contract ${name} has callbacks: createChannel(address, { callback: { … } }) takes what implements them.`;
    throw new NetTcpError('Usage', text);
  }
  const methods = methodsOf(callback, implementation as Implementation<Contract>);
  return async () => {
    const [{ CallbackDispatcher }, { errorLines, guarded }] = await Promise.all([
      import('./callback-dispatcher.ts'),
      import('../../dispatch/operation-errors.ts'),
    ]);
    const print = errorLines(limits.maxErrorLinesPerSecond, (line) => process.stderr.write(line));
    const endpoint = {
      contract: callback,
      implementation: methods,
      includeExceptionDetailInFaults,
      isStateful: false,
      acceptsAnyTo: true,
      understood: [],
      guard: undefined,
      onError: guarded(onError ?? print, print),
    };
    return (answers, sink) => new CallbackDispatcher(endpoint, answers, sink, via, limits);
  };
}
