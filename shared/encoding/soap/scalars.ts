import type { ScalarKind, ValueType } from '../../contract/types.ts';
import { MIN_DATE_MS } from '../binary-xml/lexical-times.ts';

/** What .NET calls the kinds: its messages name them so. */
export const DOTNET_NAMES: Readonly<Record<ScalarKind, string>> = {
  double: 'Double',
  float: 'Single',
  boolean: 'Boolean',
  string: 'String',
  byte: 'SByte',
  short: 'Int16',
  int: 'Int32',
  long: 'Int64',
  unsignedByte: 'Byte',
  unsignedShort: 'UInt16',
  unsignedInt: 'UInt32',
  unsignedLong: 'UInt64',
  decimal: 'Decimal',
  dateTime: 'DateTime',
  duration: 'TimeSpan',
  guid: 'Guid',
  base64Binary: 'Byte[]',
};

/** Smallest and largest value of the kinds that are whole numbers in a JavaScript number. */
export const INT_RANGES = {
  byte: [-0x80, 0x7f],
  short: [-0x8000, 0x7fff],
  int: [-0x8000_0000, 0x7fff_ffff],
  unsignedByte: [0, 0xff],
  unsignedShort: [0, 0xffff],
  unsignedInt: [0, 0xffff_ffff],
} as const satisfies Partial<Record<ScalarKind, readonly [number, number]>>;

/** The same for those in a bigint. */
export const LONG_RANGES = {
  long: [-(2n ** 63n), 2n ** 63n - 1n],
  unsignedLong: [0n, 2n ** 64n - 1n],
} as const satisfies Partial<Record<ScalarKind, readonly [bigint, bigint]>>;

/**
 * What an implementation gets for a value that a message leaves out or says is nil: .NET's
 * `default(T)`, or where that is null and the type has no null, the empty one.
 */
export function defaultOf(type: ValueType): unknown {
  switch (type.kind) {
    case 'nillable':
      return null;
    case 'void':
      return undefined;
    case 'array':
      return [];
    case 'object':
      return Object.fromEntries(type.fields.map((field) => [field.name, defaultOf(field.type)]));
    case 'boolean':
      return false;
    case 'string':
      return '';
    case 'long':
    case 'unsignedLong':
      return 0n;
    case 'decimal':
      return '0';
    case 'dateTime':
      return new Date(MIN_DATE_MS);
    case 'guid':
      return '00000000-0000-0000-0000-000000000000';
    case 'base64Binary':
      return new Uint8Array(0);
    default:
      return 0;
  }
}
