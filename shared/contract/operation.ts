import { NetTcpError } from '../errors.ts';
import { BOOLEAN, checkOptions, LIST, STRING } from '../options.ts';
import { csharpName, type QName, rootName } from './types/type-names.ts';
import { type Field, nothing, object, stream, type TypeOf, type ValueType } from './types/types.ts';

export type ParameterPair = readonly [name: string, type: ValueType];

/** Several results in one answer: C#'s return value with its `out` and `ref` parameters. */
export interface Results<T = unknown> {
  readonly parts: Readonly<Record<string, ValueType>>;
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
  readonly parameters: P;
  readonly result: R;
  readonly oneWay: boolean;
  readonly faults: readonly (ValueType | FaultDefinition)[];
  readonly resultName?: string | undefined;
  readonly replyAction?: string | undefined;
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
}

/** What an operation with an answer has beside its parameters and its result. */
export interface OperationOptions extends RequestOptions {
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
  /** Its only parameter is a stream. */
  readonly streamsRequest: boolean;
  /** Its only result is a stream. */
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
  /** Name of the wrapper of a reply: the operation's with `Response` after it. */
  readonly replyName: string;
}

const REQUEST_OPTIONS = {
  name: STRING,
  action: STRING,
  isInitiating: BOOLEAN,
  isTerminating: BOOLEAN,
};
const OPTIONS = { ...REQUEST_OPTIONS, faults: LIST, replyAction: STRING, resultName: STRING };

/**
 * An operation with an answer.
 *
 * @param parameters names and types, in their order
 * @param result     type of the result, or {@link results}; default: `nothing`
 */
export function operation<
  const P extends readonly ParameterPair[],
  const R extends ValueType | Results = ValueType<void>,
>(parameters: P, result?: R, options: OperationOptions = {}): OperationDefinition<P, R> {
  checkOptions('operation', options, OPTIONS);
  const { faults = [] } = options;
  return { ...options, parameters, result: (result ?? nothing) as R, oneWay: false, faults };
}

/** An operation without any answer, not even a fault. @param parameters names and types, in their order */
export function oneWay<const P extends readonly ParameterPair[]>(
  parameters: P,
  options: RequestOptions = {},
): OperationDefinition<P, ValueType<void>> {
  checkOptions('oneWay', options, REQUEST_OPTIONS);
  return { ...options, parameters, result: nothing, oneWay: true, faults: [] };
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

/** @param base default action without the name @throws {NetTcpError} `Usage` if a name is no XML name */
export function toOperation(
  method: string,
  definition: OperationDefinition,
  namespace: string,
  base: string,
): Operation {
  const { result, faults, oneWay: isOneWay } = definition;
  const { name = method, action = base + name } = definition;
  const { replyAction = `${base}${name}Response`, resultName = `${name}Result` } = definition;
  const { isInitiating = true, isTerminating = false } = definition;
  const field = (of: string, type: ValueType): Field => ({
    name: checkName(of),
    namespace,
    type,
    presence: 'default',
  });
  const hasSeveralResults = 'parts' in result;
  const parts = hasSeveralResults ? Object.entries(result.parts) : [];
  return {
    name: checkName(name),
    method,
    namespace,
    parameters: definition.parameters.map(([parameter, type]) => field(parameter, type)),
    result: hasSeveralResults ? toObjectType(name, result) : result,
    results: hasSeveralResults
      ? parts.map(([part, type]) => ({ ...field(part, type), presence: presenceOf(type) }))
      : result.kind === 'void'
        ? []
        : [field(resultName, result)],
    hasSeveralResults,
    streamsRequest: isStream(definition.parameters.map(([, type]) => type)),
    streamsReply: isStream(
      'parts' in result ? [...Object.values(result.parts), nothing] : [result],
    ),
    oneWay: isOneWay,
    faults: faults.map((fault) => toFault(fault, action)),
    action,
    replyAction,
    isInitiating,
    isTerminating,
    replyName: `${name}Response`,
  };
}

/** @throws {NetTcpError} `Usage` for a stream that has others beside it */
function isStream(types: readonly ValueType[]): boolean {
  if (!types.includes(stream)) return false;
  if (types.length === 1) return true;
  throw new NetTcpError('Usage', 'a stream has no other parameter or result beside it');
}

/** A missing result is an error, unless it may be null: some peers leave null out. */
function presenceOf(type: ValueType): Field['presence'] {
  return type.kind === 'nillable' ? 'default' : 'required';
}

function toObjectType(name: string, { parts }: Results): ValueType {
  const type = object(`${name}Response`, parts);
  return {
    ...type,
    fields: type.fields.map((field) => ({ ...field, presence: presenceOf(field.type) })),
  };
}

function toFault(fault: ValueType | FaultDefinition, action: string): FaultContract {
  const given: FaultDefinition = 'kind' in fault ? { type: fault } : fault;
  const { type } = given;
  return { ...rootName(type), action: `${action}${csharpName(type)}Fault`, ...given };
}

/** The fault that an operation declares for details of that type. */
export function faultOf(
  operation: Operation | undefined,
  type: ValueType | undefined,
): FaultContract | undefined {
  return operation?.faults.find((fault) => fault.type === type);
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** @throws {NetTcpError} `Usage` for what is no XML name */
export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new NetTcpError('Usage', `"${name}" cannot be a name in a contract: it is not an XML name`);
}
