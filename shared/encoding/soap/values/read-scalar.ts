import { DateTime } from '../../../contract/types/text/date-time.ts';
import { mismatchOf } from '../../../contract/types/mismatch.ts';
import {
  formatDecimal,
  parseBoolean,
  parseDouble,
  parseInteger,
  parseGuid,
} from '../../../contract/types/text/number-text.ts';
import { parseDate, parseDuration } from '../../../contract/types/text/time-text.ts';
import { check } from '../../../contract/types/values.ts';
import { parseBase64 } from '../../binary-xml/lexical-octets.ts';
import type { BinaryXmlReader } from '../../binary-xml/reader.ts';
import type { TextRecord } from '../../binary-xml/text-record.ts';
import type { PlainKind } from './write-scalar.ts';

/**
 * Reads the content of the element at which the reader stands, to its end, as a value of that kind.
 *
 * As in .NET, any record or text that stands for such a value is accepted: a writer is free to put a
 * double into an Int8 record, or to write it out.
 *
 * @throws {Mismatch} when it is not such a value
 */
export function readScalar(reader: BinaryXmlReader, kind: PlainKind): unknown {
  return canonical(kind === 'base64Binary' ? readOctets(reader) : readPlain(reader, kind), kind);
}

/** The content as JavaScript holds it; text that is not of that kind stays text. */
function readPlain(reader: BinaryXmlReader, kind: PlainKind): unknown {
  if (reader.read() !== 'text') return fromText(restOfText(reader, kind), kind);
  const value = fromRecord(reader.text, kind);
  if (reader.text.endsElement) {
    const read = value ?? fromText(reader.text.text(), kind);
    reader.read();
    return read;
  }
  const text = reader.text.text();
  if (reader.read() === 'end') return value ?? fromText(text, kind);
  return fromText(text + restOfText(reader, kind), kind);
}

function restOfText(reader: BinaryXmlReader, kind: PlainKind): string {
  const text = reader.restOfText();
  if (text === undefined) throw mismatchOf({ kind }, `an element (${reader.name})`);
  return text;
}

/** The value of a record that is made for that kind; `undefined` for all others. */
function fromRecord(record: TextRecord, kind: PlainKind): unknown {
  switch (kind) {
    case 'string':
      return record.text();
    case 'boolean':
      return record.boolean() ?? record.number();
    case 'long':
    case 'unsignedLong':
      return record.integer();
    case 'dateTime': {
      const date = record.dateTime();
      return date === undefined ? undefined : DateTime.of(date.ticks, date.kind);
    }
    case 'duration':
      return record.duration();
    case 'decimal':
    case 'guid':
    case 'base64Binary':
    case 'anyURI':
      return undefined;
    case 'char':
      return charOf(record.number());
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt':
    case 'double':
    case 'float':
      return record.number();
  }
}

/** In XML, a char is its number. */
function charOf(code: number | bigint | undefined): string | undefined {
  const unit = Number(code);
  return unit >= 0 && unit <= 0xffff ? String.fromCharCode(unit) : undefined;
}

/** The same of text, as the value of an attribute. @throws {Mismatch} when it is not such a value */
export function scalarOf(text: string, kind: PlainKind): unknown {
  return canonical(fromText(text, kind), kind);
}

function canonical(read: unknown, kind: PlainKind): unknown {
  return kind === 'decimal' ? formatDecimal(check(kind, read)) : check(kind, read);
}

/** The value that the text stands for, or the text. */
function fromText(text: string, kind: PlainKind): unknown {
  return parse(text, kind) ?? text;
}

function parse(text: string, kind: PlainKind): unknown {
  switch (kind) {
    case 'string':
    case 'decimal':
      return text;
    case 'double':
    case 'float':
      return parseDouble(text);
    case 'boolean':
      return parseBoolean(text);
    case 'long':
    case 'unsignedLong':
      return parseInteger(text);
    case 'dateTime':
      return parseDate(text);
    case 'duration':
      return parseDuration(text);
    case 'guid':
      return parseGuid(text);
    case 'base64Binary':
      return parseBase64(text);
    case 'anyURI':
      return text;
    case 'char':
      return charOf(parseInteger(text));
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt': {
      const integer = parseInteger(text);
      return integer === undefined ? undefined : Number(integer);
    }
  }
}

/** .NET writes bytes in two records, groups of three and the rest; text in between is base64. */
function readOctets(reader: BinaryXmlReader): unknown {
  const chunks: Uint8Array[] = [];
  let base64 = '';
  while (reader.read() !== 'end') {
    if (reader.kind === 'element') {
      throw mismatchOf({ kind: 'base64Binary' }, `an element (${reader.name})`);
    }
    if (reader.kind !== 'text') continue;
    const octets = reader.text.octets();
    if (octets === undefined) base64 += reader.text.text();
    else {
      if (base64 !== '') chunks.push(check('base64Binary', fromText(base64, 'base64Binary')));
      base64 = '';
      chunks.push(octets);
    }
  }
  if (base64 !== '') chunks.push(check('base64Binary', fromText(base64, 'base64Binary')));
  return joined(chunks);
}

/** In memory of its own, to which each is copied once: the value outlives the message. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = chunks;
  if (first === undefined) return new Uint8Array(0);
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let at = first.length;
  const all = beginningWith(first, length);
  for (const chunk of others) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * Memory that begins with `bytes`. A copy is made of what follows them, too: memory that is made empty is filled with
 * zeros first, which takes half as long again.
 */
function beginningWith(bytes: Uint8Array, length: number): Uint8Array {
  const { buffer, byteOffset } = bytes;
  if (byteOffset + length <= buffer.byteLength) {
    return new Uint8Array(new Uint8Array(buffer, byteOffset, length));
  }
  const all = new Uint8Array(length);
  all.set(bytes);
  return all;
}
