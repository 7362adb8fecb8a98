import type { FaultDefinition, OperationDefinition, Results } from '../../contract/operation.ts';
import { oneWay, operation, results } from '../../contract/operation.ts';
import { csharpName, type QName, rootName } from '../../contract/types/type-names.ts';
import { nothing, type ValueType } from '../../contract/types/types.ts';
import { printable } from '../../printable.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, childOf, childrenOf, nameIn, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { builtIn } from './built-in.ts';
import { CannotSay } from './cannot-say.ts';
import { checkContent } from './checks.ts';
import { type Component, type Definitions, xsChild } from './definitions.ts';
import type { ReadField, TypeReader } from './read-type.ts';

const { wsdl: WSDL, msc: MSC, wsaw: WSAW, wsam: WSAM } = NAMESPACES;

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
 * @param soapAction that of the binding, where the operation itself has none
 * @throws {CannotSay} for what a contract has no words for
 */
export function readOperation(
  element: XmlElement,
  name: string,
  soapAction: string | undefined,
  definitions: Definitions,
  types: TypeReader,
): ReadOperation {
  const input = childOf(element, { name: 'input', namespace: WSDL });
  const output = childOf(element, { name: 'output', namespace: WSDL });
  const isCallback = startsWithOutput(element);
  const [asked, answer] = isCallback ? [output, input] : [input, output];
  if (asked === undefined) throw new CannotSay('it has no messages');
  const request = wrapperOf(asked, definitions, types);
  if (request.name.name !== name) throw new CannotSay(`its request is ${shownName(request.name)}`);
  const parameters = request.fields.map((field) => [field.name, field.type] as const);
  const action = actionOf(asked) ?? soapAction;
  const { namespace } = request.name;
  const session = isCallback ? {} : sessionOf(element);
  if (answer === undefined) {
    const definition = oneWay(parameters, session);
    return { definition, isCallback, namespace, action, replyAction: undefined };
  }
  const reply = wrapperOf(answer, definitions, types);
  if (reply.name.name !== `${name}Response` || reply.name.namespace !== namespace) {
    throw new CannotSay(`its answer is ${shownName(reply.name)}`);
  }
  const faults = childrenOf(element, { name: 'fault', namespace: WSDL }).map((fault) =>
    readFault(fault, definitions, types),
  );
  const [first, ...others] = reply.fields;
  const named = others.length === 0 && first !== undefined && first.name !== `${name}Result`;
  const definition = operation(parameters, resultOf(reply.fields), {
    ...(faults.length > 0 && { faults: faults }),
    ...(named && { resultName: first.name }),
    ...session,
  });
  return { definition, isCallback, namespace, action, replyAction: actionOf(answer) };
}

function resultOf(fields: readonly ReadField[]): ValueType | Results {
  const [first, second] = fields;
  if (second !== undefined) {
    return results(Object.fromEntries(fields.map(({ name, type }) => [name, type])));
  }
  return first?.type ?? nothing;
}

/** What a message has as its body: an element around the parameters. */
function wrapperOf(
  of: XmlElement,
  definitions: Definitions,
  types: TypeReader,
): { readonly name: QName; readonly fields: readonly ReadField[] } {
  const { element, root, name } = bodyOf(of, definitions);
  const complexType = xsChild(element, 'complexType');
  if (complexType === undefined)
    throw new CannotSay(`${shownName(name)} is not a list of parameters`);
  checkContent(complexType);
  return { name, fields: types.fields(xsChild(complexType, 'sequence'), root) };
}

/** The one element of a message. */
function bodyOf(of: XmlElement, definitions: Definitions): Component {
  const message = definitions.find('message', nameIn(of, 'message'));
  const [part, ...others] =
    message === undefined ? [] : childrenOf(message.element, { name: 'part', namespace: WSDL });
  if (part === undefined) throw new CannotSay('it has a message without a body');
  const element = nameIn(part, 'element');
  if (others.length > 0 || element === undefined) {
    throw new CannotSay('a message of it is not one element');
  }
  const component = definitions.find('element', element);
  if (component === undefined) throw new CannotSay(`${shownName(element)} is not described`);
  return component;
}

function readFault(
  fault: XmlElement,
  definitions: Definitions,
  types: TypeReader,
): ValueType | FaultDefinition {
  const message = definitions.find('message', nameIn(fault, 'message'));
  const part = message && childOf(message.element, { name: 'part', namespace: WSDL });
  const name = part && nameIn(part, 'element');
  if (name === undefined) throw new CannotSay('it has a fault that is not one element');
  const component = definitions.find('element', name);
  const type = component === undefined ? builtIn(name) : types.typeOf(component.element, name.name);
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
