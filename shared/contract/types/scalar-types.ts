import type { Readable } from 'node:stream';
import type { DateTimeOffset } from './text/date-time.ts';

/**
 * A scalar by its XML Schema name (`guid`, `char`, `dateTimeOffset` and `version` are .NET's own). `check`
 * says which values it has.
 */
export type ScalarKind =
  | 'double'
  | 'float'
  | 'boolean'
  | 'string'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'unsignedByte'
  | 'unsignedShort'
  | 'unsignedInt'
  | 'unsignedLong'
  | 'decimal'
  | 'dateTime'
  | 'duration'
  | 'guid'
  | 'base64Binary'
  | 'char'
  | 'anyURI'
  | 'dateTimeOffset'
  | 'version';

/** The type of a scalar that holds a `T` in TypeScript. */
export interface Scalar<T> {
  readonly kind: ScalarKind;
  readonly ofType?: T;
}

const scalar = <T>(kind: ScalarKind): Scalar<T> => ({ kind });

/** IEEE 754 binary64, all of it: −0, NaN, infinities, subnormals. */
export const double = scalar<number>('double');
/** IEEE 754 binary32; a number is rounded to it when written. */
export const float = scalar<number>('float');
/** `true` or `false`; in SOAP also read from `1` and `0`. */
export const boolean = scalar<boolean>('boolean');
/** Unicode text without lone surrogates. */
export const string = scalar<string>('string');
/** Whole number, −128 to 127 (.NET `sbyte`). */
export const byte = scalar<number>('byte');
/** Whole number, −2^15 to 2^15 − 1. */
export const short = scalar<number>('short');
/** Whole number, −2^31 to 2^31 − 1. */
export const int = scalar<number>('int');
/** Whole number, −2^63 to 2^63 − 1. */
export const long = scalar<bigint>('long');
/** Whole number, 0 to 255 (.NET `byte`). */
export const unsignedByte = scalar<number>('unsignedByte');
/** Whole number, 0 to 2^16 − 1. */
export const unsignedShort = scalar<number>('unsignedShort');
/** Whole number, 0 to 2^32 − 1. */
export const unsignedInt = scalar<number>('unsignedInt');
/** Whole number, 0 to 2^64 − 1. */
export const unsignedLong = scalar<bigint>('unsignedLong');
/**
 * Decimal text such as `-15.99`: under 2^96 without the point, up to 28 digits after it (.NET `decimal`).
 * Zeros at the end are kept. It is read in .NET's forms (`+1`, ` 1.5 `, `.5`) and given as `-15.99`.
 */
export const decimal = scalar<string>('decimal');
/**
 * An instant in the years 1 to 9999, to the millisecond; a Date is written as UTC. What .NET has beyond
 * that (ticks of 100 ns, a kind other than UTC) is in a `DateTime`, which is a Date.
 */
export const dateTime = scalar<Date>('dateTime');
/**
 * Milliseconds, may be negative or fractional (.NET `TimeSpan`, which counts 100 ns: exact for 28 years
 * and at its ends, `TimeSpan.MinValue` and `MaxValue`, which are ± 922337203685477.6).
 */
export const duration = scalar<number>('duration');
/** Lower-case `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`; read in the forms N, D, B and P of .NET's `Guid`. */
export const guid = scalar<string>('guid');
/** Bytes; what is read is a copy. */
export const base64Binary = scalar<Uint8Array>('base64Binary');
/**
 * Bytes without an end in sight (.NET `Stream`): an operation's only parameter, or its only result, with SOAP. In
 * streamed mode they are sent and read as they come; buffered, the whole of them is one message.
 */
export const stream = scalar<Readable>('base64Binary');
/** One UTF-16 unit that is not half of a surrogate pair (.NET `char`). */
export const char = scalar<string>('char');
/** A URI as text, relative ones included (.NET `Uri`); it is not parsed. */
export const uri = scalar<string>('anyURI');
/** An instant, and the offset of the clock that it was read from: .NET's `DateTimeOffset`, to the tick. */
export const dateTimeOffset = scalar<DateTimeOffset>('dateTimeOffset');
/** Two to four numbers, such as `1.2` or `1.2.3.4` (.NET `Version`). */
export const version = scalar<string>('version');
