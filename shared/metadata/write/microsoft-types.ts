import { NAMESPACES, xs } from '../xml/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';

/** The definition of a scalar that XML Schema lacks, as one of XML Schema's with rules. */
function restricted(name: string, base: string, pattern?: string): XmlElement {
  const facets = [pattern === undefined ? undefined : xs('pattern', { value: pattern })];
  return xs('simpleType', { name }, [
    xs('restriction', { base: { name: base, namespace: NAMESPACES.xs } }, facets),
  ]);
}

/** XmlSerializer's own scalars. */
export const MICROSOFT_SCHEMA: readonly XmlElement[] = [
  restricted(
    'guid',
    'string',
    '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  ),
  restricted('char', 'unsignedShort'),
  restricted('TimeSpan', 'duration'),
  restricted('dateTimeOffset', 'dateTime'),
];
