import { viewOf } from '../../bytes.ts';

/** A round's shifts, the order in which it takes the words, its function and its constant. RFC 1320 3.4 */
interface Round {
  readonly shifts: readonly [number, number, number, number];
  readonly order: readonly number[];
  readonly mix: (x: number, y: number, z: number) => number;
  readonly add: number;
}

const ROUNDS: readonly Round[] = [
  {
    shifts: [3, 7, 11, 19],
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    mix: (x, y, z) => (x & y) | (~x & z),
    add: 0,
  },
  {
    shifts: [3, 5, 9, 13],
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    add: 0x5a827999,
  },
  {
    shifts: [3, 9, 11, 15],
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    mix: (x, y, z) => x ^ y ^ z,
    add: 0x6ed9eba1,
  },
];
const BLOCK_BYTES = 64;

/** The digest that NTLM makes of passwords. RFC 1320; OpenSSL 3 no longer has it. */
export function md4(data: Uint8Array): Uint8Array {
  const blocks = Math.floor((data.length + 8) / BLOCK_BYTES) + 1;
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = viewOf(padded);
  view.setUint32(padded.length - 8, data.length * 8, true);
  const sums: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) addBlock(sums, view, at);
  const digest = new Uint8Array(16);
  for (const [index, sum] of sums.entries()) viewOf(digest).setUint32(index * 4, sum, true);
  return digest;
}

function addBlock(sums: [number, number, number, number], view: DataView, at: number): void {
  let [a, b, c, d] = sums;
  for (const { shifts, order, mix, add } of ROUNDS) {
    for (let step = 0; step < 16; step++) {
      const word = view.getUint32(at + (order[step] ?? 0) * 4, true);
      const turned = turn((a + mix(b, c, d) + word + add) | 0, shifts[step & 3] ?? 0);
      [a, b, c, d] = [d, turned, b, c];
    }
  }
  sums[0] = (sums[0] + a) | 0;
  sums[1] = (sums[1] + b) | 0;
  sums[2] = (sums[2] + c) | 0;
  sums[3] = (sums[3] + d) | 0;
}

function turn(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
