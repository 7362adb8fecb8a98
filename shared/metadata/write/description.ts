import type { Contract } from '../../contract/contract.ts';
import { NAMESPACES, wsdl, xs } from '../xml/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';
import { writeXml } from '../xml/write-xml.ts';
import { Schemas } from './schemas.ts';
import { SERIALIZATION_SCHEMA } from './serialization.ts';
import { type DescribedEndpoint, writeBinding } from './write-binding.ts';
import { writeContracts } from './write-messages.ts';

/** One document of a description. */
interface MetadataDocument {
  readonly dialect: 'wsdl' | 'xsd';
  /** Target namespace. */
  readonly namespace: string;
  /** File name; documents name each other by it. */
  readonly name: string;
  readonly root: XmlElement;
  /** The document as text. */
  readonly text: string;
}

/** Namespace of services: contracts have their own. */
const SERVICE_NAMESPACE = 'http://tempuri.org/';

/**
 * Describes endpoints in WSDL 1.1 and XML Schema 1.0, in the form that WCF writes and its tools read.
 *
 * @param name of the service, an XML name; also the file name of the first document
 * @param isLinked documents name each other by their file names; false: by their namespaces alone, as the sections
 *   of a metadata exchange do
 * @throws {NetTcpError} `Usage` for a contract that WSDL cannot describe: two types, or two messages, of one name
 */
export function describe(
  name: string,
  given: readonly DescribedEndpoint[],
  isLinked = true,
): readonly MetadataDocument[] {
  const schemas = new Schemas();
  const documents = new Documents(name, isLinked);
  const contracts = writeContracts(new Set(given.map(({ contract }) => contract)), schemas);
  for (const [{ namespace }, { messages, portType }] of contracts) {
    documents.wsdl(namespace).push(...messages, portType);
  }
  const endpoints = given.map((one) => ({
    ...one,
    contract: contracts.get(one.contract)?.described ?? one.contract,
  }));
  const elements = schemas.toElements((namespace) => documents.xsdName(namespace));
  for (const namespace of [...elements.keys(), NAMESPACES.ser]) documents.xsdName(namespace);
  const own = documents.wsdl(SERVICE_NAMESPACE);
  const written = endpoints.map((endpoint, index) =>
    writeBinding(endpoint, bindingName(endpoints, index), SERVICE_NAMESPACE),
  );
  own.push(...written.map(({ binding }) => binding));
  own.push(
    wsdl(
      'service',
      { name },
      written.map(({ port }) => port),
    ),
  );
  const policies = written.map(({ policy }) => policy);
  return documents.all(policies, new Map([...elements, [NAMESPACES.ser, SERIALIZATION_SCHEMA]]));
}

/** WCF's name of a binding, with a number where a contract has several. */
function bindingName(endpoints: readonly DescribedEndpoint[], index: number): string {
  const nameOf = ({ contract }: { readonly contract: Contract }): string =>
    `NetTcpBinding_${contract.name}`;
  const due = nameOf(endpoints[index] as DescribedEndpoint);
  const before = endpoints.slice(0, index).filter((other) => nameOf(other) === due).length;
  return before === 0 ? due : `${due}${before}`;
}

/** The documents while they are written, and how they name each other. */
class Documents {
  readonly #service: string;
  readonly #isLinked: boolean;
  readonly #wsdl = new Map<string, XmlElement[]>();
  readonly #xsdNames = new Map<string, string>();

  constructor(service: string, isLinked: boolean) {
    this.#service = service;
    this.#isLinked = isLinked;
  }

  /** What is to be in the WSDL of a namespace. */
  wsdl(namespace: string): XmlElement[] {
    const known = this.#wsdl.get(namespace);
    if (known !== undefined) return known;
    const made: XmlElement[] = [];
    this.#wsdl.set(namespace, made);
    return made;
  }

  /** Where the schema of a namespace is. */
  xsdName(namespace: string): string | undefined {
    const name = this.#xsdNames.get(namespace) ?? `${this.#service}${this.#xsdNames.size}.xsd`;
    this.#xsdNames.set(namespace, name);
    return this.#isLinked ? name : undefined;
  }

  all(
    policies: readonly XmlElement[],
    schemas: ReadonlyMap<string, XmlElement>,
  ): readonly MetadataDocument[] {
    const own = this.wsdl(SERVICE_NAMESPACE);
    const others = [...this.#wsdl.keys()].filter((namespace) => namespace !== SERVICE_NAMESPACE);
    const fileOf = (namespace: string): string => {
      const index = others.indexOf(namespace);
      return index < 0 ? `${this.#service}.wsdl` : `${this.#service}${index}.wsdl`;
    };
    const imports = others.map((namespace) =>
      wsdl('import', { namespace, location: this.#isLinked ? fileOf(namespace) : '' }),
    );
    const named = [...schemas].map(([namespace]) => [namespace, this.xsdName(namespace)] as const);
    const wsdlOf = (
      namespace: string,
      content: readonly XmlElement[],
      [head, name]: readonly [readonly XmlElement[], string?],
    ): MetadataDocument => {
      const root = wsdl('definitions', { name, targetNamespace: namespace }, [
        ...head,
        wsdl('types', {}, [typesOf(namespace, named)]),
        ...content,
      ]);
      return toDocument('wsdl', namespace, fileOf(namespace), root);
    };
    return [
      wsdlOf(SERVICE_NAMESPACE, own, [[...policies, ...imports], this.#service]),
      ...others.map((namespace) => wsdlOf(namespace, this.wsdl(namespace), [[]])),
      ...[...schemas].map(([namespace, root]) =>
        toDocument('xsd', namespace, this.#xsdNames.get(namespace) ?? '', root),
      ),
    ];
  }
}

/** The schema inside a WSDL: it only imports the others. */
function typesOf(
  namespace: string,
  schemas: readonly (readonly [namespace: string, location: string | undefined])[],
): XmlElement {
  const imports = schemas.map(([of, schemaLocation]) =>
    xs('import', { schemaLocation, namespace: of }),
  );
  const targetNamespace = `${namespace}${namespace.endsWith('/') ? '' : '/'}Imports`;
  return xs('schema', { targetNamespace }, imports);
}

function toDocument(
  dialect: 'wsdl' | 'xsd',
  namespace: string,
  name: string,
  root: XmlElement,
): MetadataDocument {
  return { dialect, namespace, name, root, text: writeXml(root, namespace) };
}
