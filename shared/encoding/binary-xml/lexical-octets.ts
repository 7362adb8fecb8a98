/** GUIDs and base64: between bytes and text. */

const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(16).padStart(2, '0'),
);
/**
 * Where each byte of the text stands on the wire: .NET keeps a GUID as a u32 and two u16s, little-endian,
 * and 8 bytes in the order of the text.
 */
const GUID_ORDER: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** The 16 bytes at `at` as lower-case `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
export function formatGuid(bytes: Uint8Array, at: number): string {
  let text = '';
  for (const [index, place] of GUID_ORDER.entries()) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += HEX[bytes[at + place] ?? 0];
  }
  return text;
}

/** The bytes, in wire order, of a GUID as `parseGuid` returns it. */
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

/**
 * White space is skipped. As in .NET, padded pieces may follow one another.
 *
 * @returns `undefined` for text that is not base64
 */
export function parseBase64(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  /** Digits and padding of the group of four that is being read. */
  let digits = 0;
  let padding = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (WHITE_SPACE.has(code)) continue;
    const value = code < 128 ? (DIGIT_VALUES[code] ?? -1) : -1;
    if (code === PADDING) {
      if (digits < 2) return undefined;
      padding++;
    } else if (value < 0 || padding > 0) return undefined;
    else {
      digits++;
      bits = ((bits << 6) | value) & 0xfff;
      // Of four digits, the first only begins a byte; each of the others completes one.
      if (digits > 1) bytes[length++] = bits >> (2 * (4 - digits));
    }
    if (digits + padding === 4) digits = padding = 0;
  }
  return digits === 0 ? bytes.subarray(0, length) : undefined;
}
