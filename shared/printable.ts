import * as types from 'node:util/types';

declare const UNTRUSTED: unique symbol;

/**
 * Text of a peer, as it came. It is a string at run time but not to the compiler, so it cannot get into a message
 * before {@link printable}, {@link printableLines} or {@link quoted} has made it fit to be shown. {@link rawText}
 * returns it for comparing and parsing.
 */
export interface Untrusted {
  readonly [UNTRUSTED]: true;
}

/**
 * What another process sent, of the shape of `T`: each text that may be any is {@link Untrusted}. A text that was
 * checked to be an IP address (`host`), or is only compared (`token`), stays one.
 */
export type Received<T> = T extends string
  ? string extends T
    ? Untrusted
    : T
  : T extends Uint8Array
    ? T
    : T extends object
      ? { readonly [K in keyof T]: K extends 'host' | 'token' ? T[K] : Received<T[K]> }
      : T;

/** Marks text as a peer's. */
export function untrusted(text: string): Untrusted {
  return text as unknown as Untrusted;
}

/** Marks all texts of what another process sent. */
export function received<T>(value: T): Received<T> {
  return value as Received<T>;
}

/** A peer's text to the letter: to be compared, parsed or passed on, never to be shown. */
export function rawText(text: Untrusted): string {
  return text as unknown as string;
}

/**
 * What must not be shown of a peer's text in an error's message, on a terminal or in a log.
 *
 * All that controls a terminal or is invisible becomes an escape: control characters, line and paragraph
 * separators, marks that change the writing direction, byte order marks, tag characters and lone surrogates.
 * Everything else stays, in every script.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** UTF-16 units that a message quotes of a peer's name or value: enough to recognise it. */
export const QUOTED_CHARS = 64;

/** A name or value in a message: one line in quotation marks, at most {@link QUOTED_CHARS} of it. */
export function quoted(text: string | Untrusted): string {
  return `"${printable(text, QUOTED_CHARS)}"`;
}

/** Text on one line, fit to be shown. @param maxChars UTF-16 units that are kept of it; `…` stands for the rest */
export function printable(text: string | Untrusted, maxChars = 256): string {
  return cut(asString(text), maxChars).replace(UNPRINTABLE, escape);
}

/** {@link printable}, but with line feeds and tabs as they are, for the text of a fault or a stack. */
export function printableLines(text: string | Untrusted, maxChars: number): string {
  return cut(asString(text), maxChars)
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : escape(char)));
}

/**
 * A value as JSON on one line, fit for a terminal: characters that JSON leaves in strings and {@link printable}
 * does not are escaped, too. Parsing it yields the same value.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (char) =>
    // JSON escapes are UTF-16 units.
    [...Array(char.length).keys()].map((at) => escape(char.charAt(at))).join(''),
  );
}

/**
 * Any value as a message names it: small ones in full, objects by their kind. No code of the value is called
 * (getters, `toString`, `toJSON`, traps of a proxy), so that a strange value can neither fail here nor take long.
 */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      // To write a huge one as text takes seconds.
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

/** The first `maxChars` UTF-16 units, one less if that would split a pair; `…` stands for the rest. */
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

const LINES_WINDOW_MS = 1_000;
const MAX_LINE_CHARS = 1_024;

/** Passes on texts as single lines that no terminal obeys, up to `maxLines` a second; the next says how many were left out. */
export function boundedLines(
  maxLines: number,
  write: (line: string) => void,
): (text: string) => void {
  let begunAt = -Infinity;
  let lines = 0;
  let left = 0;
  return (text) => {
    const now = performance.now();
    if (now - begunAt >= LINES_WINDOW_MS) {
      begunAt = now;
      lines = 0;
    }
    if (lines >= maxLines) {
      left += 1;
      return;
    }
    lines += 1;
    const more = left === 0 ? '' : ` (${left} more were not shown)`;
    left = 0;
    write(printable(`${text}${more}`, MAX_LINE_CHARS));
  };
}
