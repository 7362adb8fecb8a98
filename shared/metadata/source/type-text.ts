import type { ScalarKind, ValueType } from '../../contract/types/types.ts';
import { WIDTH } from './layout.ts';
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

/** What any value may be beside an object. */
export const ANY_SCALARS: readonly string[] = ['types.AnyScalar', 'types.Typed'];

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
      return ANY_SCALARS.join(' | ');
    case 'xml':
      return 'string';
    case 'void':
      return 'void';
    default:
      return SCALARS[type.kind as ScalarKind];
  }
}

/** The definition of a union under a name, over several lines where one is too long. */
export function unionOf(name: string, members: readonly string[]): string {
  const line = `export type ${name} = ${members.join(' | ')};\n`;
  if (line.length <= WIDTH + 1 && members.length > 0) return line;
  return `export type ${name} =\n${members.map((each) => `  | ${each}`).join('\n')};\n`;
}
