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
  const next = `  ${members.join(' | ')};`;
  if (next.length <= WIDTH && members.length > 0) return `export type ${name} =\n${next}\n`;
  const lines = members.map((each) => {
    const flat = `  | ${each}`;
    if (flat.length <= WIDTH - 1) return flat;
    return flat.replace(/\{ (\$type: .*) \} &/, '{\n      $1;\n    } &');
  });
  return `export type ${name} =\n${lines.join('\n')};\n`;
}

/** A declaration with the arguments of its type, before `=`: over several lines where one is too long. */
export function annotated(head: string, args: readonly string[]): string {
  const line = `${head}<${args.join(', ')}>`;
  if (args.length === 1 || line.length + ' ='.length <= WIDTH) return line;
  return `${head}<\n${args.map((each) => `  ${each}`).join(',\n')}\n>`;
}

/** The type of what a constant describes, under the same name. */
export function typeOfConstant(name: string): string {
  const line = `export type ${name} = types.TypeOf<typeof ${name}>;\n`;
  if (line.length <= WIDTH + 1) return line;
  return `export type ${name} = types.TypeOf<\n  typeof ${name}\n>;\n`;
}

/** A member of an interface, with its line's end. */
export function typedMember(name: string, type: string): string {
  const line = `  ${name}: ${type};\n`;
  const members = alternatives(type);
  if (line.length <= WIDTH + 1 || members.length === 1) return line;
  return `  ${name}:\n${members.map((each) => `    | ${each}`).join('\n')};\n`;
}

/** The members of a union, those inside others not. */
function alternatives(type: string): string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < type.length; at++) {
    const char = type[at];
    if (char === '<' || char === '(') depth++;
    else if (char === '>' || char === ')') depth--;
    else if (char === '|' && depth === 0) {
      found.push(type.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...found, type.slice(from).trim()];
}
