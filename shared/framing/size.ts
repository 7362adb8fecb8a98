/** The most bytes that a size can take. */
export const MAX_SIZE_OCTETS = 5;

/**
 * Reads a record size: 1 to 5 bytes of 7 bits each, least significant first; the high bit says that another byte
 * follows. `80 01` is 128. Longer spellings than necessary are accepted, as in .NET. [MC-NMF] 2.2.2
 *
 * @param bytes bytes that have arrived
 * @param at    offset of the size's first byte
 * @param end   offset after the last byte that has arrived
 * @returns the value (0 to 2^31 − 1) and the offset after it as `[value, next]`; `'more'` when
 *   bytes are missing; `'invalid'` when it does not fit in 31 bits
 */
export function readSize(
  bytes: Uint8Array,
  at: number,
  end: number,
): readonly [value: number, next: number] | 'more' | 'invalid' {
  let value = 0;
  for (let index = 0; index < MAX_SIZE_OCTETS; index++) {
    if (at + index >= end) return 'more';
    const octet = bytes[at + index] ?? 0;
    if (index === 4 && octet > 0x07) return 'invalid';
    value |= (octet & 0x7f) << (7 * index);
    if (octet < 0x80) return [value, at + index + 1];
  }
  return 'invalid';
}

/** How many bytes {@link writeSize} takes for `value`. */
export function sizeLength(value: number): number {
  return value < 0x80
    ? 1
    : value < 0x4000
      ? 2
      : value < 0x20_0000
        ? 3
        : value < 0x1000_0000
          ? 4
          : 5;
}

/** Writes a record size at `at`, in as few bytes as possible. @returns the offset after it */
export function writeSize(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let offset = at;
  while (rest >= 0x80) {
    bytes[offset++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[offset++] = rest;
  return offset;
}
