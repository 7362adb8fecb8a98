/**
 * Stretches or folds a constant to `size` bytes. RFC 3961 5.1
 *
 * The input is repeated, rotated right by 13 bits more each time, until the length is a multiple of both
 * lengths; the pieces of `size` bytes are added up in ones' complement.
 */
export function nFold(input: Uint8Array, size: number): Uint8Array {
  const bits = input.length * 8;
  const total = leastCommonMultiple(input.length, size);
  const sums = Array.from({ length: size }, () => 0);
  for (let index = 0; index < total; index++) {
    const turn = 13 * Math.floor(index / input.length);
    const first = (index % input.length) * 8 - turn;
    const at = index % size;
    sums[at] = (sums[at] ?? 0) + byteAtBit(input, ((first % bits) + bits) % bits);
  }
  return withCarries(sums);
}

/** Eight bits from `bit` on, wrapping at the end. */
function byteAtBit(input: Uint8Array, bit: number): number {
  const at = bit >> 3;
  const pair = ((input[at] ?? 0) << 8) | (input[(at + 1) % input.length] ?? 0);
  return (pair >> (8 - (bit & 7))) & 0xff;
}

/** Adds each sum's carry to the byte before it, and the first byte's to the last. */
function withCarries(sums: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(sums.length);
  let carry = 0;
  for (let index = sums.length - 1; index >= 0; index--) {
    const sum = (sums[index] ?? 0) + carry;
    bytes[index] = sum & 0xff;
    carry = sum >> 8;
  }
  for (let index = sums.length - 1; carry > 0; index = index === 0 ? sums.length - 1 : index - 1) {
    const sum = (bytes[index] ?? 0) + carry;
    bytes[index] = sum & 0xff;
    carry = sum >> 8;
  }
  return bytes;
}

function leastCommonMultiple(one: number, other: number): number {
  let [large, small] = [one, other];
  while (small > 0) [large, small] = [small, large % small];
  return (one * other) / large;
}
