import { callbacksOf, type Contract, type Operation } from '../../contract/contract.ts';
import type { MessageShape } from '../../contract/message.ts';
import { csharpName, type QName, rootName } from '../../contract/types/type-names.ts';
import type { Field } from '../../contract/types/types.ts';
import type { FaultContract } from '../../contract/operation.ts';
import { NAMESPACES, wsdl, xs } from '../xml/vocabulary.ts';
import { attributeKey, type XmlElement } from '../xml/element.ts';
import { type Schemas, takenElement } from './schemas.ts';
import { bodyParts, headerParts, headersOf, messageOf, PARAMETERS } from './write-parts.ts';
import type { TypeWriter } from './write-type.ts';

/** `portType` of a contract, with the messages and the elements that its operations have. */
interface ContractElements {
  readonly messages: readonly XmlElement[];
  readonly portType: XmlElement;
}

const ACTION = attributeKey({ name: 'Action', namespace: NAMESPACES.wsaw });
const [USING_SESSION, IS_INITIATING, IS_TERMINATING] = [
  'usingSession',
  'isInitiating',
  'isTerminating',
].map((name) => attributeKey({ name, namespace: NAMESPACES.msc })) as [string, string, string];

/**
 * Writes the abstract part of a contract, as WCF does.
 *
 * @throws {NetTcpError} `Usage` for an element that two operations or faults fill differently
 */
export function writeContract(
  contract: Contract,
  types: TypeWriter,
  schemas: Schemas,
): ContractElements {
  const messages: XmlElement[] = [];
  const add = (suffix: string, parts: Parameters<typeof messageOf>[1]): QName => {
    const name = `${contract.name}_${suffix}`;
    messages.push(messageOf(name, parts));
    return { name, namespace: contract.namespace };
  };
  const message = (suffix: string, part: string, element: QName): QName =>
    add(suffix, [{ name: part, element }]);
  const ofShape = (suffix: string, shape: MessageShape): QName => {
    const name = add(suffix, bodyParts(shape, types, schemas));
    const headers = headerParts(shape.headers, types, schemas);
    if (headers.length > 0) messages.push(messageOf(headersOf(name).name, headers));
    return name;
  };
  const usesSession = contract.sessionMode === 'required';
  const write = (operation: Operation, isCallback: boolean): XmlElement => {
    const { name, action, replyAction, oneWay, faults, isInitiating, isTerminating } = operation;
    const { parameters, results, replyName, streamsRequest, streamsReply } = operation;
    const kind = isCallback ? 'CallbackMessage' : 'Message';
    const [there, back] = isCallback ? ['Output', 'Input'] : ['Input', 'Output'];
    const suffix = `${name}_${there}${kind}`;
    const asked =
      operation.request === undefined
        ? message(
            suffix,
            PARAMETERS,
            wrapper(operation, name, parameters, streamsRequest, types, schemas),
          )
        : ofShape(suffix, operation.request);
    const content = [wsdl(there.toLowerCase(), { [ACTION]: action, message: asked })];
    if (!oneWay) {
      const due = `${name}_${back}${kind}`;
      const answer =
        operation.reply === undefined
          ? message(
              due,
              PARAMETERS,
              wrapper(operation, replyName, results, streamsReply, types, schemas),
            )
          : ofShape(due, operation.reply);
      content.push(wsdl(back.toLowerCase(), { [ACTION]: replyAction, message: answer }));
    }
    for (const fault of faults) {
      const faultName = faultNameOf(fault);
      const detail = detailOf(fault, types, schemas);
      const of = message(`${name}_${faultName}_FaultMessage`, 'detail', detail);
      content.push(wsdl('fault', { [ACTION]: fault.action, name: faultName, message: of }));
    }
    const session = {
      [IS_INITIATING]: String(isInitiating),
      [IS_TERMINATING]: String(isTerminating),
    };
    return wsdl('operation', { ...(usesSession && session), name }, content);
  };
  const operations = [
    ...[...contract.operations.values()].map((operation) => write(operation, false)),
    ...[...callbacksOf(contract).operations.values()].map((operation) => write(operation, true)),
  ];
  const session = usesSession ? { [USING_SESSION]: 'true' } : {};
  const portType = wsdl('portType', { ...session, name: contract.name }, operations);
  return { messages, portType };
}

/** WSDL's name of a fault: the element's, or .NET's default. */
export function faultNameOf({ name, type }: FaultContract): string {
  return name === rootName(type).name ? `${csharpName(type)}Fault` : name;
}

/** The element around parameters or results. @param isStream they are one stream */
function wrapper(
  { namespace }: Operation,
  name: string,
  fields: readonly Field[],
  isStream: boolean,
  types: TypeWriter,
  schemas: Schemas,
): QName {
  const element = { name, namespace };
  if (!schemas.isNew(element)) throw takenElement(element);
  const fill = schemas.reserve(namespace);
  const parts = fields.map(({ name: part, type }) =>
    isStream ? types.stream(part) : types.element(part, type, { minOccurs: '0' }),
  );
  fill(xs('element', { name }, [xs('complexType', {}, [xs('sequence', {}, parts)])]));
  return element;
}

/** The element of a fault's detail: the one that its type has, or one of the fault's own. */
function detailOf(
  { name, namespace, type }: FaultContract,
  types: TypeWriter,
  schemas: Schemas,
): QName {
  const element = { name, namespace };
  const { type: of } = types.use(type);
  const own = rootName(type);
  if (own.name === name && own.namespace === namespace) return element;
  if (schemas.isNew(element))
    schemas.add(namespace, xs('element', { name, nillable: 'true', type: of }));
  return element;
}
