import type { OctetWriter } from '../../octets.ts';
import * as format from './formats.ts';

/** A whole number from −2^31 to 2^32 − 1, in the fewest bytes. */
export function writeInteger(out: OctetWriter, value: number): void {
  if (value >= 0 ? value < 0x80 : value >= -0x20) out.u8(value & 0xff);
  else if (value >= 0) writeUnsigned(out, value, format.UINT8);
  else if (value >= -0x80) writeUnsigned(out, value & 0xff, format.INT8);
  else if (value >= -0x8000) writeSized(out, format.INT16, value & 0xffff, 2);
  else writeSized(out, format.INT32, value >>> 0, 4);
}

/** A whole number of up to 64 bits, in the fewest bytes; `signed` picks between the two widest forms. */
export function writeBigInteger(out: OctetWriter, value: bigint, signed: boolean): void {
  if (value >= -0x8000_0000n && value <= 0xffff_ffffn) {
    writeInteger(out, Number(value));
    return;
  }
  const at = out.reserve(9);
  out.bytes[at] = signed ? format.INT64 : format.UINT64;
  out.view.setBigUint64(at + 1, BigInt.asUintN(64, value));
  out.length = at + 9;
}

/** Always eight bytes of IEEE 754: the short forms lose −0 or would cost a comparison. */
export function writeDouble(out: OctetWriter, value: number): void {
  const at = out.reserve(9);
  out.bytes[at] = format.FLOAT64;
  out.view.setFloat64(at + 1, value);
  out.length = at + 9;
}

export function writeFloat(out: OctetWriter, value: number): void {
  const at = out.reserve(5);
  out.bytes[at] = format.FLOAT32;
  out.view.setFloat32(at + 1, value);
  out.length = at + 5;
}

export function writeArrayHead(out: OctetWriter, count: number): void {
  if (count < 16) out.u8(format.FIXARRAY | count);
  else if (count < 0x1_0000) writeSized(out, format.ARRAY16, count, 2);
  else writeSized(out, format.ARRAY32, count, 4);
}

export function writeMapHead(out: OctetWriter, count: number): void {
  if (count < 16) out.u8(format.FIXMAP | count);
  else if (count < 0x1_0000) writeSized(out, format.MAP16, count, 2);
  else writeSized(out, format.MAP32, count, 4);
}

export function writeBinary(out: OctetWriter, octets: Uint8Array): void {
  writeUnsigned(out, octets.length, format.BIN8);
  out.append(octets);
}

/** UTF-8 of `text`; a lone surrogate becomes U+FFFD, so callers that mind check first. */
export function writeString(out: OctetWriter, text: string): void {
  // The head's width depends on the number of bytes, which only writing them tells. It is guessed from the
  // characters; where that is wrong, which is rare, the bytes are moved.
  const head = out.length;
  const guess = stringHeadWidth(text.length);
  out.reserve(guess);
  out.length = head + guess;
  const octets = out.utf8(text);
  const width = stringHeadWidth(octets);
  if (width !== guess) {
    out.reserve(width - guess);
    out.bytes.copyWithin(head + width, head + guess, head + guess + octets);
  }
  out.length = head;
  writeStringHead(out, octets);
  out.length += octets;
}

/** A few bytes as they are: for a name the loop is faster than `append`. */
export function appendShort(out: OctetWriter, octets: Uint8Array): void {
  const count = octets.length;
  const at = out.reserve(count);
  const { bytes } = out;
  for (let index = 0; index < count; index++) bytes[at + index] = octets[index] ?? 0;
  out.length = at + count;
}

function stringHeadWidth(octets: number): number {
  if (octets < 32) return 1;
  if (octets < 0x100) return 2;
  return octets < 0x1_0000 ? 3 : 5;
}

function writeStringHead(out: OctetWriter, octets: number): void {
  if (octets < 32) out.u8(format.FIXSTR | octets);
  else writeUnsigned(out, octets, format.STR8);
}

/** Byte `first`, `first + 1` or `first + 2`, then 1, 2 or 4 bytes: the form of uint, bin and str heads. */
function writeUnsigned(out: OctetWriter, value: number, first: number): void {
  if (value < 0x100) writeSized(out, first, value, 1);
  else if (value < 0x1_0000) writeSized(out, first + 1, value, 2);
  else writeSized(out, first + 2, value, 4);
}

/** Seconds from 0001-01-01 to 1970-01-01. */
export const EPOCH_SECONDS = 62_135_596_800n;
export const TICKS_PER_SECOND = 10_000_000n;

/** MessagePack's timestamp, in its widest form. @param ticks of 100 ns, from the year 1 on */
export function writeTimestamp(out: OctetWriter, ticks: bigint): void {
  const at = out.reserve(15);
  out.bytes.set([format.EXT8, 12, 0xff], at);
  out.view.setUint32(at + 3, Number(ticks % TICKS_PER_SECOND) * 100);
  out.view.setBigInt64(at + 7, ticks / TICKS_PER_SECOND - EPOCH_SECONDS);
  out.length = at + 15;
}

function writeSized(out: OctetWriter, first: number, value: number, width: 1 | 2 | 4): void {
  const at = out.reserve(5);
  out.bytes[at] = first;
  if (width === 1) out.bytes[at + 1] = value;
  else if (width === 2) out.view.setUint16(at + 1, value);
  else out.view.setUint32(at + 1, value);
  out.length = at + 1 + width;
}
