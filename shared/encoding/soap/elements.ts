import { NetTcpError } from '../../errors.ts';
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

/** How text is called where none is due. */
export const TEXT = '#text';

/** Whether the reader is at text that says something: white space may stand anywhere. */
export function isText({ kind, text }: BinaryXmlReader): boolean {
  return kind === 'text' && /[^ \t\r\n]/.test(text.text());
}

/**
 * Moves to the next element. @returns false if there is none before an end
 *
 * @param where the reader is, for a sentence
 * @throws {NetTcpError} `Protocol` for text before it
 */
export function nextElement(reader: BinaryXmlReader, where: string): boolean {
  for (;;) {
    const kind = reader.read();
    if (kind === 'element') return true;
    if (kind === 'end' || kind === 'done') return false;
    if (isText(reader)) malformedEnvelope(`text stands ${where}`);
  }
}

/**
 * Reads on to the end of an envelope, with the reader at the end of what the Body holds.
 *
 * @throws {NetTcpError} `Protocol` for anything that follows: .NET refuses it, and here it would be lost
 */
export function finishEnvelope(reader: BinaryXmlReader): void {
  while (reader.read() !== 'done') {
    const isElement = reader.kind === 'element';
    if (!isElement && !isText(reader)) continue;
    const what = isElement ? shorten(reader.name) : 'text';
    malformedEnvelope(`${what} follows what its Body holds`);
  }
}

/** A name in a sentence, cut where it is too long for one. */
export function shorten(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

export function malformedEnvelope(what: string): never {
  throw new NetTcpError('Protocol', `not a SOAP 1.2 envelope: ${what}`);
}

/** Text of an element whose child elements, if it has any, do not matter. */
export function textOf(reader: BinaryXmlReader): string {
  const outside = reader.depth - 1;
  const text = reader.readText();
  while (reader.depth > outside) reader.read();
  return text ?? '';
}
