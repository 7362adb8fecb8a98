import { NetTcpError } from '../errors.ts';
import type { Caller } from '../security/caller.ts';
import { checkOptions, LIST, OBJECT, STRING } from '../options.ts';
import { checkName, type Operation, type OperationDefinition, toOperation } from './operation.ts';
import { reachable } from './types/reachable.ts';
import type { TypeOf, ValueType } from './types/types.ts';

export { type Operation, operation, oneWay, results } from './operation.ts';

type Definitions = Readonly<Record<string, OperationDefinition>>;

/** A service contract: the one place where its operations are defined. */
export interface Contract<D extends Definitions = Definitions> {
  /** Name on the wire, such as `ICalculator`. */
  readonly name: string;
  /** XML namespace of operations and parameters. */
  readonly namespace: string;
  /** By method name; a Map, so that `__proto__` or `toString` from the network find nothing. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** Every type that its messages can have, including those inside others. */
  readonly types: ReadonlySet<ValueType>;
  readonly definitions?: D;
}

type Arguments<O> =
  O extends OperationDefinition<infer P>
    ? { -readonly [I in keyof P]: P[I] extends readonly [string, infer V] ? TypeOf<V> : never }
    : never;
type Result<O> = O extends OperationDefinition<infer _, infer R> ? TypeOf<R> : never;
/** The operations that a contract was defined with. */
type DefinitionsOf<C> = C extends Contract<infer D> ? D : never;

/** What an implementation may want to know of the call it answers. */
export interface OperationContext {
  /** Fires when the caller closed or lost its connection: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Address that the caller used. */
  readonly via: string;
  /** Who calls: `anonymous` if the endpoint's security does not ask. */
  readonly caller: Caller;
}

/** The methods that an implementation of contract `C` has; the context comes last. */
export type Implementation<C> = {
  [O in keyof DefinitionsOf<C>]: (
    ...args: [...Arguments<DefinitionsOf<C>[O]>, context: OperationContext]
  ) => Result<DefinitionsOf<C>[O]> | Promise<Result<DefinitionsOf<C>[O]>>;
};

/** How one call differs from the channel's defaults. */
export interface CallOptions {
  /** Milliseconds from the call to its answer; 0 waits for ever. Default: `sendTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Gives the call up when it fires. */
  readonly signal?: AbortSignal;
}

/** The methods that a proxy for contract `C` has. */
export type Operations<C> = {
  [O in keyof DefinitionsOf<C>]: (
    ...args: [...Arguments<DefinitionsOf<C>[O]>, options?: CallOptions]
  ) => Promise<Result<DefinitionsOf<C>[O]>>;
};

// A proxy has these itself, or JavaScript gives them a meaning (`then` makes it a promise).
const RESERVED = new Set([
  'open',
  'close',
  'abort',
  'unref',
  'state',
  'then',
  'constructor',
  '__proto__',
]);
const CONTRACT_OPTIONS = { name: STRING, namespace: STRING, operations: OBJECT, extends: LIST };

type Inherited<B extends readonly Contract[]> = B extends readonly [
  infer C,
  ...infer Rest extends readonly Contract[],
]
  ? DefinitionsOf<C> & Inherited<Rest>
  : unknown;

/**
 * Makes a contract.
 *
 * @param definition.name       wire name, an XML name such as `ICalculator`
 * @param definition.namespace  default `http://tempuri.org/`, as in WCF
 * @param definition.extends    contracts whose operations it also has, with their names and actions there
 * @throws {NetTcpError} `Usage` if XML or a proxy cannot carry a name, two operations have the same name or
 *   action, or a type holds itself without end
 */
export function defineContract<
  const D extends Definitions,
  const B extends readonly Contract[] = readonly [],
>(definition: {
  readonly name: string;
  readonly namespace?: string;
  readonly extends?: B;
  readonly operations: D;
}): Contract<D & Inherited<B>> {
  checkOptions('defineContract', definition, CONTRACT_OPTIONS);
  const namespace = definition.namespace ?? 'http://tempuri.org/';
  const base = `${namespace}${namespace.endsWith('/') ? '' : '/'}${definition.name}/`;
  const own = Object.entries<OperationDefinition>(definition.operations).map(([method, one]) =>
    toOperation(checkName(method), one, namespace, base),
  );
  const inherited = (definition.extends ?? []).flatMap((contract) => [
    ...contract.operations.values(),
  ]);
  const operations = new Map<string, Operation>();
  for (const operation of new Set([...inherited, ...own])) add(operations, operation);
  const types = reachable(
    [...operations.values()].flatMap(({ parameters, results, faults }) =>
      [...parameters, ...results, ...faults].map(({ type }) => type),
    ),
  );
  return { name: checkName(definition.name), namespace, operations, types };
}

function add(operations: Map<string, Operation>, operation: Operation): void {
  const { name, method, action } = operation;
  if (RESERVED.has(method)) {
    throw new NetTcpError('Usage', `an operation cannot be named "${method}"`);
  }
  for (const other of operations.values()) {
    const isNamed = other.method === method || other.name === name;
    if (!isNamed && other.action !== action) continue;
    const same = isNamed ? `the name "${name}"` : `the action ${action}`;
    throw new NetTcpError('Usage', `two operations of a contract cannot have ${same}`);
  }
  operations.set(method, operation);
}
