import type { ScalarKind, ValueType } from '../../contract/types/types.ts';
import { direct, isDefined } from './named-types.ts';

const SCALARS: Readonly<Record<ScalarKind, string>> = {
  double: 'number',
  float: 'number',
  boolean: 'boolean',
  string: 'string',
  byte: 'number',
  short: 'number',
  int: 'number',
  long: 'bigint',
  unsignedByte: 'number',
  unsignedShort: 'number',
  unsignedInt: 'number',
  unsignedLong: 'bigint',
  decimal: 'string',
  dateTime: 'Date',
  duration: 'number',
  guid: 'string',
  base64Binary: 'Uint8Array',
  char: 'string',
  anyURI: 'string',
  dateTimeOffset: 'DateTimeOffset',
  version: 'string',
};

/** What a value of the type is in TypeScript, as {@link TypeOf} has it. @param nameOf names of the types that are defined */
export function typeText(of: ValueType, nameOf: (type: ValueType) => string): string {
  const type = direct(of);
  if (type.kind === 'flags') return 'number';
  if (isDefined(type)) return nameOf(type);
  switch (type.kind) {
    case 'nillable': {
      const text = typeText(type.of, nameOf);
      return text.endsWith(' | null') ? text : `${text} | null`;
    }
    case 'array': {
      const item = typeText(type.of, nameOf);
      return item.includes('|') ? `(${item})[]` : `${item}[]`;
    }
    case 'dictionary':
      return `Map<${typeText(type.key, nameOf)}, ${typeText(type.value, nameOf)}>`;
    case 'any':
      return 'types.AnyScalar | types.Typed';
    case 'xml':
      return 'string';
    case 'void':
      return 'void';
    default:
      return SCALARS[type.kind as ScalarKind];
  }
}
