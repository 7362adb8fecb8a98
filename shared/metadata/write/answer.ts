import type { BinaryXmlWriter, ElementWriter } from '../../encoding/binary-xml/writer.ts';
import { OPEN } from '../../encoding/binary-xml/text-record-writer.ts';
import { elementsOf, type XmlElement } from '../xml/element.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { prefixesOf, splitKey } from '../xml/write-xml.ts';
import { describe } from './description.ts';
import type { DescribedEndpoint } from './write-binding.ts';

const wsx = elementsOf(NAMESPACES.wsx);
const DIALECTS = { wsdl: NAMESPACES.wsdl, xsd: NAMESPACES.xs };

/**
 * The answer to a request for metadata: a section for each document.
 *
 * @throws {NetTcpError} `Usage` for contracts that WSDL cannot describe
 */
export function metadataAnswer(endpoints: readonly DescribedEndpoint[]): ElementWriter {
  const sections = describe('Service', endpoints, false).map(({ dialect, namespace, root }) =>
    wsx('MetadataSection', { Dialect: DIALECTS[dialect], Identifier: namespace }, [root]),
  );
  const metadata = wsx('Metadata', {}, sections);
  const prefixes = prefixesOf(metadata, '');
  return (xml) => write(xml, metadata, prefixes, true);
}

function write(
  xml: BinaryXmlWriter,
  { name, namespace, attributes, children, text }: XmlElement,
  prefixes: ReadonlyMap<string, string>,
  isRoot: boolean,
): void {
  const prefixOf = (of: string): string => (of === '' ? '' : (prefixes.get(of) ?? ''));
  xml.element(prefixOf(namespace), name);
  for (const [key, value] of attributes) {
    const [of, attribute] = splitKey(key);
    xml.attribute(prefixOf(of), attribute);
    const prefix = typeof value === 'string' ? '' : prefixOf(value.namespace);
    const shown = typeof value === 'string' ? value : `${prefix}${prefix && ':'}${value.name}`;
    xml.text(shown, OPEN);
  }
  if (isRoot) for (const [of, prefix] of prefixes) xml.xmlns(prefix, of);
  if (text !== '') xml.text(text, OPEN);
  for (const child of children) write(xml, child, prefixes, false);
  xml.endElement();
}
