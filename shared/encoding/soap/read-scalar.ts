import { DateTime } from '../../contract/date-time.ts';
import type { ScalarKind } from '../../contract/types.ts';
import {
  formatDecimal,
  parseBoolean,
  parseDecimal,
  parseDouble,
  parseInteger,
} from '../binary-xml/lexical-numbers.ts';
import { parseBase64, parseGuid } from '../binary-xml/lexical-octets.ts';
import { parseDateTime, parseDuration } from '../binary-xml/lexical-times.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import { TEXT } from '../binary-xml/records.ts';
import type { TextRecord } from '../binary-xml/text-record.ts';
import { BadValue } from './bad-value.ts';
import { DOTNET_NAMES, INT_RANGES, LONG_RANGES } from './scalars.ts';

/**
 * Reads the content of the element at which the reader stands, to its end, as a value of that kind.
 *
 * Whatever record or text stands for such a value is accepted, as .NET does: a writer is free to put
 * a double into an Int8 record, or to write it out.
 *
 * @throws {BadValue} when it is no such value
 */
export function readScalar(reader: BinaryXmlReader, kind: ScalarKind): unknown {
  if (kind === 'base64Binary') return readOctets(reader);
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

function restOfText(reader: BinaryXmlReader, kind: ScalarKind): string {
  const text = reader.restOfText();
  if (text === undefined) throw new BadValue(`There is an element in a ${DOTNET_NAMES[kind]}.`);
  return text;
}

/** The value of a record that is made for it, `undefined` for all others. */
function fromRecord(record: TextRecord, kind: ScalarKind): unknown {
  switch (kind) {
    case 'double':
      return record.number();
    case 'float': {
      const value = record.number();
      return value === undefined ? undefined : Math.fround(value);
    }
    case 'string':
      return record.text();
    case 'boolean':
      return record.boolean();
    case 'long':
    case 'unsignedLong': {
      const value = record.integer();
      return value !== undefined && isLong(value, kind) ? value : undefined;
    }
    case 'dateTime': {
      const value = record.dateTime();
      return value === undefined ? undefined : DateTime.of(value.ticks, value.kind);
    }
    case 'duration':
      return record.duration();
    case 'guid':
      return record.type === TEXT.guid ? record.text() : undefined;
    case 'decimal':
    case 'base64Binary':
      return undefined;
    default: {
      const value = record.number();
      return value !== undefined && isInt(value, kind) ? value + 0 : undefined; // no −0
    }
  }
}

function fromText(text: string, kind: ScalarKind): unknown {
  const value = parse(text, kind);
  if (value !== undefined) return value;
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  throw new BadValue(`The value '${shown}' cannot be parsed as the type '${DOTNET_NAMES[kind]}'.`);
}

function parse(text: string, kind: ScalarKind): unknown {
  switch (kind) {
    case 'string':
      return text;
    case 'double':
      return parseDouble(text);
    case 'float': {
      const value = parseDouble(text);
      return value === undefined ? undefined : Math.fround(value);
    }
    case 'boolean':
      return parseBoolean(text);
    case 'long':
    case 'unsignedLong': {
      const value = parseInteger(text);
      return value !== undefined && isLong(value, kind) ? value : undefined;
    }
    case 'decimal': {
      const value = parseDecimal(text);
      return value === undefined ? undefined : formatDecimal(value);
    }
    case 'dateTime': {
      const value = parseDateTime(text);
      return value === undefined ? undefined : DateTime.of(value.ticks, value.kind);
    }
    case 'duration':
      return parseDuration(text);
    case 'guid':
      return parseGuid(text);
    case 'base64Binary':
      return parseBase64(text);
    default: {
      const value = parseInteger(text);
      return value !== undefined && isInt(Number(value), kind) ? Number(value) : undefined;
    }
  }
}

function isInt(value: number, kind: keyof typeof INT_RANGES): boolean {
  const [min, max] = INT_RANGES[kind];
  return Number.isInteger(value) && value >= min && value <= max;
}

function isLong(value: bigint, kind: keyof typeof LONG_RANGES): boolean {
  const [min, max] = LONG_RANGES[kind];
  return value >= min && value <= max;
}

/** .NET writes octets in two records, whole threes and the rest; text in between is base64. */
function readOctets(reader: BinaryXmlReader): Uint8Array {
  const chunks: Uint8Array[] = [];
  let base64 = '';
  const flush = (): void => {
    if (base64 !== '') chunks.push(fromText(base64, 'base64Binary') as Uint8Array);
    base64 = '';
  };
  while (reader.read() !== 'end') {
    if (reader.kind === 'element') throw new BadValue('There is an element in a Byte[].');
    if (reader.kind !== 'text') continue;
    const octets = reader.text.octets();
    if (octets === undefined) base64 += reader.text.text();
    else {
      flush();
      chunks.push(octets);
    }
  }
  flush();
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
