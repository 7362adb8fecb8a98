/**
 * An expression of TypeScript that is laid out as Prettier would, with lines of at most 100 characters: generated
 * files stay as they are in projects that format their code.
 */
export type Expression =
  | string
  | Call
  | { readonly array: readonly Expression[] }
  | { readonly object: readonly (Property | Comment)[]; readonly isOpen?: boolean };

interface Call {
  readonly call: string;
  /** Arguments of its type. */
  readonly types?: readonly string[];
  readonly args: readonly Expression[];
}

interface Property {
  readonly key: string;
  readonly value: Expression;
}

/** A line among properties, without its slashes. */
interface Comment {
  readonly comment: string;
}

/** Characters of a line at most. */
export const WIDTH = 100;

/**
 * Lays an expression out.
 *
 * @param indent of the line that it is on
 * @param before characters in front of it on that line
 * @param after  characters after it, such as a comma
 */
export function layOut(expression: Expression, indent: string, before: number, after = 1): string {
  const flat = flatten(expression);
  if (flat !== undefined && before + flat.length + after <= WIDTH) return flat;
  if (typeof expression === 'string') return expression;
  if ('call' in expression) return layOutCall(expression, indent, before, after);
  if ('array' in expression) {
    const items = expression.array.map((item) => line(item, `${indent}  `));
    return `[\n${items.join('')}${indent}]`;
  }
  const properties = expression.object.map((each) => propertyLine(each, `${indent}  `));
  return `{\n${properties.join('')}${indent}}`;
}

/** `key: value` in an object, or `const name = value`, where the value may begin on a line of its own. */
export function layOutAfter(head: string, value: Expression, indent: string): string {
  const start = `${indent}${head}`;
  const before = start.length - start.lastIndexOf('\n');
  const flat = flatten(value);
  const isFlat = flat !== undefined && before + flat.length + 1 <= WIDTH;
  if (isFlat || firstLine(value, before) <= WIDTH) {
    if (isFlat || !isShortCall(value)) {
      return `${start} ${layOut(value, indent, before)}`;
    }
  }
  const inner = `${indent}  `;
  return `${start}\n${inner}${layOut(value, inner, inner.length)}`;
}

function propertyLine(each: Property | Comment, indent: string): string {
  if ('comment' in each) return `${indent}// ${each.comment}\n`;
  if (each.key === each.value) return `${indent}${each.key},\n`;
  return `${layOutAfter(`${propertyKey(each.key)}:`, each.value, indent)},\n`;
}

function line(item: Expression, indent: string): string {
  return `${indent}${layOut(item, indent, indent.length)},\n`;
}

/** All on one line; `undefined` if some part of it has to be on several. */
function flatten(expression: Expression): string | undefined {
  if (typeof expression === 'string') return expression;
  if ('call' in expression) {
    const args = flattenAll(expression.args);
    return args === undefined ? undefined : `${calleeOf(expression)}(${args})`;
  }
  if ('array' in expression) {
    const items = isTable(expression) ? undefined : flattenAll(expression.array);
    return items === undefined ? undefined : `[${items}]`;
  }
  const { object, isOpen } = expression;
  if (object.length === 0) return '{}';
  if (isOpen === true || object.some((each) => 'comment' in each)) return undefined;
  const properties = object.map((each) => {
    const { key, value } = each as Property;
    if (key === value) return key;
    const flat = flatten(value);
    return flat && `${propertyKey(key)}: ${flat}`;
  });
  return properties.includes(undefined) ? undefined : `{ ${properties.join(', ')} }`;
}

function flattenAll(expressions: readonly Expression[]): string | undefined {
  const flat = expressions.map(flatten);
  return flat.includes(undefined) ? undefined : flat.join(', ');
}

/** Several arrays of several items each: Prettier gives each a line. */
function isTable({ array }: { readonly array: readonly Expression[] }): boolean {
  const isRow = (item: Expression): boolean =>
    typeof item !== 'string' && 'array' in item && item.array.length > 1;
  return array.length > 1 && array.every(isRow);
}

function layOutCall(
  { call, types = [], args }: Call,
  indent: string,
  before: number,
  after: number,
): string {
  const callee = calleeOf({ call, types, args });
  if (types.length > 1 && before + callee.length + 1 > WIDTH) {
    const each = types.map((type) => `${indent}  ${type}`);
    const head = `${call}<\n${each.join(',\n')}\n${indent}`;
    return `${head}${layOut({ call: '>', args }, indent, indent.length, after)}`;
  }
  const [last, ...others] = args.toReversed();
  const head = flattenAll(others.toReversed());
  const start = `${callee}(${head === undefined || head === '' ? '' : `${head}, `}`;
  const isHugged =
    last !== undefined &&
    head !== undefined &&
    isFilled(last) &&
    kindOf(last) !== kindOf(others[0]) &&
    before + start.length + 1 <= WIDTH;
  if (isHugged) return `${start}${layOutOpen(last, indent, after + 1)})`;
  const inner = `${indent}  `;
  return `${callee}(\n${args.map((each) => line(each, inner)).join('')}${indent})`;
}

function calleeOf({ call, types = [] }: Call): string {
  return types.length === 0 ? call : `${call}<${types.join(', ')}>`;
}

/** An array or object that is broken over lines even if it would fit on one. */
function layOutOpen(expression: Expression, indent: string, after: number): string {
  return layOut(expression, indent, WIDTH, after);
}

/** Whether it may stay after the call's parenthesis when it is broken: a list that has something in it. */
function isFilled(expression: Expression): boolean {
  if (typeof expression === 'string' || 'call' in expression) return false;
  return ('array' in expression ? expression.array : expression.object).length > 0;
}

function kindOf(expression: Expression | undefined): 'array' | 'object' | undefined {
  if (expression === undefined || typeof expression === 'string') return undefined;
  if ('array' in expression) return 'array';
  return 'object' in expression ? 'object' : undefined;
}

/** Where the first line of a broken expression ends. */
function firstLine(expression: Expression, before: number): number {
  if (typeof expression === 'string') return before + expression.length + 1;
  return before + ('call' in expression ? expression.call.length + 1 : 1);
}

/** A call with one short name: Prettier moves it to the next line rather than break it. */
function isShortCall(expression: Expression): boolean {
  if (typeof expression === 'string' || !('call' in expression)) return false;
  const [only, ...others] = expression.args;
  if (others.length > 0) return false;
  return only === undefined || (typeof only === 'string' && /^[\w$]{1,25}$/.test(only));
}

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

/** A key as an object literal or an interface has it. */
export function propertyKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : literal(key);
}

/** A string literal, in the quotation marks that need fewer escapes. */
export function literal(text: string): string {
  const count = (mark: string): number => text.split(mark).length - 1;
  const quote = count("'") > count('"') ? '"' : "'";
  const escaped = text.replace(UNSAFE, (char) => ESCAPES[char] ?? unicodeEscape(char));
  return `${quote}${escaped.replaceAll(quote, `\\${quote}`)}${quote}`;
}

/** What has no place in source: control characters, and those that hide or turn text around. */
const UNSAFE =
  /[\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function unicodeEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
