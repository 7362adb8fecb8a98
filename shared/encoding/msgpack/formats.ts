/**
 * First bytes of MessagePack values, as its specification names them.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md, "Formats"
 */
export const FIXMAP = 0x80; // to 0x8f: the low 4 bits count the pairs
export const FIXARRAY = 0x90; // to 0x9f: the low 4 bits count the elements
export const FIXSTR = 0xa0; // to 0xbf: the low 5 bits count the bytes
export const NIL = 0xc0;
export const NEVER_USED = 0xc1;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const BIN8 = 0xc4;
export const BIN16 = 0xc5;
export const BIN32 = 0xc6;
export const EXT8 = 0xc7;
export const EXT16 = 0xc8;
export const EXT32 = 0xc9;
export const FLOAT32 = 0xca;
export const FLOAT64 = 0xcb;
export const UINT8 = 0xcc;
export const UINT16 = 0xcd;
export const UINT32 = 0xce;
export const UINT64 = 0xcf;
export const INT8 = 0xd0;
export const INT16 = 0xd1;
export const INT32 = 0xd2;
export const INT64 = 0xd3;
export const FIXEXT1 = 0xd4; // then fixext 2, 4, 8 and 16
export const FIXEXT16 = 0xd8;
export const STR8 = 0xd9;
export const STR16 = 0xda;
export const STR32 = 0xdb;
export const ARRAY16 = 0xdc;
export const ARRAY32 = 0xdd;
export const MAP16 = 0xde;
export const MAP32 = 0xdf;
export const NEGATIVE_FIXINT = 0xe0; // to 0xff: −32 to −1

/** Bytes after the first one of a number from FLOAT32 to INT64. */
export function numberWidth(octet: number): number {
  if (octet >= UINT8) return 1 << (octet & 3); // cc to cf and d0 to d3 double from one to the next
  return octet === FLOAT32 ? 4 : 8;
}
