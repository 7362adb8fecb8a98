import { NetTcpError } from '../errors.ts';
import { checkName } from './check-name.ts';
import { toMessageShape } from './message.ts';
import type {
  FaultContract,
  FaultDefinition,
  Operation,
  OperationDefinition,
  Results,
} from './operation.ts';
import { csharpName, type QName, rootName, typeName } from './types/type-names.ts';
import { type Field, nothing, object, stream, type ValueType } from './types/types.ts';

/**
 * @param base default action without the name
 * @throws {NetTcpError} `Usage` if a name is no XML name, an action is `*`, or two faults have one element
 */
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
  if (action === '*' || replyAction === '*') {
    throw new NetTcpError(
      'Usage',
      `${name} cannot have the action "*", which is WCF's for messages of any kind: write the action that travels`,
    );
  }
  const field = (of: string, type: ValueType): Field => ({
    name: checkName(of),
    namespace,
    type,
    presence: 'default',
  });
  const hasSeveralResults = 'parts' in result;
  const parts = hasSeveralResults ? Object.entries(result.parts) : [];
  const replyName = `${name}Response`;
  const request = definition.request && toMessageShape(definition.request, { name, namespace });
  const reply =
    definition.reply && toMessageShape(definition.reply, { name: replyName, namespace });
  return {
    name: checkName(name),
    method,
    namespace,
    request,
    reply,
    parameters: definition.parameters.map(([parameter, type]) => field(parameter, type)),
    result: hasSeveralResults ? toObjectType(name, result) : result,
    results: hasSeveralResults
      ? parts.map(([part, type]) => ({ ...field(part, type), presence: presenceOf(type) }))
      : result.kind === 'void'
        ? []
        : [field(resultName, result)],
    hasSeveralResults,
    streamsRequest:
      request?.stream !== undefined || isStream(definition.parameters.map(([, type]) => type)),
    streamsReply:
      reply?.stream !== undefined ||
      isStream('parts' in result ? [...Object.values(result.parts), nothing] : [result]),
    oneWay: isOneWay,
    faults: toFaults(name, faults, action),
    action,
    replyAction,
    isInitiating,
    isTerminating,
    format: definition.format,
    replyName,
  };
}

/** @throws {NetTcpError} `Usage` for a stream that has others beside it */
function isStream(types: readonly ValueType[]): boolean {
  if (!types.includes(stream)) return false;
  if (types.length === 1) return true;
  throw new NetTcpError('Usage', 'a stream must be the only parameter, or the only result');
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

/** @throws {NetTcpError} `Usage` for two of different types with one element, which no caller could tell apart */
function toFaults(
  operation: string,
  given: readonly (ValueType | FaultDefinition)[],
  action: string,
): FaultContract[] {
  const faults = given.map((fault) => toFault(fault, action));
  for (const { type, name, namespace } of faults) {
    const same = faults.find((one) => one.name === name && one.namespace === namespace);
    if (same === undefined || isSameName(typeName(same.type), typeName(type))) continue;
    throw new NetTcpError(
      'Usage',
      `${operation} declares two faults with the detail {${namespace}}${name}: give one another name`,
    );
  }
  return faults;
}

function isSameName(one: QName, other: QName): boolean {
  return one.name === other.name && one.namespace === other.namespace;
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
