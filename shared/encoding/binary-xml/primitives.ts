import type { OctetWriter } from '../../octets.ts';

/** Bytes that `text` takes as UTF-8 (a lone surrogate becomes U+FFFD, as in a TextEncoder). */
export function utf8Length(text: string): number {
  let octets = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is 2 units and 4 bytes; any other character over U+07FF is 1 unit and 3 bytes.
    octets += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) index++;
  }
  return octets;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000; // false for the NaN after the last unit
}

/** A variable-length integer, 0 to 2^31 − 1, in as few bytes as it needs: [MC-NBFX] 2.1.2. */
export function writeInt31(out: OctetWriter, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.u8((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.u8(rest);
}

/** ASCII of up to this many characters is written by hand, which costs less than a TextEncoder. */
const SHORT = 24;

/** A string: its length in bytes as {@link writeInt31}, then UTF-8. */
export function writeString(out: OctetWriter, text: string): void {
  const length = utf8Length(text);
  writeInt31(out, length);
  if (length > SHORT || length !== text.length) {
    out.utf8(text);
    return;
  }
  const at = out.reserve(length);
  for (let index = 0; index < length; index++) out.bytes[at + index] = text.charCodeAt(index);
  out.length = at + length;
}
