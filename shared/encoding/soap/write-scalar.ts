import { DateTime } from '../../contract/date-time.ts';
import type { ScalarKind } from '../../contract/types.ts';
import { type Decimal, parseDecimal } from '../binary-xml/lexical-numbers.ts';
import { parseGuid } from '../binary-xml/lexical-octets.ts';
import {
  DATE_KIND,
  formatDuration,
  msToDateTicks,
  msToDurationTicks,
} from '../binary-xml/lexical-times.ts';
import { TEXT } from '../binary-xml/records.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../binary-xml/writer.ts';
import { BadValue } from './bad-value.ts';
import { INT_RANGES, LONG_RANGES } from './scalars.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Writes a value and the end of its element, as DataContractSerializer does: most kinds have a
 * record, but GUIDs, durations and unsigned longs go as text.
 *
 * @throws {BadValue} for a value that is not of that kind
 */
export function writeScalar(writer: BinaryXmlWriter, kind: ScalarKind, value: unknown): void {
  switch (kind) {
    case 'double':
      return writer.double(check.number(value, kind), END);
    case 'float':
      return writer.float(Math.fround(check.number(value, kind)), END);
    case 'boolean':
      return writer.boolean(check.boolean(value), END);
    case 'string':
      return writeString(writer, check.string(value));
    case 'long':
      return writer.long(check.long(value, kind), END);
    case 'unsignedLong':
      return writer.text(String(check.long(value, kind)), END);
    case 'decimal':
      return writer.decimal(check.decimal(value), END);
    case 'dateTime':
      return writer.dateTime(check.dateTicks(value), dateKindOf(value), END);
    case 'duration':
      return writer.text(formatDuration(check.durationTicks(value)), END);
    case 'guid':
      return writer.text(check.guid(value), END);
    case 'base64Binary':
      return writeOctets(writer, check.octets(value));
    default:
      return writeInt(writer, check.int(value, kind));
  }
}

/** The kinds whose arrays .NET writes as one array record, with the type of its items. */
export const PACKED_ITEMS: ReadonlyMap<string, number> = new Map([
  ['boolean', TEXT.bool],
  ['dateTime', TEXT.dateTime],
  ['decimal', TEXT.decimal],
  ['int', TEXT.int32],
  ['long', TEXT.int64],
  ['float', TEXT.float],
  ['double', TEXT.double],
]);

/** Writes one value of an array record. */
export function writePacked(writer: BinaryXmlWriter, type: number, value: unknown): void {
  switch (type) {
    case TEXT.bool:
      return writer.out.u8(Number(check.boolean(value)));
    case TEXT.dateTime:
      return writer.rawDateTime(check.dateTicks(value), dateKindOf(value));
    case TEXT.decimal:
      return writer.rawDecimal(check.decimal(value));
    case TEXT.int32:
      return writer.rawInt32(check.int(value, 'int'));
    case TEXT.int64:
      return writer.rawInt64(check.long(value, 'long'));
    case TEXT.float:
      return writer.rawFloat(check.number(value, 'float'));
    default:
      return writer.rawDouble(check.number(value, 'double'));
  }
}

function writeString(writer: BinaryXmlWriter, text: string): void {
  if (text === '') writer.endElement();
  else writer.text(text, END);
}

function writeInt(writer: BinaryXmlWriter, value: number): void {
  if (value <= 0x7fff_ffff) writer.int(value, END);
  else writer.long(BigInt(value), END);
}

/** In whole threes, so that each record is base64 by itself, and the rest. */
function writeOctets(writer: BinaryXmlWriter, octets: Uint8Array): void {
  const rest = octets.length % 3;
  const whole = octets.length - rest;
  if (octets.length === 0) return writer.endElement();
  if (whole > 0) writer.octets(octets.subarray(0, whole), rest === 0 ? END : OPEN);
  if (rest > 0) writer.octets(octets.subarray(whole), END);
}

const check = {
  number(value: unknown, kind: string): number {
    return typeof value === 'number' ? value : refuse(value, `a ${kind}`);
  },
  int(value: unknown, kind: keyof typeof INT_RANGES): number {
    const [min, max] = INT_RANGES[kind];
    const isInt = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
    return isInt ? (value as number) + 0 : refuse(value, `a whole number from ${min} to ${max}`);
  },
  long(value: unknown, kind: keyof typeof LONG_RANGES): bigint {
    const [min, max] = LONG_RANGES[kind];
    const isLong = typeof value === 'bigint' && value >= min && value <= max;
    return isLong ? value : refuse(value, `a bigint from ${min} to ${max}`);
  },
  boolean(value: unknown): boolean {
    return typeof value === 'boolean' ? value : refuse(value, 'a boolean');
  },
  string(value: unknown): string {
    if (typeof value !== 'string') return refuse(value, 'a string');
    return LONE_SURROGATE.test(value) ? refuse(value, 'text without lone surrogates') : value;
  },
  decimal(value: unknown): Decimal {
    const decimal = typeof value === 'string' ? parseDecimal(value) : undefined;
    return decimal ?? refuse(value, 'decimal text such as "-15.99"');
  },
  dateTicks(value: unknown): bigint {
    const ms = value instanceof Date ? value.getTime() : NaN;
    const exact = value instanceof DateTime ? value.ticks : undefined;
    const ticks = exact ?? msToDateTicks(ms);
    return ticks ?? refuse(value, 'a Date in the years 1 to 9999');
  },
  durationTicks(value: unknown): bigint {
    const ticks = typeof value === 'number' ? msToDurationTicks(value) : undefined;
    return ticks ?? refuse(value, 'milliseconds, up to ± 922,337,203,685,477.6');
  },
  guid(value: unknown): string {
    const guid = typeof value === 'string' ? parseGuid(value) : undefined;
    return guid ?? refuse(value, 'a GUID');
  },
  octets(value: unknown): Uint8Array {
    return value instanceof Uint8Array ? value : refuse(value, 'a Uint8Array');
  },
};

function dateKindOf(value: unknown): number {
  return value instanceof DateTime ? DATE_KIND[value.kind] : DATE_KIND.utc;
}

/** Says what was given by its value where that is short, else by its type. */
export function refuse(value: unknown, allowed: string): never {
  throw new BadValue(`must be ${allowed}, not ${describe(value)}`);
}

function describe(value: unknown): string {
  if (value instanceof Date) return 'that Date';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? 'that text' : String(value);
}
