import { types } from 'node:util';

declare const UNTRUSTED: unique symbol;

/**
 * Text of a peer, as it came. It is a string at run time but not to the compiler, so it cannot get into a message before
 * {@link printable}, {@link printableLines} or {@link quoted} has made it fit to be shown. {@link rawText} gives it for comparing and parsing.
 */
export interface Untrusted {
  readonly [UNTRUSTED]: true;
}

/** Marks text as a peer's. */
export function untrusted(text: string): Untrusted {
  return text as unknown as Untrusted;
}

/** What a peer wrote, to the letter: to be compared, parsed or passed on, never to be shown. */
export function rawText(text: Untrusted): string {
  return text as unknown as string;
}

/**
 * Text of a peer as it may be shown: in an error's message, on a terminal, in a log.
 *
 * Whatever controls a terminal or is invisible becomes an escape: control characters, line and
 * paragraph separators, marks that turn the direction of writing, byte order marks, tag characters
 * and lone surrogates. Everything else stays, in every script.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** UTF-16 units of a peer's name or value that a message quotes: enough to know it by. */
export const QUOTED_CHARS = 64;

/** One line in quotation marks, at most {@link QUOTED_CHARS} of it: a name or value in a message. */
export function quoted(text: string | Untrusted): string {
  return `"${printable(text, QUOTED_CHARS)}"`;
}

/** One line. @param maxChars UTF-16 units that are kept of `text`; `…` stands for the rest */
export function printable(text: string | Untrusted, maxChars = 256): string {
  return cut(asString(text), maxChars).replace(UNPRINTABLE, escape);
}

/** The same with line feeds and tabs left as they are: the text of a fault, a stack. */
export function printableLines(text: string | Untrusted, maxChars: number): string {
  return cut(asString(text), maxChars)
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : escape(char)));
}

/**
 * A value in JSON, on one line that a terminal shows as it is: what JSON leaves in strings and {@link printable} does not
 * is escaped, too. Whoever parses it gets the same value.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (char) =>
    // JSON knows units of UTF-16 only.
    [...Array(char.length).keys()].map((at) => escape(char.charAt(at))).join(''),
  );
}

/**
 * Any value as a message names it: small ones in full, of an object what it is. Nothing of the value's own is called
 * (getters, `toString`, `toJSON`, traps of a proxy), so that a strange value cannot fail here, nor take long.
 */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      // As text a huge one takes seconds.
      return BigInt.asIntN(128, value) === value
        ? `the bigint ${value}`
        : 'a bigint of more than 128 bits';
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : shownObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function shownObject(value: object): string {
  if (types.isProxy(value)) return 'an object';
  if (Array.isArray(value)) return 'an array';
  if (types.isMap(value)) return 'a Map';
  if (types.isUint8Array(value)) return 'a Uint8Array';
  if (!types.isDate(value)) return 'an object';
  const time = new Date(Date.prototype.getTime.call(value));
  return Number.isNaN(time.getTime()) ? 'an invalid Date' : `the Date ${time.toISOString()}`;
}

/** The first `maxChars` UTF-16 units, one less where that would part a pair; `…` stands for the rest. */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = text.slice(0, maxChars);
  const partsPair = /[\ud800-\udbff]$/.test(kept);
  return `${partsPair ? kept.slice(0, -1) : kept}…`;
}

function escape(char: string): string {
  const hex = (char.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

function asString(text: string | Untrusted): string {
  return typeof text === 'string' ? text : rawText(text);
}
