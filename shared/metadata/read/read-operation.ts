import type { FaultDefinition, OperationDefinition, Results } from '../../contract/operation.ts';
import { oneWay, operation, results } from '../../contract/operation.ts';
import { csharpName, rootName } from '../../contract/types/type-names.ts';
import { nothing, type ValueType } from '../../contract/types/types.ts';
import { printable } from '../../printable.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, childOf, childrenOf, nameIn, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { builtIn } from './built-in.ts';
import { CannotSay } from './cannot-say.ts';
import { checkContent } from './checks.ts';
import { type Component, type Definitions, type ReadField, xsChild } from './definitions.ts';
import { type DescribedMessage, MessageReader } from './read-message.ts';
import type { SchemaReader } from './schema-reader.ts';
import type { TypeReader } from './read-type.ts';

const { wsdl: WSDL, msc: MSC, wsaw: WSAW, wsam: WSAM, soap: SOAP, soap12: SOAP12 } = NAMESPACES;

/** An operation of a `portType`. */
export interface ReadOperation {
  readonly definition: OperationDefinition;
  /** The service calls it at its clients. */
  readonly isCallback: boolean;
  /** Of its elements: another than the contract's if it is inherited. */
  readonly namespace: string;
  readonly action: string | undefined;
  readonly replyAction: string | undefined;
}

/**
 * Reads one operation. Names and actions that it has in common with others are left to {@link readContract}.
 *
 * @param bound what the binding says of it
 * @param own   namespace of the contract
 * @param bodies reads the types of what is no fault
 * @throws {CannotSay} for what a contract has no words for
 */
export function readOperation(
  element: XmlElement,
  name: string,
  bound: XmlElement | undefined,
  own: string,
  definitions: Definitions,
  types: TypeReader,
  bodies: SchemaReader = types,
): ReadOperation {
  const describe = (what: 'input' | 'output'): DescribedMessage | undefined => {
    const found = childOf(element, { name: what, namespace: WSDL });
    return found && { element: found, bound: childOf(bound, { name: what, namespace: WSDL }) };
  };
  const isCallback = startsWithOutput(element);
  const [input, output] = [describe('input'), describe('output')];
  const [asked, answer] = isCallback ? [output, input] : [input, output];
  if (asked === undefined) throw new CannotSay('it has no messages');
  const isPlain = (field: ReadField): boolean => bodies === types || isPart(field);
  const messages = new MessageReader(definitions, bodies, own);
  const request = messages.wrapperOf(asked);
  const asList = request?.name.name === name ? fieldsOf(request, bodies) : undefined;
  const isList = request !== undefined && asList?.every(isPlain) === true;
  const parameters = isList
    ? asList.map((field) => [field.name, field.type] as const)
    : messages.read(asked, name);
  const action = actionOf(asked.element) ?? soapActionOf(bound);
  const namespace = isList ? request.name.namespace : own;
  const session = {
    ...(isCallback ? {} : sessionOf(element)),
    ...(bodies !== types && { format: 'xmlSerializer' as const }),
  };
  if (answer === undefined) {
    const definition = oneWay(parameters, session);
    return { definition, isCallback, namespace, action, replyAction: undefined };
  }
  const faults = childrenOf(element, { name: 'fault', namespace: WSDL }).map((fault) =>
    readFault(fault, definitions, types),
  );
  const options = { ...(faults.length > 0 && { faults: faults }), ...session };
  const replyAction = actionOf(answer.element);
  const read = { isCallback, namespace, action, replyAction };
  const reply = messages.wrapperOf(answer);
  const due = `${name}Response`;
  const isDue = reply?.name.name === due && reply.name.namespace === namespace;
  const fields = isDue ? fieldsOf(reply, bodies) : [];
  if (!isDue || !fields.every(isPlain)) {
    return { definition: operation(parameters, messages.read(answer, due), options), ...read };
  }
  const [first, ...others] = fields;
  const named = others.length === 0 && first !== undefined && first.name !== `${name}Result`;
  const definition = operation(parameters, resultOf(fields), {
    ...options,
    ...(named && { resultName: first.name }),
  });
  return { definition, ...read };
}

/** What stands in the element around parameters or results. */
function fieldsOf({ element, root }: Component, types: SchemaReader): readonly ReadField[] {
  const complexType = xsChild(element, 'complexType');
  if (complexType !== undefined) checkContent(complexType);
  return types.fields(xsChild(complexType, 'sequence')?.children ?? [], root);
}

/** Whether a field is a parameter or result: XmlSerializer has others for which a message is needed. */
function isPart({ xml, presence }: ReadField): boolean {
  return xml === undefined && presence !== 'optional';
}

/**
 * Whether XmlSerializer has described the parameters or results of an operation: it says of each element that it comes
 * once, and DataContractSerializer never does.
 */
export function isOfXmlSerializer(element: XmlElement, definitions: Definitions): boolean {
  const directions = ['input', 'output'].map((name) => childOf(element, { name, namespace: WSDL }));
  return directions.some((one) => {
    const message = definitions.find('message', one && nameIn(one, 'message'));
    const part = childOf(message?.element, { name: 'part', namespace: WSDL });
    const wrapper = definitions.find('element', part && nameIn(part, 'element'));
    const sequence = xsChild(xsChild(wrapper?.element, 'complexType'), 'sequence');
    return sequence?.children.some((field) => attribute(field, 'maxOccurs') === '1') === true;
  });
}

/** The action that a binding gives an operation. */
function soapActionOf(bound: XmlElement | undefined): string | undefined {
  for (const namespace of [SOAP12, SOAP]) {
    const soap = childOf(bound, { name: 'operation', namespace });
    const action = soap && attribute(soap, 'soapAction');
    if (action !== undefined && action !== '') return action;
  }
  return undefined;
}

function resultOf(fields: readonly ReadField[]): ValueType | Results {
  const [first, second] = fields;
  if (second !== undefined) {
    return results(Object.fromEntries(fields.map(({ name, type }) => [name, type])));
  }
  return first?.type ?? nothing;
}

function readFault(
  fault: XmlElement,
  definitions: Definitions,
  types: SchemaReader,
): ValueType | FaultDefinition {
  const message = definitions.find('message', nameIn(fault, 'message'));
  const part = message && childOf(message.element, { name: 'part', namespace: WSDL });
  const name = part && nameIn(part, 'element');
  if (name === undefined) throw new CannotSay('it has a fault that is not one element');
  const component = definitions.find('element', name);
  const type =
    component === undefined
      ? builtIn(name)
      : types.typeOf(component.element, name.name, component.root);
  if (type === undefined) throw new CannotSay(`${shownName(name)} is not described`);
  const of = type.kind === 'nillable' ? type.of : type;
  const action = actionOf(fault);
  return {
    type: of,
    name: name.name,
    namespace: name.namespace,
    ...(action !== undefined && { action }),
  };
}

/** Leaves out the names of a fault that are .NET's own. @param action of the operation */
export function shortFault(
  fault: ValueType | FaultDefinition,
  action: string,
): ValueType | FaultDefinition {
  if ('kind' in fault) return fault;
  const { type } = fault;
  const due = { ...rootName(type), action: `${action}${csharpName(type)}Fault` };
  const rest = {
    ...(fault.name !== due.name && { name: fault.name }),
    ...(fault.namespace !== due.namespace && { namespace: fault.namespace }),
    ...(fault.action !== undefined && fault.action !== due.action && { action: fault.action }),
  };
  return Object.keys(rest).length === 0 ? type : ({ type, ...rest } as FaultDefinition);
}

/** What an operation says of the session, where that is not the default. */
function sessionOf(
  element: XmlElement,
): Pick<OperationDefinition, 'isInitiating' | 'isTerminating'> {
  return {
    ...(attribute(element, 'isInitiating', MSC) === 'false' && { isInitiating: false }),
    ...(attribute(element, 'isTerminating', MSC) === 'true' && { isTerminating: true }),
  };
}

/** A callback's output comes first. */
function startsWithOutput({ children }: XmlElement): boolean {
  const [first] = children.filter(({ name }) => name === 'input' || name === 'output');
  return first?.name === 'output';
}

function actionOf(element: XmlElement): string | undefined {
  const action = attribute(element, 'Action', WSAW) ?? attribute(element, 'Action', WSAM);
  return action === undefined ? undefined : printable(action, Infinity);
}
