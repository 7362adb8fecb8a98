import { isReserved } from '../../contract/check-name.ts';
import type { OperationDefinition } from '../../contract/operation.ts';
import { defineContract, type Operation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { NAMESPACES, TCP_TRANSPORT } from '../xml/vocabulary.ts';
import {
  attribute,
  attributeKey,
  childOf,
  childrenOf,
  nameIn,
  type XmlElement,
} from '../xml/element.ts';
import { CannotSay } from './cannot-say.ts';
import { type Component, Definitions } from './definitions.ts';
import {
  isOfXmlSerializer,
  type ReadOperation,
  readOperation,
  shortFault,
} from './read-operation.ts';
import { TypeReader } from './read-type.ts';
import type { SchemaReader } from './schema-reader.ts';
import { XmlTypeReader } from './read-xml-type.ts';

const { wsdl: WSDL, soap: SOAP, soap12: SOAP12 } = NAMESPACES;

/** A contract as a description has it: what `defineContract` takes, and what it cannot take. */
export interface ContractSource {
  readonly name: string;
  readonly namespace: string;
  /** Contracts that it inherits from. */
  readonly bases: readonly ContractSource[];
  readonly operations: ReadonlyMap<string, OperationDefinition>;
  /** What it calls at its clients, under a name of ours: WSDL has none for it. */
  readonly callback: ContractSource | undefined;
  /** `required` where it needs sessions, and neither an operation nor a callback says so. */
  readonly sessionMode: 'required' | undefined;
  /** Operations that cannot be said, and why, fit to be shown. */
  readonly unsaid: ReadonlyMap<string, string>;
}

/**
 * The contracts of a description: those with a net.tcp binding, or all that there are if none has one, but for those
 * that only another protocol than SOAP has.
 *
 * @param documents roots of WSDL and schemas, the main one first
 * @throws {NetTcpError} `Protocol` if they describe no contract
 */
export function readDescription(documents: readonly XmlElement[]): readonly ContractSource[] {
  const definitions = new Definitions(documents);
  const types = new TypeReader(definitions);
  const xmlTypes = new XmlTypeReader(definitions);
  const bindings = definitions.all('binding');
  const boundBy = (isMeant: (binding: Component) => boolean): Set<string> =>
    new Set(bindings.filter(isMeant).map(({ element }) => portTypeKey(element)));
  const [overTcp, overSoap, bound] = [boundBy(isTcp), boundBy(isSoap), boundBy(() => true)];
  const portTypes = definitions.all('portType').filter(({ name }) => {
    const key = attributeKey(name);
    return overTcp.size > 0 ? overTcp.has(key) : overSoap.has(key) || !bound.has(key);
  });
  if (portTypes.length === 0) {
    throw new NetTcpError(
      'Protocol',
      'The metadata describe no contract: there is no portType of SOAP.',
    );
  }
  return portTypes.map((portType) => {
    const binding = bindings.find(
      ({ element }) => portTypeKey(element) === attributeKey(portType.name),
    );
    return readContract(portType, binding?.element, definitions, types, xmlTypes);
  });
}

function isTcp({ element }: Component): boolean {
  const soap12 = childOf(element, { name: 'binding', namespace: SOAP12 });
  return soap12 !== undefined && attribute(soap12, 'transport') === TCP_TRANSPORT;
}

function isSoap({ element }: Component): boolean {
  return [SOAP, SOAP12].some((namespace) => childOf(element, { name: 'binding', namespace }));
}

function portTypeKey(binding: XmlElement): string {
  return attributeKey(nameIn(binding, 'type') ?? { name: '', namespace: '' });
}

interface Group {
  readonly name: string;
  readonly namespace: string;
  readonly operations: Map<string, OperationDefinition>;
  readonly callbacks: Map<string, OperationDefinition>;
}

/** One `portType`: its own operations, and those that it inherits, which have names of other contracts. */
function readContract(
  { element, name }: Component,
  binding: XmlElement | undefined,
  definitions: Definitions,
  types: TypeReader,
  xmlTypes: XmlTypeReader,
): ContractSource {
  const groups = new Map<string, Group>();
  const own = groupOf(groups, name.name, name.namespace);
  const unsaid = new Map<string, string>();
  for (const each of childrenOf(element, { name: 'operation', namespace: WSDL })) {
    const of = attribute(each, 'name') ?? '';
    const method = isReserved(of) ? `${of}_` : of;
    const bound = boundOperation(binding, of);
    const read = (bodies: SchemaReader): void => {
      const one = types.complete(() =>
        bodies.complete(() =>
          readOperation(each, of, bound, name.namespace, definitions, types, bodies),
        ),
      );
      const [group, definition] = place(one, of, own, groups);
      const named = method === of ? definition : { ...definition, name: of };
      checkAlone(group, method, named, one.isCallback);
      (one.isCallback ? group.callbacks : group.operations).set(method, named);
    };
    // What is no data contract may be XmlSerializer's.
    const isXml = isOfXmlSerializer(each, definitions);
    const [first, other] = isXml ? [xmlTypes, types] : [types, xmlTypes];
    const why = reasonOf(() => read(first));
    if (why !== undefined && reasonOf(() => read(other)) !== undefined) unsaid.set(of, why);
  }
  const bases = [...groups.values()].filter((group) => group !== own);
  const usesSession = attribute(element, 'usingSession', NAMESPACES.msc) === 'true';
  return {
    ...sourceOf(own),
    bases: bases.map(sourceOf),
    sessionMode: usesSession && ![...groups.values()].some(needsSession) ? 'required' : undefined,
    unsaid,
  };
}

/** Why something cannot be said, fit to be shown; `undefined` if it can. */
function reasonOf(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    const isMeant = error instanceof CannotSay || error instanceof NetTcpError;
    if (!isMeant) throw error;
    return printable(error.message);
  }
}

function sourceOf({ name, namespace, operations, callbacks }: Group): ContractSource {
  const rest = { namespace, bases: [], sessionMode: undefined, unsaid: new Map<string, string>() };
  const callback = { ...rest, name: `${name}Callback`, operations: callbacks, callback: undefined };
  return { ...rest, name, operations, callback: callbacks.size === 0 ? undefined : callback };
}

function needsSession({ operations, callbacks }: Group): boolean {
  const ofSession = [...operations.values()].some(
    ({ isInitiating, isTerminating }) => isInitiating === false || isTerminating === true,
  );
  return ofSession || callbacks.size > 0;
}

function groupOf(groups: Map<string, Group>, name: string, namespace: string): Group {
  const key = attributeKey({ name, namespace });
  const group = groups.get(key) ?? { name, namespace, operations: new Map(), callbacks: new Map() };
  groups.set(key, group);
  return group;
}

/** The contract that an operation belongs to, and its definition there. */
function place(
  read: ReadOperation,
  name: string,
  own: Group,
  groups: Map<string, Group>,
): readonly [Group, OperationDefinition] {
  const { namespace, action, replyAction } = read;
  const base = `${namespace}${namespace.endsWith('/') ? '' : '/'}`;
  // An inherited operation has the default actions of another contract.
  const of = action?.startsWith(base) === true ? action.slice(base.length).split('/') : [];
  const [contract = '', operation, ...rest] = of;
  const isDefault =
    operation === name &&
    rest.length === 0 &&
    (replyAction === undefined || replyAction === `${action}Response`);
  const isInherited = isDefault && (contract !== own.name || namespace !== own.namespace);
  if (!isInherited && namespace !== own.namespace) {
    throw new CannotSay('its elements are in another namespace');
  }
  const group = isInherited ? groupOf(groups, contract, namespace) : own;
  const due = `${base}${group.name}/${name}`;
  const { definition } = read;
  const faults = definition.faults.map((fault) => shortFault(fault, action ?? due));
  return [
    group,
    {
      ...definition,
      faults,
      ...(action !== undefined && action !== due && { action }),
      ...(replyAction !== undefined && replyAction !== `${due}Response` && { replyAction }),
    },
  ];
}

/** @throws {NetTcpError} `Usage` for an operation that no contract can have, or this one has already */
function checkAlone(
  { name, namespace, operations, callbacks }: Group,
  of: string,
  definition: OperationDefinition,
  isCallback: boolean,
): void {
  const alone = defineContract({ name, namespace, operations: { [of]: definition } });
  if (isCallback) defineContract({ name, namespace, operations: {}, callback: alone });
  const { action } = [...alone.operations.values()][0] as Operation;
  const among = isCallback ? callbacks : operations;
  const others = [...among.values()].map((other) => other.action);
  if (!among.has(of) && (definition.action === undefined || !others.includes(action))) return;
  throw new CannotSay('there is another of that name or action');
}

/** What a binding says of an operation. */
function boundOperation(binding: XmlElement | undefined, name: string): XmlElement | undefined {
  const operations =
    binding === undefined ? [] : childrenOf(binding, { name: 'operation', namespace: WSDL });
  return operations.find((each) => attribute(each, 'name') === name);
}
