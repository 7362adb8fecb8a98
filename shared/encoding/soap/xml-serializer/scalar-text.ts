import { Mismatch, mismatch, within } from '../../../contract/types/mismatch.ts';
import { DateTimeOffset, dateTicksOf } from '../../../contract/types/text/date-time.ts';
import {
  formatDecimal,
  formatRoundTrip,
  trimXml,
} from '../../../contract/types/text/number-text.ts';
import {
  formatDateTime,
  formatDateTimeOffset,
  formatDuration,
  msToDurationTicks,
  parseDateTimeOffset,
} from '../../../contract/types/text/time-text.ts';
import type { ValueType } from '../../../contract/types/types.ts';
import {
  check,
  checkArray,
  checkEnumeration,
  checkFlags,
  namesOfFlags,
  parseFlags,
} from '../../../contract/types/values.ts';
import { formatBase64 } from '../../binary-xml/lexical-octets.ts';
import { scalarOf } from '../values/read-scalar.ts';
import { isPlain, type PlainKind } from '../values/write-scalar.ts';

/**
 * A value as text, as XmlSerializer writes it: always text, never a record of its own.
 *
 * @throws {Mismatch} for a value that is not of the type
 */
export function textOf(type: ValueType, value: unknown): string {
  switch (type.kind) {
    case 'nillable':
    case 'lazy':
      return textOf(type.of, value);
    case 'enumeration':
      return checkEnumeration(type, value);
    case 'flags':
      return (namesOfFlags(type, checkFlags(type, value)) ?? []).join(' ');
    case 'array':
      return checkArray(type, value)
        .map((item, index) => itemOf(type.of, item, index))
        .join(' ');
    case 'dateTimeOffset':
      return formatDateTimeOffset(check(type.kind, value));
    default:
      if (isPlain(type)) return plainText(type.kind, value);
      throw mismatch(type, value);
  }
}

/** @throws {Mismatch} also for one that would be read as several, or none */
function itemOf(type: ValueType, value: unknown, index: number): string {
  try {
    const text = textOf(type, value);
    if (/^[^ \t\r\n]+$/.test(text)) return text;
    throw new Mismatch('must be text without white space in it, as one of a list');
  } catch (caught) {
    throw within(`[${index}]`, caught);
  }
}

function plainText(kind: PlainKind, value: unknown): string {
  switch (kind) {
    case 'double':
      return formatRoundTrip(check(kind, value), 'double');
    case 'float':
      return formatRoundTrip(check(kind, value), 'float');
    case 'decimal':
      return formatDecimal(check(kind, value));
    case 'dateTime':
      return formatDateTime(dateTicksOf(check(kind, value)));
    case 'duration':
      return formatDuration(msToDurationTicks(check(kind, value)));
    case 'char':
      return String(check(kind, value).charCodeAt(0));
    case 'base64Binary':
      return formatBase64(check(kind, value));
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt':
    case 'boolean':
    case 'long':
    case 'unsignedLong':
    case 'string':
    case 'guid':
    case 'anyURI':
      return String(check(kind, value));
  }
}

/** The value of text in an attribute, or between the tags. @throws {Mismatch} for other text */
export function fromText(type: ValueType, text: string): unknown {
  switch (type.kind) {
    case 'nillable':
    case 'lazy':
      return fromText(type.of, text);
    case 'enumeration':
      return checkEnumeration(type, trimXml(text));
    case 'flags':
      return parseFlags(type, wordsOf(text).join(' '));
    case 'array':
      return wordsOf(text).map((word) => fromText(type.of, word));
    case 'dateTimeOffset':
      return readOffset(text);
    default:
      if (isPlain(type)) return scalarOf(text, type.kind);
      throw mismatch(type, text);
  }
}

function wordsOf(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== '');
}

function readOffset(text: string): DateTimeOffset {
  return check('dateTimeOffset', parseDateTimeOffset(text) ?? text);
}
