import type { Contract, Implementation } from '../../../contract/contract.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Binding } from '../../binding.ts';
import { methodsOf } from '../../dispatch/methods.ts';
import type { OnCall } from '../../call-events.ts';
import type { OnOperationError } from '../../dispatch/operation-errors.ts';
import type { MakeCallbacks } from '../session-owner.ts';

/** Loads what takes callbacks. */
export type LoadCallbacks = () => Promise<MakeCallbacks>;

interface CallbackHooks {
  readonly onError: OnOperationError | undefined;
  readonly onCall: OnCall | undefined;
}

/**
 * Checks an implementation of a contract's callbacks. What takes them is loaded when a session opens: most clients
 * never need it.
 *
 * @param hooks told of what it throws, by default on standard error, and of each call
 * @returns `undefined` for a contract without callbacks
 * @throws {NetTcpError} `Usage` if it is missing, incomplete, or nothing that the contract has
 */
export function callbackLoader(
  { name, callback }: Contract,
  implementation: object | undefined,
  via: string,
  { limits, includeExceptionDetailInFaults }: Binding,
  { onError, onCall }: CallbackHooks,
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
    const [{ CallbackDispatcher }, { toldOf }] = await Promise.all([
      import('./callback-dispatcher.ts'),
      import('../../dispatch/operation-errors.ts'),
    ]);
    const endpoint = {
      contract: callback,
      implementation: methods,
      includeExceptionDetailInFaults,
      isStateful: false,
      acceptsAnyTo: true,
      understood: [],
      guard: undefined,
      onError: toldOf(onError, limits),
      onCall,
      counts: { calls: 0, faults: 0 },
    };
    return (answers, sink) => new CallbackDispatcher(endpoint, answers, sink, via, limits);
  };
}
