import type { ValueType } from './types.ts';

const NO_GUID = '00000000-0000-0000-0000-000000000000';
const DATE_TIME_MIN = '0001-01-01T00:00:00Z'; // .NET's DateTime.MinValue

/**
 * What is read for a parameter or member that a message leaves out: .NET's default of its type, or where
 * that is null and the type has no null (text, binary, arrays, objects) the empty one. Null itself, where
 * the type has none, is an error; so is a result that is missing.
 */
export function defaultOf(type: ValueType): unknown {
  switch (type.kind) {
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
      return new Date(DATE_TIME_MIN);
    case 'guid':
      return NO_GUID;
    case 'base64Binary':
      return new Uint8Array(0);
    case 'nillable':
      return null;
    case 'array':
      return [];
    case 'object':
      return Object.fromEntries(type.fields.map((field) => [field.name, defaultOf(field.type)]));
    case 'void':
      return undefined;
    default:
      return 0;
  }
}
