import { DateTime } from '../../contract/types/text/date-time.ts';
import { mismatchOf } from '../../contract/types/mismatch.ts';
import { formatDecimal } from '../../contract/types/text/number-text.ts';
import { parseDate, parseDateTimeOffset } from '../../contract/types/text/time-text.ts';
import type { ScalarKind } from '../../contract/types/types.ts';
import { check } from '../../contract/types/values.ts';
import * as format from './formats.ts';
import { EPOCH_SECONDS, TICKS_PER_SECOND } from './write-octets.ts';
import type { OctetReader } from './octet-reader.ts';
import { copyOctets } from '../../octets.ts';

// A byte order mark is a character like any other: without ignoreBOM it would be lost.
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** The extension type of MessagePack's own timestamps. */
const TIMESTAMP = 0xff;

/**
 * A scalar as the contract has it, from whatever MessagePack value stands for it: a number of any
 * form for a number, text in .NET's forms or a timestamp for a dateTime, text for decimal and guid.
 *
 * @throws {Mismatch} for a well-formed value that is not of that kind; the reader then stands anywhere in it
 * @throws {NetTcpError} `Protocol` when it is cut short
 */
export function readScalar(reader: OctetReader, kind: ScalarKind): unknown {
  switch (kind) {
    case 'double':
      return readDouble(reader);
    case 'float':
    case 'duration':
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt':
      return check(kind, asNumber(readPlain(reader, kind)));
    case 'long':
    case 'unsignedLong':
      return check(kind, asBigint(readPlain(reader, kind)));
    case 'boolean':
    case 'string':
    case 'guid':
    case 'base64Binary':
    case 'char':
    case 'anyURI':
    case 'version':
      return check(kind, readPlain(reader, kind));
    case 'decimal':
      return formatDecimal(check(kind, readPlain(reader, kind)));
    case 'dateTime':
      return check(kind, readTimestamp(reader) ?? ofText(readPlain(reader, kind), parseDate));
    case 'dateTimeOffset':
      return check(kind, ofText(readPlain(reader, kind), parseDateTimeOffset));
  }
}

/** A scalar that says its own type: a 64-bit integer that is no int is a bigint, a timestamp a DateTime. */
export function readSelfTyped(reader: OctetReader): unknown {
  const isFloat = reader.peek() === format.FLOAT32 || reader.peek() === format.FLOAT64;
  const value = readTimestamp(reader) ?? readPlain(reader, 'string');
  return typeof value !== 'number' || isFloat || (value | 0) === value ? value : BigInt(value);
}

/**
 * A double: a float 64 keeps every bit that JavaScript can tell apart; any other number of MessagePack is
 * rounded to the nearest double.
 */
export function readDouble(reader: OctetReader): number {
  const { at } = reader;
  if (reader.end - at >= 9 && reader.bytes[at] === format.FLOAT64) {
    reader.at = at + 9;
    return reader.view.getFloat64(at + 1);
  }
  return check('double', asNumber(readPlain(reader, 'double')));
}

/** Rounds integers beyond 2^53, which only `double` and `float` have in range. */
function asNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** A float without a fraction counts as an integer. */
function asBigint(value: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

/** What text stands for; anything else, and other text, as it is. */
function ofText(value: unknown, parse: (text: string) => unknown): unknown {
  return (typeof value === 'string' ? parse(value) : undefined) ?? value;
}

/**
 * The JavaScript value of a MessagePack scalar, whatever kind is due.
 *
 * @throws {Mismatch} for an array, a map, an extension, or a string that is not UTF-8
 */
function readPlain(reader: OctetReader, due: ScalarKind): unknown {
  const octet = reader.peek();
  if (octet === format.NIL || octet === format.TRUE || octet === format.FALSE) {
    reader.at += 1;
    return octet === format.NIL ? null : octet === format.TRUE;
  }
  const number = readAnyNumber(reader);
  if (number !== undefined) return number;
  const text = reader.stringHead();
  if (text >= 0) return readUtf8(reader, text, due);
  const octets = reader.binaryHead();
  if (octets >= 0) return readOctets(reader, octets);
  throw mismatchOf({ kind: due }, kindOnWire(octet));
}

function readUtf8(reader: OctetReader, octets: number, due: ScalarKind): string {
  const start = reader.at;
  reader.at = start + octets;
  try {
    return STRICT.decode(reader.bytes.subarray(start, reader.at));
  } catch {
    throw mismatchOf({ kind: due }, 'text that is not valid UTF-8');
  }
}

/** A copy: the memory of a message is reused as soon as the message has been read. */
function readOctets(reader: OctetReader, octets: number): Uint8Array {
  const start = reader.at;
  reader.at = start + octets;
  return copyOctets(reader.bytes, start, reader.at);
}

/**
 * MessagePack's timestamp, in each of its three widths; `undefined` (and nothing is read) when the next
 * value is none. What is finer than a tick of 100 ns is cut off.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md, "Timestamp extension type"
 */
function readTimestamp(reader: OctetReader): Date | undefined {
  const start = reader.at;
  const octets = reader.extensionHead();
  if (octets < 0) return undefined;
  const { at, view } = reader;
  const found = octets > 0 && view.getUint8(at) === TIMESTAMP ? octets - 1 : -1;
  reader.at = at + octets;
  if (found === 4) return dateOf(BigInt(view.getUint32(at + 1)), 0);
  if (found === 8) {
    const bits = view.getBigUint64(at + 1);
    return dateOf(BigInt.asUintN(34, bits), Number(bits >> 34n));
  }
  if (found === 12) return dateOf(view.getBigInt64(at + 5), view.getUint32(at + 1));
  throw mismatchOf({ kind: 'dateTime' }, kindOnWire(reader.bytes[start] ?? 0));
}

function dateOf(seconds: bigint, nanoseconds: number): Date {
  if (nanoseconds > 999_999_999) {
    throw mismatchOf({ kind: 'dateTime' }, `a timestamp with ${nanoseconds} nanoseconds`);
  }
  const fine = BigInt(Math.trunc(nanoseconds / 100));
  return DateTime.of((seconds + EPOCH_SECONDS) * TICKS_PER_SECOND + fine, 'utc');
}

/**
 * An integer of any width from 0 to 2^32 − 1, or −1 when the next value is none. Floats are none: ids
 * and kinds of messages are integers.
 */
export function readUint32(reader: OctetReader): number {
  const octet = reader.peek();
  if (octet < format.FIXMAP) {
    reader.at += 1;
    return octet;
  }
  if (octet === format.UINT8) return reader.unsigned(1);
  if (octet === format.UINT16) return reader.unsigned(2);
  if (octet === format.UINT32) return reader.unsigned(4);
  if (octet < format.UINT8 || octet > format.INT64) return -1;
  const value = Number(readAnyNumber(reader));
  return value >= 0 && value <= 0xffff_ffff ? value : -1;
}

/**
 * A number of any form, a bigint where it is an integer of 64 bits; `undefined` (and nothing is read)
 * when the next value is none.
 */
export function readAnyNumber(reader: OctetReader): number | bigint | undefined {
  const octet = reader.peek();
  const { at, view } = reader;
  if (octet < format.FIXMAP || octet >= format.NEGATIVE_FIXINT) {
    reader.at = at + 1;
    return octet < format.FIXMAP ? octet : octet - 0x100;
  }
  if (octet < format.FLOAT32 || octet > format.INT64) return undefined;
  const width = 1 + format.numberWidth(octet);
  reader.need(width);
  reader.at = at + width;
  switch (octet) {
    case format.FLOAT32:
      return view.getFloat32(at + 1);
    case format.FLOAT64:
      return view.getFloat64(at + 1);
    case format.UINT8:
      return view.getUint8(at + 1);
    case format.UINT16:
      return view.getUint16(at + 1);
    case format.UINT32:
      return view.getUint32(at + 1);
    case format.UINT64:
      return view.getBigUint64(at + 1);
    case format.INT8:
      return view.getInt8(at + 1);
    case format.INT16:
      return view.getInt16(at + 1);
    case format.INT32:
      return view.getInt32(at + 1);
    default:
      return view.getBigInt64(at + 1);
  }
}

/** Text that only people read: bytes that are not UTF-8 become U+FFFD. */
export function lossyUtf8(bytes: Uint8Array, start: number, end: number): string {
  return LOSSY.decode(bytes.subarray(start, end));
}

/** A string that only people read, or `undefined` (and nothing is read) when the next value is none. */
export function readLossyText(reader: OctetReader): string | undefined {
  const octets = reader.stringHead();
  if (octets < 0) return undefined;
  const start = reader.at;
  reader.at = start + octets;
  return lossyUtf8(reader.bytes, start, reader.at);
}

/** The sort of value that begins with `octet`, for a message. */
export function kindOnWire(octet: number): string {
  if (octet < format.FIXMAP || octet >= format.NEGATIVE_FIXINT) return 'an integer';
  if (octet < format.FIXARRAY || octet === format.MAP16 || octet === format.MAP32) return 'a map';
  if (octet < format.FIXSTR || octet === format.ARRAY16 || octet === format.ARRAY32) {
    return 'an array';
  }
  if (octet < format.NIL || octet >= format.STR8) return 'a string';
  if (octet >= format.FIXEXT1) return 'an extension';
  if (octet >= format.UINT8) return 'an integer';
  if (octet >= format.FLOAT32) return 'a float';
  if (octet >= format.EXT8) return 'an extension';
  if (octet >= format.BIN8) return 'binary';
  if (octet >= format.FALSE) return 'a boolean';
  return octet === format.NIL ? 'null' : '0xc1';
}
