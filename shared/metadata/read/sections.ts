import { NetTcpError } from '../../errors.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, childrenOf, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';

const { wsdl: WSDL, xs: XS, wsx: WSX } = NAMESPACES;

/**
 * The WSDL documents and schemas in a document: itself, or the sections of a metadata exchange's answer.
 *
 * @param source names the document in errors, fit to be shown
 * @throws {NetTcpError} `Protocol` for a document of another kind
 */
export function sectionsOf(root: XmlElement, source: string): readonly XmlElement[] {
  if (isDescription(root)) return [root];
  if (root.name === 'Metadata' && root.namespace === WSX) {
    return childrenOf(root, { name: 'MetadataSection', namespace: WSX })
      .flatMap(({ children }) => children)
      .filter(isDescription);
  }
  throw new NetTcpError(
    'Protocol',
    `${source} is neither WSDL nor a schema: its root is ${shownName(root)}.`,
  );
}

/** Where a document says that others are which it needs; those that it names by their namespaces alone are left out. */
export function importsOf(document: XmlElement): readonly string[] {
  const schemas = childrenOf(document, { name: 'types', namespace: WSDL }).flatMap((types) =>
    childrenOf(types, { name: 'schema', namespace: XS }),
  );
  const locations = [
    ...childrenOf(document, { name: 'import', namespace: WSDL }).map((each) =>
      attribute(each, 'location'),
    ),
    ...[document, ...schemas].flatMap((schema) =>
      ['import', 'include'].flatMap((name) =>
        childrenOf(schema, { name, namespace: XS }).map((each) =>
          attribute(each, 'schemaLocation'),
        ),
      ),
    ),
  ];
  return locations.filter((location) => location !== undefined && location !== '') as string[];
}

function isDescription({ name, namespace }: XmlElement): boolean {
  return (name === 'definitions' && namespace === WSDL) || (name === 'schema' && namespace === XS);
}
