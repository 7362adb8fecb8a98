import type { BinaryXmlReader } from '../binary-xml/reader.ts';

/**
 * The names of an element's children, with the reader at each of them in turn. The caller must have read to
 * the end of one before it asks for the next.
 */
export function* children(reader: BinaryXmlReader): Generator<string> {
  while (reader.read() !== 'end') {
    if (reader.kind === 'element') yield reader.name;
  }
}

/** Text of an element whose child elements, if it has any, do not matter. */
export function textOf(reader: BinaryXmlReader): string {
  const outside = reader.depth - 1;
  const text = reader.readText();
  while (reader.depth > outside) reader.read();
  return text ?? '';
}
