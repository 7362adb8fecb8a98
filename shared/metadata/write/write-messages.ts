import type { Contract, Operation } from '../../contract/contract.ts';
import { csharpName, type QName, rootName } from '../../contract/types/type-names.ts';
import type { Field } from '../../contract/types/types.ts';
import type { FaultContract } from '../../contract/operation.ts';
import { NetTcpError } from '../../errors.ts';
import { NAMESPACES, wsdl, xs } from '../xml/vocabulary.ts';
import { attributeKey, type XmlElement } from '../xml/element.ts';
import type { Schemas } from './schemas.ts';
import type { TypeWriter } from './write-type.ts';

/** `portType` of a contract, with the messages and the elements that its operations have. */
export interface ContractElements {
  readonly messages: readonly XmlElement[];
  readonly portType: XmlElement;
}

const ACTION = attributeKey({ name: 'Action', namespace: NAMESPACES.wsaw });
const PARAMETERS = 'parameters';

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
  const message = (suffix: string, part: string, element: QName): QName => {
    const name = `${contract.name}_${suffix}`;
    messages.push(wsdl('message', { name }, [wsdl('part', { name: part, element })]));
    return { name, namespace: contract.namespace };
  };
  const operations = [...contract.operations.values()].map((operation) => {
    const { name, action, replyAction, oneWay, faults } = operation;
    const request = wrapper(
      operation,
      name,
      operation.parameters,
      operation.streamsRequest,
      types,
      schemas,
    );
    const content = [
      wsdl('input', {
        [ACTION]: action,
        message: message(`${name}_InputMessage`, PARAMETERS, request),
      }),
    ];
    if (!oneWay) {
      const reply = wrapper(
        operation,
        operation.replyName,
        operation.results,
        operation.streamsReply,
        types,
        schemas,
      );
      const output = message(`${name}_OutputMessage`, PARAMETERS, reply);
      content.push(wsdl('output', { [ACTION]: replyAction, message: output }));
    }
    for (const fault of faults) {
      const faultName = faultNameOf(fault);
      const detail = detailOf(fault, types, schemas);
      const of = message(`${name}_${faultName}_FaultMessage`, 'detail', detail);
      content.push(wsdl('fault', { [ACTION]: fault.action, name: faultName, message: of }));
    }
    return wsdl('operation', { name }, content);
  });
  return { messages, portType: wsdl('portType', { name: contract.name }, operations) };
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
  if (!schemas.isNew(element)) throw taken(element);
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

function taken({ name, namespace }: QName): NetTcpError {
  return new NetTcpError(
    'Usage',
    `Metadata cannot describe the contract: two messages have the element {${namespace}}${name}.`,
  );
}
