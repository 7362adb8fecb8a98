import { NetTcpError } from '../errors.ts';
import type { Caller } from '../security/caller.ts';
import { checkOptions, LIST, OBJECT, oneOf, STRING } from '../options.ts';
import type { MessageHeader, ReceivedHeaders } from './header.ts';
import { checkName } from './check-name.ts';
import { typesOfMessage } from './message.ts';
import { checkFormat } from './format.ts';
import type { Operation, OperationDefinition, OperationFormat } from './operation.ts';
import { tableOf } from './operation-table.ts';
import { toOperation } from './to-operation.ts';
import { reachable } from './types/reachable.ts';
import { stream, type TypeOf, type ValueType } from './types/types.ts';

export { type Operation, operation, oneWay, results } from './operation.ts';

type Definitions = Readonly<Record<string, OperationDefinition>>;
type NoDefinitions = Readonly<Record<never, never>>;

/** Whether a contract needs sessions, of which a streamed binding has none. WCF's SessionMode. */
export type SessionMode = 'allowed' | 'required';

/** A service contract `D`, and its callbacks `K`: the one place where its operations are defined. */
export interface Contract<
  D extends Definitions = Definitions,
  K extends Definitions = Definitions,
> {
  /** Name on the wire, such as `ICalculator`. */
  readonly name: string;
  /** XML namespace of operations and parameters. */
  readonly namespace: string;
  /** By method name; a Map, so that `__proto__` or `toString` from the network find nothing. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** Every type that its messages can have, including those inside others. */
  readonly types: ReadonlySet<ValueType>;
  /** `required` if it has callbacks, or operations that begin or end a session. */
  readonly sessionMode: SessionMode;
  /** What a service calls at its clients, under the names on the wire that this contract gives it. */
  readonly callback: Contract<K> | undefined;
  /** How bodies of its own operations are written, unless they say it themselves. */
  readonly format?: OperationFormat | undefined;
  /** What it was defined with, what it extends included. */
  readonly definitions: D;
}

type Arguments<O> =
  O extends OperationDefinition<infer P>
    ? { -readonly [I in keyof P]: P[I] extends readonly [string, infer V] ? TypeOf<V> : never }
    : never;
type Result<O> = O extends OperationDefinition<infer _, infer R> ? TypeOf<R> : never;
/** The operations that a contract was defined with. */
type DefinitionsOf<C> = C extends Contract<infer D> ? D : never;
/** Those of its callbacks; never without any. */
type CallbacksOf<C> =
  C extends Contract<infer _, infer K> ? ([keyof K] extends [never] ? never : K) : never;

/** What an implementation may want to know of the call it answers. */
export interface OperationContext {
  /** Fires when the caller closed or lost its connection: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Address that the caller used. */
  readonly via: string;
  /** IP address that the call comes from, by what a trusted front says; `undefined` if the caller has gone. */
  readonly remoteAddress: string | undefined;
  /** Who calls: `anonymous` if the endpoint's security does not ask. */
  readonly caller: Caller;
  /** Headers of the request. */
  readonly headers: ReceivedHeaders;
  /** Headers that the answer will have, for the implementation to add to. */
  readonly replyHeaders: MessageHeader[];
}

/** The context of a contract with callbacks `K`. */
export interface DuplexContext<K extends Definitions = Definitions> extends OperationContext {
  /**
   * Calls the client, during a call and after it, until its session ends: then {@link OperationContext.signal}
   * fires, and calls reject with `CommunicationObjectAborted`. One object for each session.
   */
  readonly callback: Operations<Contract<K>>;
}

type ContextOf<C> = [CallbacksOf<C>] extends [never]
  ? OperationContext
  : DuplexContext<CallbacksOf<C>>;

/** The methods that an implementation of contract `C` has; the context comes last. */
export type Implementation<C> = {
  [O in keyof DefinitionsOf<C>]: (
    ...args: [...Arguments<DefinitionsOf<C>[O]>, context: ContextOf<C>]
  ) => Result<DefinitionsOf<C>[O]> | Promise<Result<DefinitionsOf<C>[O]>>;
};

/** The methods that a client of contract `C` has for its callbacks. */
export type CallbackImplementation<C> = [CallbacksOf<C>] extends [never]
  ? never
  : Implementation<Contract<CallbacksOf<C>, NoDefinitions>>;

/** How one call differs from the channel's defaults. */
export interface CallOptions {
  /** Milliseconds from the call to its answer; 0 waits for ever. Default: `sendTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Gives the call up when it fires. */
  readonly signal?: AbortSignal;
  /** Headers of the request: `[Tenant.of('acme')]`. */
  readonly headers?: readonly MessageHeader[];
  /** Called with the headers of the answer, be it a result or a fault, just before the call settles. */
  readonly onHeaders?: (headers: ReceivedHeaders) => void;
}

/** The methods that a proxy for contract `C` has. */
export type Operations<C> = {
  [O in keyof DefinitionsOf<C>]: (
    ...args: [...Arguments<DefinitionsOf<C>[O]>, options?: CallOptions]
  ) => Promise<Result<DefinitionsOf<C>[O]>>;
};

const CONTRACT_OPTIONS = {
  name: STRING,
  namespace: STRING,
  operations: OBJECT,
  extends: LIST,
  callback: OBJECT,
  sessionMode: oneOf('allowed', 'required'),
  format: oneOf('dataContract', 'xmlSerializer'),
};

type Inherited<B extends readonly Contract[]> = B extends readonly [
  infer C,
  ...infer Rest extends readonly Contract[],
]
  ? DefinitionsOf<C> & Inherited<Rest>
  : unknown;
type InheritedCallbacks<B extends readonly Contract[]> = B extends readonly [
  Contract<infer _, infer K>,
  ...infer Rest extends readonly Contract[],
]
  ? K & InheritedCallbacks<Rest>
  : unknown;

/**
 * Makes a contract.
 *
 * @param definition.name       wire name, an XML name such as `ICalculator`
 * @param definition.namespace  default `http://tempuri.org/`, as in WCF
 * @param definition.extends    contracts whose operations it also has, with their names and actions there
 * @param definition.callback   contract that its clients implement: a duplex contract. Its operations travel under
 *   this contract's namespace and name, as in WCF
 * @param definition.sessionMode `required` refuses streamed clients; default: `required` where something needs it
 * @param definition.format      `xmlSerializer` for `[XmlSerializerFormat]`: how bodies are written in SOAP; default:
 *   `dataContract`
 * @throws {NetTcpError} `Usage` if XML or a proxy cannot carry a name, two operations have the same name or
 *   action, a type holds itself without end or has no form in the format, or `allowed` is said of what needs
 *   sessions
 */
export function defineContract<
  const D extends Definitions,
  const B extends readonly Contract[] = readonly [],
  const K extends Definitions = NoDefinitions,
>(definition: {
  readonly name: string;
  readonly namespace?: string;
  readonly extends?: B;
  readonly callback?: Contract<K, NoDefinitions>;
  readonly sessionMode?: SessionMode;
  readonly format?: OperationFormat;
  readonly operations: D;
}): Contract<D & Inherited<B>, K & InheritedCallbacks<B>> {
  checkOptions('defineContract', definition, CONTRACT_OPTIONS);
  const { name, namespace = 'http://tempuri.org/', operations, callback, format } = definition;
  const bases: readonly Contract[] = definition.extends ?? [];
  const own = { namespace, declaredBy: name };
  const service = contractOf(checkName(name), { ...own, format }, operations, bases);
  const inherited = bases.map((base) => base.callback).filter((base) => base !== undefined);
  const callbacks =
    callback === undefined && inherited.length === 0
      ? undefined
      : contractOf(
          callback?.name ?? name,
          { ...own, format: callback?.format },
          callback?.definitions ?? {},
          inherited,
        );
  if (callbacks?.types.has(stream) === true) {
    throw new NetTcpError('Usage', `the contract ${name} cannot have callbacks with streams`);
  }
  const needs =
    callbacks !== undefined ||
    bases.some(({ sessionMode }) => sessionMode === 'required') ||
    [...service.operations.values()].some((one) => !one.isInitiating || one.isTerminating);
  const { sessionMode = needs ? 'required' : 'allowed' } = definition;
  if (needs && sessionMode !== 'required') {
    const what = 'callbacks, isInitiating: false, isTerminating or a base that requires sessions';
    const text = `the contract ${name} has ${what}: its sessionMode is "required"`;
    throw new NetTcpError('Usage', text);
  }
  return { ...service, sessionMode, callback: callbacks } as unknown as Contract<
    D & Inherited<B>,
    K & InheritedCallbacks<B>
  >;
}

/** What operations have from the contract that declares them. */
interface Declared {
  readonly namespace: string;
  /** Name of the service contract: actions begin with it. */
  readonly declaredBy: string;
  readonly format: OperationFormat | undefined;
}

function contractOf(
  name: string,
  { namespace, declaredBy, format }: Declared,
  definitions: Definitions,
  bases: readonly Contract[],
): Contract {
  const base = `${namespace}${namespace.endsWith('/') ? '' : '/'}${declaredBy}/`;
  const inherited = bases.flatMap(({ operations }) => [...operations.values()]);
  const own = Object.entries(definitions)
    .filter(([method, one]) => !bases.some((of) => of.definitions[method] === one))

    .map(([method, one]) =>
      toOperation(checkName(method), { ...one, format: one.format ?? format }, namespace, base),
    );
  const operations = tableOf(new Set([...inherited, ...own]));
  for (const operation of own) checkFormat(operation);
  const types = reachable(
    [...operations.values()].flatMap(({ parameters, results, faults, request, reply }) => [
      ...[...parameters, ...results, ...faults].map(({ type }) => type),
      ...[request, reply].flatMap(typesOfMessage),
    ]),
  );
  const all = Object.assign({}, ...bases.map((of) => of.definitions), definitions) as Definitions;
  return {
    name,
    namespace,
    operations,
    types,
    sessionMode: 'allowed',
    callback: undefined,
    format,
    definitions: all,
  };
}

/** The callbacks of a contract, none if it has none. */
export function callbacksOf(contract: Contract): Contract {
  return contract.callback ?? { ...contract, operations: new Map(), types: new Set() };
}
