import { quoted } from '../printable.ts';
import { isDotnetDate } from './date-time.ts';
import { parseGuid } from './guid-text.ts';
import { Mismatch, mismatch } from './mismatch.ts';
import { type Decimal, parseDecimal } from './number-text.ts';
import type { ScalarKind, ValueType } from './types.ts';

/** What a scalar is once it has been checked. */
interface Checked {
  double: number;
  float: number;
  boolean: boolean;
  string: string;
  byte: number;
  short: number;
  int: number;
  long: bigint;
  unsignedByte: number;
  unsignedShort: number;
  unsignedInt: number;
  unsignedLong: bigint;
  /** Taken apart: `formatDecimal` gives the canonical text. */
  decimal: Decimal;
  dateTime: Date;
  /** Milliseconds. */
  duration: number;
  /** Lower-case, with hyphens. */
  guid: string;
  base64Binary: Uint8Array;
}

/** Milliseconds: the double next to the ends of .NET's `TimeSpan`, ± (2^63 − 1) ticks, stands for them. */
const MAX_DURATION_MS = 922_337_203_685_477.6;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** For each kind: its value of what was given, `undefined` for what is not of it. */
const CHECKS: { readonly [K in ScalarKind]: (value: unknown) => Checked[K] | undefined } = {
  double: number,
  float: (value) => (typeof value === 'number' ? Math.fround(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  string: (value) => (typeof value === 'string' && !LONE_SURROGATE.test(value) ? value : undefined),
  byte: integer(-0x80, 0x7f),
  short: integer(-0x8000, 0x7fff),
  int: integer(-0x8000_0000, 0x7fff_ffff),
  long: bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  unsignedByte: integer(0, 0xff),
  unsignedShort: integer(0, 0xffff),
  unsignedInt: integer(0, 0xffff_ffff),
  unsignedLong: bigInteger(0n, 2n ** 64n - 1n),
  decimal: (value) => (typeof value === 'string' ? parseDecimal(value) : undefined),
  dateTime: (value) => (value instanceof Date && isDotnetDate(value) ? value : undefined),
  duration: (value) =>
    typeof value === 'number' && Math.abs(value) <= MAX_DURATION_MS ? value : undefined,
  guid: (value) => (typeof value === 'string' ? parseGuid(value) : undefined),
  base64Binary: (value) => (value instanceof Uint8Array ? value : undefined),
};

/**
 * THE check of a scalar: what encodings write they have from here, and what they read they bring here.
 * It says what JavaScript holds for each kind and in which range; how that travels is the encoding's.
 *
 * @param value what a caller or an implementation gave, or what an encoding read
 * @returns the value, in its canonical form
 * @throws {Mismatch} for a value that is not of that kind
 */
export function check<K extends ScalarKind>(kind: K, value: unknown): Checked[K] {
  const checked = CHECKS[kind](value);
  if (checked === undefined) throw mismatch({ kind }, value);
  return checked;
}

/** The items of an array. @throws {Mismatch} for what is no array */
export function checkArray(type: ValueType, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch(type, value);
  return value;
}

/** The members of an object, by their names. @throws {Mismatch} for what is none, an array included */
export function checkObject(type: ValueType, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw mismatch(type, value);
  }
  return value as Readonly<Record<string, unknown>>;
}

const XML_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** The name of a fault code. @throws {Mismatch} for what is no XML name without a colon */
export function checkCodeName(name: string): string {
  if (XML_NAME.test(name)) return name;
  throw new Mismatch(`code must be an XML name, not ${quoted(name)}`);
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function integer(min: number, max: number): (value: unknown) => number | undefined {
  return (value) => {
    const isInteger = typeof value === 'number' && Number.isInteger(value);
    return isInteger && value >= min && value <= max ? value + 0 : undefined; // no −0
  };
}

function bigInteger(min: bigint, max: bigint): (value: unknown) => bigint | undefined {
  return (value) => (typeof value === 'bigint' && value >= min && value <= max ? value : undefined);
}
