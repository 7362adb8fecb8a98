import type { BinaryXmlReader } from '../binary-xml/reader.ts';

/**
 * Names of the child elements of the element at which the reader stands, at each of which it stands in turn.
 * Whoever asks for the next must have read to the end of the last.
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
