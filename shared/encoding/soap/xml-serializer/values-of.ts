import type { Operation } from '../../../contract/contract.ts';
import type { ValueReader } from '../values/read-value.ts';
import { XmlValueReader } from './read-xml-value.ts';

const XML_READERS = new WeakMap<ValueReader, XmlValueReader>();

/** What reads parameters and results of an operation. @param values of its session */
export function valuesOf(
  values: ValueReader,
  { format, namespace }: Operation,
): ValueReader | XmlValueReader {
  if (format !== 'xmlSerializer') return values;
  const made = XML_READERS.get(values) ?? new XmlValueReader(values);
  XML_READERS.set(values, made);
  return made.in(namespace);
}
