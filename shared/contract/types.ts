/**
 * The types a contract's parameters and results can have. Each is a value (encodings read it) and
 * a TypeScript type (callers and implementations are checked against it); the two are written once.
 */

/** A scalar: its XML Schema name is its kind (`guid` is .NET's own). `check` says what it may be. */
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
  | 'base64Binary';

/** A member of an object. */
export interface Field {
  readonly name: string;
  readonly type: ValueType;
}

/** The run-time form of a type. `T` is what it holds in TypeScript and exists at compile time only. */
export type ValueType<T = unknown> = ValueTypeShape & { readonly ofType?: T };

/** A type without what it holds in TypeScript: what encodings switch on. */
export type ValueTypeShape =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'void' }
  | { readonly kind: 'nillable'; readonly of: ValueType }
  | { readonly kind: 'array'; readonly of: ValueType }
  | {
      readonly kind: 'object';
      /** Data contract name; arrays and `xsi:type` use it. */
      readonly name: string;
      /** Data contract namespace of the members. */
      readonly namespace: string;
      /** Members in data contract order, which [MC-NBFX] peers insist on: alphabetical unless ordered. */
      readonly fields: readonly Field[];
    };

/** What a value of the type is in TypeScript: `TypeOf<typeof int>` is `number`. */
export type TypeOf<V> = V extends { readonly ofType?: infer T } ? T : never;

const scalar = <T>(kind: ScalarKind): ValueType<T> => ({ kind });

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
 * Decimal text such as `-15.99`: digits under 2^96 without the point, up to 28 of them behind it (.NET
 * `decimal`). Zeros at the end are kept; read is what .NET reads (`+1`, ` 1.5 `, `.5`), given is `-15.99`.
 */
export const decimal = scalar<string>('decimal');
/**
 * An instant in the years 1 to 9999, to the millisecond; a Date is written as UTC. What .NET has beyond
 * that (ticks of 100 ns, a kind that is not UTC) is in a `DateTime`, which is a Date.
 */
export const dateTime = scalar<Date>('dateTime');
/**
 * Milliseconds, may be negative or broken (.NET `TimeSpan`, which counts 100 ns: exact for 28 years
 * and at its ends, `TimeSpan.MinValue` and `MaxValue`, which are ± 922337203685477.6).
 */
export const duration = scalar<number>('duration');
/** Lower-case `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`; taken in every form that .NET's `Guid` reads. */
export const guid = scalar<string>('guid');
/** Octets; what is read is a copy. */
export const base64Binary = scalar<Uint8Array>('base64Binary');
/** No result. */
export const nothing: ValueType<void> = { kind: 'void' };

/** The type, or `null`. */
export const nillable = <T>(of: ValueType<T>): ValueType<T | null> => ({ kind: 'nillable', of });

/** Items of one type, in their order; a hole is `undefined`, which only a nillable item may be. */
export const array = <T>(of: ValueType<T>): ValueType<T[]> => ({ kind: 'array', of });

/**
 * A flat record: a .NET data contract. Members travel in the order given here, which for a peer
 * in .NET is alphabetical unless its contract says otherwise.
 */
export function object<const F extends Readonly<Record<string, ValueType>>>(
  name: string,
  fields: F,
  namespace = 'http://schemas.datacontract.org/2004/07/',
): ValueType<{ -readonly [K in keyof F]: TypeOf<F[K]> }> {
  return {
    kind: 'object',
    name,
    namespace,
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  };
}
