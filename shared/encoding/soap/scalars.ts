import type { ScalarKind } from '../../contract/types.ts';

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
