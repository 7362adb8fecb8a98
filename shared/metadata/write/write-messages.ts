import { callbacksOf, type Contract, type Operation } from '../../contract/contract.ts';
import type { MessageShape } from '../../contract/message.ts';
import { csharpName, type QName, rootName } from '../../contract/types/type-names.ts';
import type { Field } from '../../contract/types/types.ts';
import type { FaultContract } from '../../contract/operation.ts';
import { NAMESPACES, wsdl, xs } from '../xml/vocabulary.ts';
import { attributeKey, type XmlElement } from '../xml/element.ts';
import { CannotDescribe } from './draft.ts';
import { type Schemas, takenElement } from './schemas.ts';
import {
  bodyParts,
  headerParts,
  headersOf,
  type MessageParts,
  messageOf,
  PARAMETERS,
} from './write-parts.ts';
import { TypeWriter } from './write-type.ts';
import { xmlMessages } from './xml-parts.ts';

/** `portType` of a contract, with the messages and the elements that its operations have. */
interface ContractElements {
  readonly messages: readonly XmlElement[];
  readonly portType: XmlElement;
  /** The contract without the operations that no schema can have. */
  readonly described: Contract;
}

const ACTION = attributeKey({ name: 'Action', namespace: NAMESPACES.wsaw });
const [USING_SESSION, IS_INITIATING, IS_TERMINATING] = [
  'usingSession',
  'isInitiating',
  'isTerminating',
].map((name) => attributeKey({ name, namespace: NAMESPACES.msc })) as [string, string, string];

/** The messages of an operation, and the elements of its faults' details. */
interface OperationParts {
  readonly request: MessageParts;
  readonly reply: MessageParts;
  readonly details: readonly QName[];
}

/**
 * Writes the abstract part of contracts, as WCF does. What the format `xmlSerializer` has comes last into the schemas:
 * an operation that they have no place for then is left out.
 *
 * @throws {NetTcpError} `Usage` for an element that two operations or faults fill differently, or two different types
 *   of one name, but for those of the format `xmlSerializer`
 */
export function writeContracts(
  contracts: Iterable<Contract>,
  schemas: Schemas,
): ReadonlyMap<Contract, ContractElements> {
  const types = new TypeWriter(schemas);
  const written = [...contracts].map((contract) => {
    const callbacks = [...callbacksOf(contract).operations.values()];
    const all = [...contract.operations.values(), ...callbacks];
    const parts = all.map((operation) => dataContractParts(operation, types, schemas));
    return { contract, all, parts };
  });
  types.finish();
  return new Map(
    written.map(({ contract, all, parts }) => {
      const unsaid = new Map<Operation, string>();
      const complete = all.map((operation, index) => {
        const part = parts[index] as OperationParts;
        if (operation.format !== 'xmlSerializer') return part;
        try {
          return { ...part, ...xmlMessages(operation, schemas) };
        } catch (error) {
          if (!(error instanceof CannotDescribe)) throw error;
          unsaid.set(operation, error.message);
          return part;
        }
      });
      const said = new Map(all.map((operation, index) => [operation, complete[index]] as const));
      for (const operation of unsaid.keys()) said.delete(operation);
      return [
        contract,
        portTypeOf(contract, said as ReadonlyMap<Operation, OperationParts>, unsaid),
      ];
    }),
  );
}

const NO_PARTS: MessageParts = { body: [], headers: [] };

/** What an operation has of data contracts: its messages, but for those of another format, and its faults. */
function dataContractParts(
  operation: Operation,
  types: TypeWriter,
  schemas: Schemas,
): OperationParts {
  const { name, parameters, results, replyName, streamsRequest, streamsReply } = operation;
  const wrapped = (of: string, fields: readonly Field[], isStream: boolean): MessageParts => {
    const element = wrapper(operation, of, fields, isStream, types, schemas);
    return { body: [{ name: PARAMETERS, element }], headers: [] };
  };
  const ofShape = (shape: MessageShape): MessageParts => ({
    body: bodyParts(shape, types, schemas),
    headers: headerParts(shape.headers, types, schemas),
  });
  const isXml = operation.format === 'xmlSerializer';
  const request = isXml
    ? NO_PARTS
    : operation.request === undefined
      ? wrapped(name, parameters, streamsRequest)
      : ofShape(operation.request);
  const reply =
    isXml || operation.oneWay
      ? NO_PARTS
      : operation.reply === undefined
        ? wrapped(replyName, results, streamsReply)
        : ofShape(operation.reply);
  const details = operation.faults.map((fault) => detailOf(fault, types, schemas));
  return { request, reply, details };
}

/** @param said the operations that are described @param unsaid the others, and why they are not */
function portTypeOf(
  contract: Contract,
  said: ReadonlyMap<Operation, OperationParts>,
  unsaid: ReadonlyMap<Operation, string>,
): ContractElements {
  const messages: XmlElement[] = [];
  const add = (suffix: string, { body, headers }: MessageParts): QName => {
    const name = `${contract.name}_${suffix}`;
    messages.push(messageOf(name, body));
    const named = { name, namespace: contract.namespace };
    if (headers.length > 0) messages.push(messageOf(headersOf(named).name, headers));
    return named;
  };
  const usesSession = contract.sessionMode === 'required';
  const write = (operation: Operation, isCallback: boolean): XmlElement | undefined => {
    const parts = said.get(operation);
    if (parts === undefined) return undefined;
    const { name, action, replyAction, oneWay, faults, isInitiating, isTerminating } = operation;
    const kind = isCallback ? 'CallbackMessage' : 'Message';
    const [there, back] = isCallback ? ['Output', 'Input'] : ['Input', 'Output'];
    const asked = add(`${name}_${there}${kind}`, parts.request);
    const content = [wsdl(there.toLowerCase(), { [ACTION]: action, message: asked })];
    if (!oneWay) {
      const answer = add(`${name}_${back}${kind}`, parts.reply);
      content.push(wsdl(back.toLowerCase(), { [ACTION]: replyAction, message: answer }));
    }
    for (const [index, fault] of faults.entries()) {
      const faultName = faultNameOf(fault);
      const element = parts.details[index] as QName;
      const body = [{ name: 'detail', element }];
      const of = add(`${name}_${faultName}_FaultMessage`, { body, headers: [] });
      content.push(wsdl('fault', { [ACTION]: fault.action, name: faultName, message: of }));
    }
    const session = {
      [IS_INITIATING]: String(isInitiating),
      [IS_TERMINATING]: String(isTerminating),
    };
    return wsdl('operation', { ...(usesSession && session), name }, content);
  };
  const { callback } = contract;
  const operations = [
    ...[...contract.operations.values()].map((operation) => write(operation, false)),
    ...[...callbacksOf(contract).operations.values()].map((operation) => write(operation, true)),
  ];
  const session = usesSession ? { [USING_SESSION]: 'true' } : {};
  const why = [...unsaid].map(([{ name }, reason]) => `${name} is left out: ${reason}.`).join(' ');
  const portType = wsdl('portType', { ...session, name: contract.name }, [
    why === '' ? undefined : wsdl('documentation', {}, why),
    ...operations,
  ]);
  const only = (of: ReadonlyMap<string, Operation>): ReadonlyMap<string, Operation> =>
    new Map([...of].filter(([, operation]) => said.has(operation)));
  const described: Contract = {
    ...contract,
    operations: only(contract.operations),
    callback: callback && { ...callback, operations: only(callback.operations) },
  };
  return { messages, portType, described };
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
  const written = xs('element', { name, nillable: 'true', type: of });
  if (!schemas.claim(element)(written)) throw takenElement(element);
  return element;
}
