import { type ErrorCode, NetTcpError } from '../../errors.ts';
import { quoted, shown } from '../../printable.ts';
import type { Field, ScalarKind, ValueType } from './types.ts';

/**
 * A value that is not what its contract says, found while it is written or read; both encodings have the
 * same text for it. It never leaves them: code that knows the parameter or the call turns it into an error
 * or a fault that names it.
 */
export class Mismatch extends Error {
  /** From the parameter or result down to the value: `parameter "v"[3].name`. */
  path = '';

  /** @param problem follows the value's name: `must be a double, not "ten"` */
  constructor(problem: string) {
    super(problem);
  }

  /** The path and the problem. */
  describe(): string {
    return `${this.path} ${this.message}`;
  }
}

/** `must be a double, not "ten"`. @param value what was given, or read */
export function mismatch(type: ValueType, value: unknown): Mismatch {
  if (type.kind === 'string' && typeof value === 'string') {
    return new Mismatch(`must be a string without lone surrogates, not ${quoted(value)}`);
  }
  return new Mismatch(`must be ${expected(type)}, not ${shown(value)}`);
}

/** The same where there is no value to be shown. @param found such as `an extension` */
export function mismatchOf(type: ValueType, found: string): Mismatch {
  return new Mismatch(`must be ${expected(type)}, not ${found}`);
}

/** For an array or a dictionary that a getter of one of its values made longer or shorter while it was written. */
export function changed(had: number, has: number): Mismatch {
  return new Mismatch(`must not change while it is sent: it had ${had} items, and has ${has}`);
}

/** Puts a place, such as `[3]`, in front of the path of a Mismatch that was thrown there. */
export function within(step: string, caught: unknown): unknown {
  if (caught instanceof Mismatch) caught.path = step + caught.path;
  return caught;
}

/** The place of an argument: `parameter "n1"`. */
export function placeOf({ name }: Field): string {
  return `parameter "${name}"`;
}

/** The error for a value that cannot be written: `Add: parameter "n1" must be …`. */
export function unwritable(
  { name }: { readonly name: string },
  caught: unknown,
  code: ErrorCode,
): NetTcpError {
  if (caught instanceof Mismatch) return new NetTcpError(code, `${name}: ${caught.describe()}`);
  return NetTcpError.from(caught); // a getter of the value threw, or there is no memory left
}

/** A call with too many or too few arguments. */
export function wrongCount(
  { name, parameters }: { readonly name: string; readonly parameters: readonly Field[] },
  got: number,
): string {
  const due = parameters.length === 1 ? '1 parameter' : `${parameters.length} parameters`;
  return `operation ${name} takes ${due}, not ${got}`;
}

const EXPECTED: Readonly<Record<ScalarKind | 'void' | 'array' | 'dictionary' | 'xml', string>> = {
  double: 'a double',
  float: 'a float (up to ±3.4028235e38)',
  boolean: 'a boolean',
  string: 'a string',
  byte: 'a byte (-128 to 127)',
  short: 'a short (-32768 to 32767)',
  int: 'an int (-2147483648 to 2147483647)',
  long: 'a long (a bigint, -2^63 to 2^63 - 1)',
  unsignedByte: 'an unsignedByte (0 to 255)',
  unsignedShort: 'an unsignedShort (0 to 65535)',
  unsignedInt: 'an unsignedInt (0 to 4294967295)',
  unsignedLong: 'an unsignedLong (a bigint, 0 to 2^64 - 1)',
  decimal: 'a decimal (text such as "-15.99": under 2^96, at most 28 digits after the point)',
  dateTime: 'a dateTime (a Date in the years 1 to 9999)',
  duration: 'a duration (milliseconds, up to ±922337203685477.6)',
  guid: 'a guid (text such as "00112233-4455-6677-8899-aabbccddeeff")',
  base64Binary: 'binary (a Uint8Array)',
  char: 'a char (text of one UTF-16 unit, no half of a surrogate pair)',
  anyURI: 'a uri (text without lone surrogates)',
  dateTimeOffset: 'a dateTimeOffset (a DateTimeOffset in the years 1 to 9999, up to 840 minutes)',
  version: 'a version (text such as "1.2" or "1.2.3.4")',
  dictionary: 'a dictionary (a Map)',
  void: 'nothing',
  xml: 'XML (text without lone surrogates)',
  array: 'an array',
};

function expected(type: ValueType): string {
  switch (type.kind) {
    case 'nillable':
    case 'lazy':
      return expected(type.of);
    case 'any':
      return 'null, a boolean, a number, a bigint, a string, a Date, a Uint8Array, typed(…), or an object of a class that it knows, with its $type';
    case 'known':
      return `an object (${listed(type.types.map(({ name }) => name))})`;
    case 'object':
      return `an object (${type.name})`;
    case 'enumeration':
      return `one of ${type.name} (${listed(type.values)})`;
    case 'flags':
      return `flags of ${type.name} (${listed(type.values.map(([name, bits]) => `${name} = ${bits}`))})`;
    default:
      return EXPECTED[type.kind];
  }
}

/** Names of values, flags or classes that a message lists; nobody reads more. */
export const MAX_LISTED = 12;

function listed(names: readonly string[]): string {
  const shownNames = names.slice(0, MAX_LISTED).join(', ');
  return names.length > MAX_LISTED ? `${shownNames}, …` : shownNames;
}
