import { quoted, shown } from '../../printable.ts';
import { DateTimeOffset, isDotnetDate, offsetTicksOf } from './text/date-time.ts';
import { isXmlName } from './text/xml-name.ts';
import { MAX_LISTED, Mismatch, mismatch, within } from './mismatch.ts';
import { readXmlText } from './text/xml-text.ts';
import { type Decimal, parseDecimal, parseVersion, parseGuid } from './text/number-text.ts';
import { typeName } from './type-names.ts';
import type { EnumerationShape, FlagsShape, NamedShape, ScalarKind, ValueType } from './types.ts';

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
  char: string;
  anyURI: string;
  dateTimeOffset: DateTimeOffset;
  /** Without zeros in front of its numbers. */
  version: string;
}

/** Milliseconds: the double next to the ends of .NET's `TimeSpan`, ± (2^63 − 1) ticks, stands for them. */
const MAX_DURATION_MS = 922_337_203_685_477.6;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** For each kind: the checked value of what was given, `undefined` if that is not of the kind. */
const CHECKS: { readonly [K in ScalarKind]: (value: unknown) => Checked[K] | undefined } = {
  double: number,
  float: (value) => (typeof value === 'number' ? rounded(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  string: text,
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
    typeof value === 'number' && Math.abs(value) <= MAX_DURATION_MS ? value + 0 : undefined, // no −0
  guid: (value) => (typeof value === 'string' ? parseGuid(value) : undefined),
  base64Binary: (value) => (value instanceof Uint8Array ? value : undefined),
  char: (value) => (text(value)?.length === 1 ? (value as string) : undefined),
  anyURI: text,
  dateTimeOffset: (value) =>
    value instanceof DateTimeOffset && offsetTicksOf(value) !== undefined ? value : undefined,
  version: (value) => (typeof value === 'string' ? parseVersion(value) : undefined),
};

/**
 * THE check of a scalar: encodings write only what it returned, and pass to it all that they read. It says
 * what JavaScript holds for each kind and in which range; the encoding decides how that travels.
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

/** XML, which is as it was given. @throws {Mismatch} for anything else */
export function checkXml(value: unknown): string {
  const given = typeof value === 'string' ? text(value) : undefined;
  if (given === undefined) throw mismatch({ kind: 'xml' }, value);
  readXmlText(given);
  return given;
}

/** The items of an array. @throws {Mismatch} for anything else */
export function checkArray(type: ValueType, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch(type, value);
  return value;
}

/** The members of an object, by their names. @throws {Mismatch} for anything else, arrays included */
export function checkObject(type: ValueType, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw mismatch(type, value);
  }
  return value as Readonly<Record<string, unknown>>;
}

/**
 * The type, most often a class, that a value names as its own.
 *
 * @param name its `$type`
 * @throws {Mismatch} for one that is not known
 */
export function checkType<S extends NamedShape>(
  { types }: { readonly types: readonly S[] },
  name: unknown,
): S {
  const found = types.find((type) => typeName(type).name === name);
  if (found !== undefined) return found;
  const problem =
    types.length === 0
      ? `must not be ${shown(name)}: the contract names no class there (types.any([Class]), types.known(Base, [Class]))`
      : `must be ${eitherOf(types)}, not ${shown(name)}`;
  throw within('.$type', new Mismatch(problem));
}

function eitherOf(types: readonly NamedShape[]): string {
  const names = types.slice(0, MAX_LISTED).map((type) => quoted(typeName(type).name));
  return [...names, ...(types.length > MAX_LISTED ? [`another of ${types.length}`] : [])].join(
    ' or ',
  );
}

/** The entries of a dictionary. @throws {Mismatch} for anything but a Map */
export function checkMap(type: ValueType, value: unknown): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof Map)) throw mismatch(type, value);
  return value;
}

/** A value of an enumeration. @throws {Mismatch} for anything else */
export function checkEnumeration(type: EnumerationShape, value: unknown): string {
  if (typeof value !== 'string' || !type.values.includes(value)) throw mismatch(type, value);
  return value;
}

/** Flags, as a number. @throws {Mismatch} for bits that have no name */
export function checkFlags(type: FlagsShape, value: unknown): number {
  if (namesOfFlags(type, value) === undefined) throw mismatch(type, value);
  return value as number;
}

/**
 * The names that .NET writes for flags: the one name that has exactly these bits, or all that have some of
 * them. `undefined` if `value` is not a number of 32 bits, or has bits without a name.
 */
export function namesOfFlags(
  { values }: FlagsShape,
  value: unknown,
): readonly string[] | undefined {
  if (typeof value !== 'number' || value >>> 0 !== value) return undefined;
  const whole = values.find(([, bits]) => bits === value);
  if (whole !== undefined) return [whole[0]];
  const names: string[] = [];
  let rest = value;
  for (const [name, bits] of values) {
    if (bits === 0 || (bits & rest) >>> 0 !== bits) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  return rest === 0 ? names : undefined;
}

/** The flags that .NET writes as `text`: names with spaces between them. @throws {Mismatch} for any other text */
export function parseFlags(type: FlagsShape, text: string): number {
  let flags = 0;
  for (const word of text.split(' ')) {
    const found = type.values.find(([name]) => name === word);
    if (found === undefined && word !== '') throw mismatch(type, text);
    flags = (flags | (found?.[1] ?? 0)) >>> 0;
  }
  return flags;
}

/** Adds an entry that was read to a dictionary. @throws {Mismatch} if the key is there already */
export function addEntry(
  entries: Map<unknown, unknown>,
  key: unknown,
  value: unknown,
  keyName: string,
): void {
  if (entries.has(key)) {
    throw within(`.${keyName}`, new Mismatch(`must come only once: ${quoted(String(key))}`));
  }
  entries.set(key, value);
}

/** The name of a fault code. @throws {Mismatch} for anything but an XML name without a colon */
export function checkCodeName(name: string): string {
  if (isXmlName(name)) return name;
  throw new Mismatch(`code must be an XML name, not ${quoted(name)}`);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && !LONE_SURROGATE.test(value) ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A float rounds by nature; a number that it would turn into infinity is lost, and refused. */
function rounded(value: number): number | undefined {
  const float = Math.fround(value);
  return Number.isFinite(value) && !Number.isFinite(float) ? undefined : float;
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
