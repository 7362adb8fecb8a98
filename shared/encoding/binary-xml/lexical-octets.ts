import { trimXml } from './lexical-numbers.ts';

/** GUIDs and base64: between octets and text. */

const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(16).padStart(2, '0'),
);
/**
 * Where each octet of the text stands on the wire: .NET keeps a GUID as a u32 and two u16s, little-
 * endian, and 8 octets as they are written.
 */
const GUID_ORDER: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const GUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** The 16 octets at `at` as lower-case `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
export function formatGuid(bytes: Uint8Array, at: number): string {
  let text = '';
  for (const [index, place] of GUID_ORDER.entries()) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += HEX[bytes[at + place] ?? 0];
  }
  return text;
}

/** Lower-case GUID text, `undefined` for anything else; braces and upper case are read too. */
export function parseGuid(text: string): string | undefined {
  const bare = trimXml(text).toLowerCase();
  const guid = bare.startsWith('{') && bare.endsWith('}') ? bare.slice(1, -1) : bare;
  return GUID.test(guid) ? guid : undefined;
}

/** The octets, in wire order, of text that {@link parseGuid} gave. */
export function guidOctets(guid: string): Uint8Array {
  const digits = guid.replaceAll('-', '');
  const octets = new Uint8Array(16);
  for (const [index, place] of GUID_ORDER.entries()) {
    octets[place] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
  return octets;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Value of each ASCII character as a digit, −1 for the others. */
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  DIGITS.indexOf(String.fromCharCode(code)),
);
const PADDING = 0x3d;
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x0a]);

export function formatBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += DIGITS.charAt(bits >> 18) + DIGITS.charAt((bits >> 12) & 63);
    text += left > 1 ? DIGITS.charAt((bits >> 6) & 63) : '=';
    text += left > 2 ? DIGITS.charAt(bits & 63) : '=';
  }
  return text;
}

/** @returns `undefined` for text that is not base64; white space is skipped */
export function parseBase64(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let bits = 0;
  let digits = 0;
  let padding = 0;
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (WHITE_SPACE.has(code)) continue;
    const value = code < 128 ? (DIGIT_VALUES[code] ?? -1) : -1;
    if (code === PADDING) padding++;
    else if (value < 0 || padding > 0) return undefined;
    else {
      digits++;
      bits = ((bits << 6) | value) & 0xfff;
      // Of four digits the first only opens an octet; the others complete one each.
      const place = digits % 4;
      if (place !== 1) bytes[length++] = bits >> (place === 2 ? 4 : place === 3 ? 2 : 0);
    }
  }
  const isWhole = (digits + padding) % 4 === 0 && padding <= 2 && (padding === 0 || digits % 4 > 1);
  return isWhole ? bytes.subarray(0, length) : undefined;
}
