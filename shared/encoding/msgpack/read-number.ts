import type { ScalarKind } from '../../contract/types.ts';
import {
  expectedOnWire,
  kindOnWire,
  LONG_NUMBERS,
  WHOLE_NUMBERS,
  type LongKind,
  type WholeKind,
} from './expectations.ts';
import * as format from './formats.ts';
import { Mismatch } from './mismatch.ts';
import type { OctetReader } from './octet-reader.ts';

/**
 * A double: from eight octets of IEEE 754 every bit that JavaScript can tell apart; from any other
 * number of MessagePack its value, rounded to the nearest double.
 */
export function readDouble(reader: OctetReader, kind: ScalarKind): number {
  const { at } = reader;
  if (reader.end - at >= 9 && reader.bytes[at] === format.FLOAT64) {
    reader.at = at + 9;
    return reader.view.getFloat64(at + 1);
  }
  return Number(readNumber(reader, kind));
}

/** A whole number in the range of its kind; a float whose value is whole is taken for it. */
export function readWhole(reader: OctetReader, kind: WholeKind): number {
  const read = readNumber(reader, kind);
  const value = Number(read) + 0; // rounds only what is far out of range; + 0 makes −0 a plain 0
  const { min, max } = WHOLE_NUMBERS[kind];
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Mismatch(`must be ${expectedOnWire({ kind })}, not ${read}`);
}

/** The same, up to 64 bits wide. */
export function readLong(reader: OctetReader, kind: LongKind): bigint {
  const read = readNumber(reader, kind);
  const { min, max } = LONG_NUMBERS[kind];
  if (typeof read === 'bigint' || Number.isInteger(read)) {
    const value = BigInt(read);
    if (value >= min && value <= max) return value;
  }
  throw new Mismatch(`must be ${expectedOnWire({ kind })}, not ${read}`);
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

function readNumber(reader: OctetReader, kind: ScalarKind): number | bigint {
  const value = readAnyNumber(reader);
  if (value !== undefined) return value;
  throw new Mismatch(`must be ${expectedOnWire({ kind })}, not ${kindOnWire(reader.peek())}`);
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
