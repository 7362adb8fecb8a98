import type { Contract, Implementation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { methodsOf, type Methods } from './methods.ts';

/** What `perSession` makes: an implementation for each session. */
export class PerSession<I> {
  /** Makes one. @internal */
  readonly create: () => I;

  /** @internal */
  constructor(create: () => I) {
    this.create = create;
  }
}

/**
 * Makes an implementation for each session, with its first call: WCF's InstanceContextMode.PerSession.
 *
 *     host.addEndpoint(ICart, perSession(() => new Cart()), address);
 *
 * When the session ends, whichever way, and its last call is done, the first of `[Symbol.asyncDispose]`,
 * `[Symbol.dispose]` and `close` that the implementation has is called.
 */
export function perSession<I extends object>(create: () => I): PerSession<I> {
  if (typeof create !== 'function') {
    throw new NetTcpError('Usage', 'perSession takes a function that makes an implementation');
  }
  return new PerSession(create);
}

/** What keeps the implementations of one session. */
export interface InstanceKeeper {
  /** The implementation that was made for the session, or `make`'s. */
  instance(of: object, make: () => Instance): Instance;
}

/** An implementation of one session. */
export interface Instance {
  readonly methods: Methods;
  /** Tells it that its session is over. */
  dispose(): unknown;
}

/** Methods that look the implementation of their session up. */
export function instanceMethods<C extends Contract>(
  contract: C,
  perSessionOf: PerSession<Implementation<C>>,
): Methods {
  const make = (): Instance => {
    const implementation = perSessionOf.create();
    const dispose = disposerOf(implementation);
    return { methods: methodsOf(contract, implementation), dispose };
  };
  return new Map(
    Array.from(contract.operations.values(), (operation) => [
      operation,
      (...args: unknown[]) => {
        const { session } = args.at(-1) as { readonly session: InstanceKeeper };
        return session.instance(perSessionOf, make).methods.get(operation)?.(...args);
      },
    ]),
  );
}

function disposerOf(implementation: object): () => unknown {
  const of = implementation as Record<PropertyKey, unknown>;
  for (const name of [Symbol.asyncDispose, Symbol.dispose, 'close']) {
    const method = of[name];
    if (typeof method === 'function') return () => method.call(implementation) as unknown;
  }
  return () => {};
}
