import { concat, fromHex, utf8 } from '../bytes.ts';
import { Tag } from '../der.ts';

/** An element with that tag, of the given contents one after the other. Fewer than 2^24 bytes. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const content of contents) length += content.length;
  return concat(header(tag, length), ...contents);
}

function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  if (length < 0x100) return Uint8Array.of(tag, 0x81, length);
  if (length < 0x1_0000) return Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
  return Uint8Array.of(tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return element(Tag.Sequence, ...contents);
}

/** `[number]` around `contents`. */
export function field(number: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return element(Tag.context(number), ...contents);
}

/** An INTEGER of 0 or more. */
export function integer(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest % 0x100);
    rest = Math.floor(rest / 0x100);
  } while (rest > 0);
  if ((bytes[0] ?? 0) >= 0x80) bytes.unshift(0);
  return element(Tag.Integer, Uint8Array.from(bytes));
}

export function enumerated(value: number): Uint8Array {
  return element(Tag.Enumerated, Uint8Array.of(value));
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(Tag.OctetString, bytes);
}

export function generalString(text: string): Uint8Array {
  return element(Tag.GeneralString, utf8(text));
}

/** An OBJECT IDENTIFIER, from the hexadecimal digits of its content. */
export function objectIdentifier(digits: string): Uint8Array {
  return element(Tag.ObjectIdentifier, fromHex(digits) ?? new Uint8Array(0));
}
