import { DateTimeOffset } from './text/date-time.ts';
import { Mismatch } from './mismatch.ts';
import type { Field, ValueType } from './types.ts';

const NO_GUID = '00000000-0000-0000-0000-000000000000';
const DATE_TIME_MIN = '0001-01-01T00:00:00Z'; // .NET's DateTime.MinValue

/**
 * The value of a member that a message leaves out: .NET's default, or `undefined` if it is optional.
 *
 * @throws {Mismatch} for a required member
 */
export function absent({ type, presence }: Field): unknown {
  if (presence === 'required') throw new Mismatch('is missing');
  return presence === 'optional' ? undefined : defaultOf(type);
}

/** Whether an object lacks a member that it may lack. */
export function isLeftOut(
  { name, presence }: Field,
  members: Readonly<Record<string, unknown>>,
): boolean {
  if (presence !== 'optional') return false;
  const value = members[name];
  return value === undefined || value === INHERITED[name];
}

/** What every object inherits: an optional member `constructor` is not set because of it. */
const INHERITED = Object.prototype as unknown as Readonly<Record<string, unknown>>;

/** The object that has these values as its members. @param values in the order of the fields */
export function toObject(
  fields: readonly Field[],
  values: readonly unknown[],
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let index = 0; index < fields.length; index++) {
    const { name, presence } = fields[index] as Field;
    if (presence !== 'optional' || values[index] !== undefined) object[name] = values[index];
  }
  return object;
}

/**
 * .NET's default of a type; the empty value where that default is null and the type has no null (text,
 * binary, arrays, objects). An explicit null there is an error, and so is a missing result.
 */
function defaultOf(type: ValueType): unknown {
  switch (type.kind) {
    case 'boolean':
      return false;
    case 'string':
    case 'xml':
      return '';
    case 'long':
    case 'unsignedLong':
      return 0n;
    case 'decimal':
      return '0';
    case 'dateTime':
      return new Date(DATE_TIME_MIN);
    case 'guid':
      return NO_GUID;
    case 'base64Binary':
      return new Uint8Array(0);
    case 'char':
      return '\0';
    case 'anyURI':
      return '';
    case 'dateTimeOffset':
      return new DateTimeOffset(0n, 0);
    case 'version':
      return '0.0';
    case 'enumeration':
      return type.values[0];
    case 'dictionary':
      return new Map();
    case 'nillable':
    case 'any':
      return null;
    case 'array':
      return [];
    case 'lazy':
      return defaultOf(type.of);
    case 'known': {
      const [first] = type.types;
      if (first === undefined) throw new Mismatch('is missing');
      return { $type: first.name, ...(defaultOf(first) as object) };
    }
    case 'object':
      return toObject(
        type.fields,
        type.fields.map((field) =>
          field.presence === 'optional' ? undefined : defaultOf(field.type),
        ),
      );
    case 'void':
      return undefined;
    case 'double':
    case 'float':
    case 'duration':
    case 'flags':
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt':
      return 0;
  }
}
