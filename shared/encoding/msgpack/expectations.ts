import type { ScalarKind, ValueType } from '../../contract/types.ts';
import * as format from './formats.ts';

/** Kinds of whole numbers that a JavaScript number holds, with their ranges. */
export const WHOLE_NUMBERS = {
  byte: { min: -0x80, max: 0x7f },
  short: { min: -0x8000, max: 0x7fff },
  int: { min: -0x8000_0000, max: 0x7fff_ffff },
  unsignedByte: { min: 0, max: 0xff },
  unsignedShort: { min: 0, max: 0xffff },
  unsignedInt: { min: 0, max: 0xffff_ffff },
} as const;

/** Kinds of whole numbers that take a bigint, with their ranges. */
export const LONG_NUMBERS = {
  long: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  unsignedLong: { min: 0n, max: 2n ** 64n - 1n },
} as const;

export type WholeKind = keyof typeof WHOLE_NUMBERS;
export type LongKind = keyof typeof LONG_NUMBERS;

const EXPECTED: Readonly<Record<ScalarKind | 'void' | 'array', string>> = {
  double: 'a double',
  float: 'a float',
  boolean: 'a boolean',
  string: 'a string',
  byte: 'a byte (-128 to 127)',
  short: 'a short (-32768 to 32767)',
  int: 'an int (-2147483648 to 2147483647)',
  long: 'a long (-2^63 to 2^63 - 1)',
  unsignedByte: 'an unsignedByte (0 to 255)',
  unsignedShort: 'an unsignedShort (0 to 65535)',
  unsignedInt: 'an unsignedInt (0 to 4294967295)',
  unsignedLong: 'an unsignedLong (0 to 2^64 - 1)',
  decimal: 'a decimal as text, such as "-15.99"',
  dateTime: 'a dateTime as text, such as "2001-02-03T04:05:06.789Z"',
  duration: 'a duration in milliseconds',
  guid: 'a guid as text',
  base64Binary: 'binary',
  void: 'nil',
  array: 'an array',
};

/** What a peer has to send for a type, for a message. */
export function expectedOnWire(type: ValueType): string {
  if (type.kind === 'object') return `a map (${type.name})`;
  return type.kind === 'nillable' ? expectedOnWire(type.of) : EXPECTED[type.kind];
}

/** What a caller or implementation has to give for a type, for a message. */
export function expectedInScript(type: ValueType): string {
  switch (type.kind) {
    case 'object':
      return `an object (${type.name})`;
    case 'long':
    case 'unsignedLong':
      return `${EXPECTED[type.kind]} as a bigint`;
    case 'dateTime':
      return 'a valid Date';
    case 'base64Binary':
      return 'a Uint8Array';
    default:
      return expectedOnWire(type);
  }
}

/** The kind of value that begins with `octet`, for a message. */
export function kindOnWire(octet: number): string {
  if (octet < format.FIXMAP || octet >= format.NEGATIVE_FIXINT) return 'an integer';
  if (octet < format.FIXARRAY || octet >= format.MAP16) return 'a map';
  if (octet < format.FIXSTR || octet >= format.ARRAY16) return 'an array';
  if (octet < format.NIL || octet >= format.STR8) return 'a string';
  if (octet >= format.FIXEXT1) return 'an extension';
  if (octet >= format.UINT8) return 'an integer';
  if (octet >= format.FLOAT32) return 'a float';
  if (octet >= format.EXT8) return 'an extension';
  if (octet >= format.BIN8) return 'binary';
  if (octet >= format.FALSE) return 'a boolean';
  return octet === format.NIL ? 'nil' : '0xc1';
}

/** The kind of a JavaScript value, for a message; small ones in full. */
export function kindInScript(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'number') return `the number ${Object.is(value, -0) ? '-0' : value}`;
  if (typeof value === 'bigint') {
    const isShort = BigInt.asIntN(128, value) === value; // as text a huge one takes seconds
    return isShort ? `the bigint ${value}` : 'a bigint of more than 128 bits';
  }
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (value instanceof Uint8Array) return 'a Uint8Array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
