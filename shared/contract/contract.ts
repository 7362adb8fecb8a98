import { NetTcpError } from '../errors.ts';
import type { Caller } from '../security/caller.ts';
import { checkOptions, LIST, OBJECT, STRING } from '../options.ts';
import { reachable } from './reachable.ts';
import { type Field, nothing, type TypeOf, type ValueType } from './types.ts';

type ParameterPair = readonly [name: string, type: ValueType];

/** One operation as `defineContract` takes it. */
export interface OperationDefinition<
  P extends readonly ParameterPair[] = readonly ParameterPair[],
  R extends ValueType = ValueType,
> {
  readonly parameters: P;
  readonly result: R;
  readonly oneWay: boolean;
  readonly faults: readonly ValueType[];
}

/** One operation as encodings and dispatchers see it. */
export interface Operation {
  readonly name: string;
  /** XML namespace of the wrappers around parameters and result. */
  readonly namespace: string;
  readonly parameters: readonly Field[];
  readonly result: ValueType;
  /** What the wrapper of a reply has: the result, or nothing. */
  readonly results: readonly Field[];
  /** The caller gets no answer at all, not even a fault. */
  readonly oneWay: boolean;
  /** Types of the details that its faults may have: WCF's FaultContract. */
  readonly faults: readonly ValueType[];
  /** WS-Addressing action of the request: `{namespace}/{contract}/{operation}`. */
  readonly action: string;
  /** WS-Addressing action of the reply: the request's with `Response` behind it. */
  readonly replyAction: string;
  /** Name of the wrapper of a reply: the operation's with `Response` behind it. */
  readonly replyName: string;
}

type Definitions = Readonly<Record<string, OperationDefinition>>;

/** A service contract: the one place where its operations are written. */
export interface Contract<D extends Definitions = Definitions> {
  /** Name on the wire, such as `ICalculator`. */
  readonly name: string;
  /** XML namespace of operations and parameters. */
  readonly namespace: string;
  /** By name; a Map, so that `__proto__` or `toString` from the network find nothing. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** Every type that its messages can have, those inside others included. */
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
  /** Fires when the caller has closed its connection, or lost it: nobody waits for the answer. */
  readonly signal: AbortSignal;
  /** Address the caller used. */
  readonly via: string;
  /** Who calls: `anonymous`, where the endpoint's security does not ask. */
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

/**
 * An operation that is answered.
 *
 * @param parameters names and types, in their order
 * @param result     type of the result; none is `nothing`
 * @param options.faults types of the details that a `FaultException` of it may have
 */
export function operation<
  const P extends readonly ParameterPair[],
  const R extends ValueType = ValueType<void>,
>(
  parameters: P,
  result?: R,
  options: { readonly faults?: readonly ValueType[] } = {},
): OperationDefinition<P, R> {
  checkOptions('operation', options, { faults: LIST });
  const { faults = [] } = options;
  return { parameters, result: (result ?? nothing) as R, oneWay: false, faults };
}

/** An operation without any answer, not even a fault. @param parameters names and types, in their order */
export function oneWay<const P extends readonly ParameterPair[]>(
  parameters: P,
): OperationDefinition<P, ValueType<void>> {
  return { parameters, result: nothing, oneWay: true, faults: [] };
}

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
const CONTRACT_OPTIONS = { name: STRING, namespace: STRING, operations: OBJECT };
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * Makes a contract.
 *
 * @param definition.name       wire name, an XML name such as `ICalculator`
 * @param definition.namespace  default `http://tempuri.org/`, as in WCF
 * @throws {NetTcpError} `Usage` if XML or a proxy cannot carry a name, or a type holds itself without end
 */
export function defineContract<const D extends Definitions>(definition: {
  readonly name: string;
  readonly namespace?: string;
  readonly operations: D;
}): Contract<D> {
  checkOptions('defineContract', definition, CONTRACT_OPTIONS);
  const namespace = definition.namespace ?? 'http://tempuri.org/';
  const base = `${namespace}${namespace.endsWith('/') ? '' : '/'}${definition.name}/`;
  const operations = new Map<string, Operation>();
  for (const [
    name,
    { parameters, result, oneWay: isOneWay, faults },
  ] of Object.entries<OperationDefinition>(definition.operations)) {
    if (RESERVED.has(name)) {
      throw new NetTcpError('Usage', `an operation cannot be named "${name}"`);
    }
    const field = (of: string, type: ValueType): Field => ({
      name: checkName(of),
      namespace,
      type,
      presence: 'default',
    });
    operations.set(name, {
      name: checkName(name),
      namespace,
      parameters: parameters.map(([parameter, type]) => field(parameter, type)),
      result,
      results: result.kind === 'void' ? [] : [field(`${name}Result`, result)],
      oneWay: isOneWay,
      faults,
      action: base + name,
      replyAction: `${base}${name}Response`,
      replyName: `${name}Response`,
    });
  }
  const messages = [...operations.values()];
  const types = reachable(
    messages.flatMap(({ parameters, results, faults }) => [
      ...[...parameters, ...results].map(({ type }) => type),
      ...faults,
    ]),
  );
  return { name: checkName(definition.name), namespace, operations, types };
}

function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new NetTcpError('Usage', `"${name}" cannot be a name in a contract: it is no XML name`);
}
