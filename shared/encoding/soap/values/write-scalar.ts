import { dateTicksOf } from '../../../contract/types/text/date-time.ts';
import { formatDuration, msToDurationTicks } from '../../../contract/types/text/time-text.ts';
import { isSystemKind, type SystemKind } from '../../../contract/types/system-types.ts';
import type { FlagsShape, ScalarKind, ValueType } from '../../../contract/types/types.ts';
import { check, checkFlags, namesOfFlags } from '../../../contract/types/values.ts';
import { TEXT } from '../../binary-xml/records.ts';
import { END, OPEN } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';

/** A scalar that is text in XML; the others have members. */
export type PlainKind = Exclude<ScalarKind, SystemKind>;

const COMPOUND: Readonly<Record<Exclude<ValueType['kind'], ScalarKind>, true>> = {
  any: true,
  array: true,
  dictionary: true,
  enumeration: true,
  flags: true,
  known: true,
  lazy: true,
  nillable: true,
  object: true,
  void: true,
  xml: true,
};

/** Whether a type is one of those scalars. */
export function isPlain(type: ValueType): type is ValueType & { readonly kind: PlainKind } {
  return !Object.hasOwn(COMPOUND, type.kind) && !isSystemKind(type.kind);
}

/**
 * Writes a value and the end of its element, as DataContractSerializer does: most kinds have a
 * record, but GUIDs, durations and unsigned longs go as text.
 *
 * @throws {Mismatch} for a value that is not of that kind
 */
export function writeScalar(writer: BinaryXmlWriter, kind: PlainKind, value: unknown): void {
  switch (kind) {
    case 'double':
      return writer.double(check(kind, value), END);
    case 'float':
      return writer.float(check(kind, value), END);
    case 'boolean':
      return writer.boolean(check(kind, value), END);
    case 'string':
      return writeText(writer, check(kind, value));
    case 'long':
      return writer.long(check(kind, value), END);
    case 'unsignedLong':
      return writer.text(String(check(kind, value)), END);
    case 'decimal':
      return writer.decimal(check(kind, value), END);
    case 'dateTime':
      return writer.dateTime(dateTicksOf(check(kind, value)), END);
    case 'duration':
      return writer.text(formatDuration(msToDurationTicks(check(kind, value))), END);
    case 'guid':
      return writer.text(check(kind, value), END);
    case 'anyURI':
      return writeText(writer, check(kind, value));
    case 'char':
      return writeInt(writer, check(kind, value).charCodeAt(0));
    case 'base64Binary':
      return writeOctets(writer, check(kind, value));
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt':
      return writeInt(writer, check(kind, value));
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

/** Writes one value of an array record. @throws {Mismatch} for a value that is not of the items' kind */
export function writePacked(writer: BinaryXmlWriter, type: number, value: unknown): void {
  switch (type) {
    case TEXT.bool:
      return writer.out.u8(Number(check('boolean', value)));
    case TEXT.dateTime:
      return writer.rawDateTime(dateTicksOf(check('dateTime', value)));
    case TEXT.decimal:
      return writer.rawDecimal(check('decimal', value));
    case TEXT.int32:
      return writer.rawInt32(check('int', value));
    case TEXT.int64:
      return writer.rawInt64(check('long', value));
    case TEXT.float:
      return writer.rawFloat(check('float', value));
    default:
      return writer.rawDouble(check('double', value));
  }
}

/** Text, and the end of its element; empty text takes no record. */
export function writeText(writer: BinaryXmlWriter, text: string): void {
  if (text === '') writer.endElement();
  else writer.text(text, END);
}

/** In several records, as .NET does. @throws {Mismatch} for bits that have no name */
export function writeFlags(writer: BinaryXmlWriter, type: FlagsShape, value: unknown): void {
  const names = namesOfFlags(type, checkFlags(type, value)) ?? [];
  for (const [index, name] of names.entries()) {
    if (index > 0) writer.text(' ', OPEN);
    writer.text(name, index === names.length - 1 ? END : OPEN);
  }
  if (names.length === 0) writer.endElement();
}

function writeInt(writer: BinaryXmlWriter, value: number): void {
  if (value <= 0x7fff_ffff) writer.int(value, END);
  else writer.long(BigInt(value), END);
}

/** Groups of three first, so that each record is base64 by itself, then the rest. */
function writeOctets(writer: BinaryXmlWriter, octets: Uint8Array): void {
  const rest = octets.length % 3;
  const whole = octets.length - rest;
  if (octets.length === 0) return writer.endElement();
  if (whole > 0) writer.octets(octets.subarray(0, whole), rest === 0 ? END : OPEN);
  if (rest > 0) writer.octets(octets.subarray(whole), END);
}
