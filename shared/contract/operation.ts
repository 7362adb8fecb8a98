import { BOOLEAN, checkOptions, LIST, oneOf, STRING } from '../options.ts';
import type { Message, MessageShape } from './message.ts';
import type { QName } from './types/type-names.ts';
import { type Field, nothing, object, type TypeOf, type ValueType } from './types/types.ts';

/** How bodies are written: as .NET's DataContractSerializer does, or its XmlSerializer. */
export type OperationFormat = 'dataContract' | 'xmlSerializer';

type ParameterPair = readonly [name: string, type: ValueType];

/** Several results in one answer: C#'s return value with its `out` and `ref` parameters. */
export interface Results<T = unknown> {
  /** Types by their names on the wire, in their order. */
  readonly parts: Readonly<Record<string, ValueType>>;
  /** At compile time only: what they are in TypeScript. */
  readonly ofType?: T;
}

/** A declared fault whose names are not .NET's default ones: `[FaultContract(…)]`. */
export interface FaultDefinition {
  readonly type: ValueType;
  /** Element of the detail. */
  readonly name?: string;
  readonly namespace?: string;
  readonly action?: string;
}

/** One operation as `defineContract` takes it. */
export interface OperationDefinition<
  P extends readonly ParameterPair[] = readonly ParameterPair[],
  R extends ValueType | Results = ValueType | Results,
> extends RequestOptions {
  /** Names and types, in their order. */
  readonly parameters: P;
  /** What it returns, or several results. */
  readonly result: R;
  /** Its callers get no answer at all. */
  readonly oneWay: boolean;
  /** Types of the details that its faults may have. */
  readonly faults: readonly (ValueType | FaultDefinition)[];
  /** Element of the result. Default: `{name}Result`. */
  readonly resultName?: string | undefined;
  /** WS-Addressing action of the reply. Default: `{namespace}/{contract}/{name}Response`. */
  readonly replyAction?: string | undefined;
  /** What stands in place of the parameters. */
  readonly request?: Message | undefined;
  /** What stands in place of the result. */
  readonly reply?: Message | undefined;
}

/** What `[OperationContract(…)]` says of a request. */
interface RequestOptions {
  /** Name on the wire. Default: the name in the contract. */
  readonly name?: string | undefined;
  /** WS-Addressing action of the request. Default: `{namespace}/{contract}/{name}`. */
  readonly action?: string | undefined;
  /** Whether it may be the first call of a session. Default: true. */
  readonly isInitiating?: boolean | undefined;
  /** Whether the session is over once it has been answered. Default: false. */
  readonly isTerminating?: boolean | undefined;
  /** How its bodies are written; details of faults are always data contracts. Default: the contract's. */
  readonly format?: OperationFormat | undefined;
}

/** What an operation with an answer has beside its parameters and its result. */
interface OperationOptions extends RequestOptions {
  /** Types of the details that its `FaultException`s may have. */
  readonly faults?: readonly (ValueType | FaultDefinition)[];
  /** WS-Addressing action of the reply. Default: `{namespace}/{contract}/{name}Response`. */
  readonly replyAction?: string;
  /** Element of the result: `[return: MessageParameter(Name = …)]`. Default: `{name}Result`. */
  readonly resultName?: string;
}

/** The detail that a fault of an operation may have, as it travels. */
export interface FaultContract extends QName {
  readonly type: ValueType;
  readonly action: string;
}

/** One operation as encodings and dispatchers see it. */
export interface Operation {
  /** Name on the wire. */
  readonly name: string;
  /** Name of the implementation's method, and of the proxy's. */
  readonly method: string;
  /** XML namespace of the wrappers around parameters and result. */
  readonly namespace: string;
  readonly parameters: readonly Field[];
  /** For several results: an object that has them as members. */
  readonly result: ValueType;
  /** What the wrapper of a reply holds: the result, nothing, or several results. */
  readonly results: readonly Field[];
  readonly hasSeveralResults: boolean;
  /** The message that its only parameter is. */
  readonly request?: MessageShape | undefined;
  /** The message that its result is. */
  readonly reply?: MessageShape | undefined;
  /** Its only parameter is a stream, or a message with one. */
  readonly streamsRequest: boolean;
  /** Its only result is a stream, or a message with one. */
  readonly streamsReply: boolean;
  /** The caller gets no answer at all, not even a fault. */
  readonly oneWay: boolean;
  readonly faults: readonly FaultContract[];
  /** WS-Addressing action of the request. */
  readonly action: string;
  readonly replyAction: string;
  /** It may be the first call of a session. */
  readonly isInitiating: boolean;
  /** The session is over once it has been answered. */
  readonly isTerminating: boolean;
  /** How its bodies are written in SOAP. Default: `dataContract`. */
  readonly format?: OperationFormat | undefined;
  /** Name of the wrapper of a reply: the operation's with `Response` after it. */
  readonly replyName: string;
}

const REQUEST_OPTIONS = {
  name: STRING,
  action: STRING,
  isInitiating: BOOLEAN,
  isTerminating: BOOLEAN,
  format: oneOf('dataContract', 'xmlSerializer'),
};
const OPTIONS = { ...REQUEST_OPTIONS, faults: LIST, replyAction: STRING, resultName: STRING };

/** What a message is for callers: one parameter. */
type ParametersOf<P> = P extends readonly ParameterPair[]
  ? P
  : P extends Message<infer T>
    ? readonly [readonly ['message', ValueType<T>]]
    : never;
type ResultOf<R> = R extends ValueType | Results
  ? R
  : R extends Message<infer T>
    ? ValueType<T>
    : never;

/**
 * An operation with an answer.
 *
 * @param request names and types of parameters, in their order, or a {@link message}
 * @param reply   type of the result, {@link results}, or a message; default: `nothing`
 */
export function operation<
  const P extends readonly ParameterPair[] | Message,
  const R extends ValueType | Results | Message = ValueType<void>,
>(
  request: P,
  reply?: R,
  options: OperationOptions = {},
): OperationDefinition<ParametersOf<P>, ResultOf<R>> {
  checkOptions('operation', options, OPTIONS);
  const { faults = [] } = options;
  return { ...options, ...asked(request), ...answered<R>(reply), oneWay: false, faults };
}

/** An operation without any answer, not even a fault. @param request as of {@link operation} */
export function oneWay<const P extends readonly ParameterPair[] | Message>(
  request: P,
  options: RequestOptions = {},
): OperationDefinition<ParametersOf<P>, ValueType<void>> {
  checkOptions('oneWay', options, REQUEST_OPTIONS);
  return { ...options, ...asked(request), result: nothing, oneWay: true, faults: [] };
}

function asked<P>(given: P): Pick<OperationDefinition<ParametersOf<P>>, 'parameters' | 'request'> {
  const isMessage = typeof given === 'object' && given !== null && 'message' in given;
  const parameters = isMessage ? [['message', nothing]] : given;
  return {
    parameters: parameters as ParametersOf<P>,
    ...(isMessage && { request: given as Message }),
  };
}

function answered<R>(
  given: R | undefined,
): Pick<OperationDefinition<readonly ParameterPair[], ResultOf<R>>, 'result' | 'reply'> {
  const isMessage = typeof given === 'object' && given !== null && 'message' in given;
  const result = isMessage ? object('message', {}) : (given ?? nothing);
  return { result: result as ResultOf<R>, ...(isMessage && { reply: given as Message }) };
}

/**
 * Several results, as an object.
 *
 * @param parts types by their names on the wire, in their order: for a C# method `TryGet` first
 *   `TryGetResult`, its return value, then its `out` and `ref` parameters by their names
 */
export function results<const F extends Readonly<Record<string, ValueType>>>(
  parts: F,
): Results<{ -readonly [K in keyof F]: TypeOf<F[K]> }> {
  return { parts };
}
