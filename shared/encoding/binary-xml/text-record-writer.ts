import type { DateTicks } from '../../contract/types/text/date-time.ts';
import type { Decimal } from '../../contract/types/text/number-text.ts';
import { OctetWriter } from '../../octets.ts';
import { DATE_KIND } from './fixed-values.ts';
import { guidOctets } from './lexical-octets.ts';
import { writeInt31 } from './primitives.ts';
import { letterIndex, TEXT } from './records.ts';

/** Whether a text record closes the element that it stands in; the low bit says so. */
export const OPEN = 0;
export const END = 1;
type TextEnd = typeof OPEN | typeof END;

/**
 * Writes text records, one method for each sort of value, and the bare values that fill an array
 * record (`raw…`). Values must be of the type that the method names: they are not checked again.
 */
export class TextRecordWriter {
  out: OctetWriter;

  constructor(out: OctetWriter = new OctetWriter()) {
    this.out = out;
  }

  /** Text as .NET writes it: `0` and `1` have records, and UTF-16 is used where it is shorter. */
  text(text: string, end: TextEnd): void {
    if (text === '0') this.out.u8(TEXT.zero | end);
    else if (text === '1') this.out.u8(TEXT.one | end);
    else if (text === '') this.out.u8(TEXT.empty | end);
    else if (!this.#utf8(text, end)) this.#utf16(text, end);
  }

  /** Text by reference. @param id from a string table */
  dictionaryText(id: number, end: TextEnd): void {
    this.out.u8(TEXT.dictionary | end);
    writeInt31(this.out, id);
  }

  /** A name by reference. @param prefix one letter, a to z */
  qname(prefix: string, id: number, end: TextEnd): void {
    this.out.u8(TEXT.qnameDictionary | end);
    this.out.u8(letterIndex(prefix));
    writeInt31(this.out, id);
  }

  /** Text records (`OPEN`, no lists) follow: together they are one text, joined by spaces. */
  startList(): void {
    this.out.u8(TEXT.startList);
  }

  endList(end: TextEnd): void {
    this.out.u8(TEXT.endList | end);
  }

  boolean(value: boolean, end: TextEnd): void {
    this.out.u8((value ? TEXT.true : TEXT.false) | end);
  }

  /** A boolean in a byte of its own; .NET writes this only in arrays. */
  bool(value: boolean, end: TextEnd): void {
    this.out.u8(TEXT.bool | end);
    this.out.u8(Number(value));
  }

  /** A whole number, −2^31 to 2^31 − 1, in the shortest record for it. */
  int(value: number, end: TextEnd): void {
    const { out } = this;
    if (value === 0 || value === 1) {
      out.u8((value === 0 ? TEXT.zero : TEXT.one) | end);
    } else if (value >= -0x80 && value < 0x80) {
      out.u8(TEXT.int8 | end);
      out.u8(value & 0xff);
    } else if (value >= -0x8000 && value < 0x8000) {
      out.u8(TEXT.int16 | end);
      this.rawInt16(value);
    } else {
      out.u8(TEXT.int32 | end);
      this.rawInt32(value);
    }
  }

  /** A whole number, −2^63 to 2^63 − 1, in the shortest record for it. */
  long(value: bigint, end: TextEnd): void {
    if (value >= -0x8000_0000n && value < 0x8000_0000n) return this.int(Number(value), end);
    this.out.u8(TEXT.int64 | end);
    this.rawInt64(value);
  }

  /** A whole number, 0 to 2^64 − 1. */
  uint64(value: bigint, end: TextEnd): void {
    this.out.u8(TEXT.uint64 | end);
    this.rawInt64(BigInt.asIntN(64, value));
  }

  /** A number that is binary32, as short as .NET makes it, but see {@link double}. */
  float(value: number, end: TextEnd): void {
    const isLong = value >= -(2 ** 63) && value < 2 ** 63;
    if (isLong && Number.isInteger(value) && !Object.is(value, -0)) {
      if (value === (value | 0)) this.int(value, end);
      else this.long(BigInt(value), end);
    } else {
      this.out.u8(TEXT.float | end);
      this.rawFloat(value);
    }
  }

  /**
   * A double, as short as .NET Framework makes it, with one exception: .NET turns −0 into 0; here it is a
   * Float record, which keeps the sign and which every reader takes.
   */
  double(value: number, end: TextEnd): void {
    if (Math.fround(value) === value && Number.isFinite(value)) return this.float(value, end);
    this.out.u8(TEXT.double | end);
    this.rawDouble(value);
  }

  decimal(value: Decimal, end: TextEnd): void {
    this.out.u8(TEXT.decimal | end);
    this.rawDecimal(value);
  }

  dateTime(date: DateTicks, end: TextEnd): void {
    this.out.u8(TEXT.dateTime | end);
    this.rawDateTime(date);
  }

  timeSpan(ticks: bigint, end: TextEnd): void {
    this.out.u8(TEXT.timeSpan | end);
    this.rawInt64(ticks);
  }

  /** @param guid lower-case text */
  guid(guid: string, end: TextEnd): void {
    this.out.u8(TEXT.guid | end);
    this.out.append(guidOctets(guid));
  }

  /** The text `urn:uuid:` and a GUID, lower-case. */
  uniqueId(guid: string, end: TextEnd): void {
    this.out.u8(TEXT.uniqueId | end);
    this.out.append(guidOctets(guid));
  }

  /** Bytes, which are base64 in XML. */
  octets(octets: Uint8Array, end: TextEnd): void {
    this.octetsHead(octets.length, end);
    this.out.append(octets);
  }

  /** The beginning of such a record: so many bytes follow. */
  octetsHead(count: number, end: TextEnd): void {
    this.#lengthRecord(TEXT.bytes8, count, end);
  }

  rawInt16(value: number): void {
    const { out } = this;
    const at = out.reserve(2);
    out.view.setInt16(at, value, true);
    out.length = at + 2;
  }

  rawInt32(value: number): void {
    const { out } = this;
    const at = out.reserve(4);
    out.view.setInt32(at, value, true);
    out.length = at + 4;
  }

  rawInt64(value: bigint): void {
    const { out } = this;
    const at = out.reserve(8);
    out.view.setBigInt64(at, value, true);
    out.length = at + 8;
  }

  rawFloat(value: number): void {
    // .NET's NaN has the sign bit set; readers do not care.
    if (Number.isNaN(value)) return this.rawInt32(0xffc0_0000 | 0);
    const { out } = this;
    const at = out.reserve(4);
    out.view.setFloat32(at, value, true);
    out.length = at + 4;
  }

  rawDouble(value: number): void {
    if (Number.isNaN(value)) return this.rawInt64(-0x0008_0000_0000_0000n);
    const { out } = this;
    const at = out.reserve(8);
    out.view.setFloat64(at, value, true);
    out.length = at + 8;
  }

  rawDecimal({ isNegative, digits, scale }: Decimal): void {
    this.rawInt32((isNegative ? 0x8000_0000 | 0 : 0) | (scale << 16));
    this.rawInt32(Number(BigInt.asIntN(32, digits >> 64n)));
    this.rawInt64(BigInt.asIntN(64, digits));
  }

  rawDateTime({ ticks, kind }: DateTicks): void {
    this.rawInt64(BigInt.asIntN(64, BigInt.asUintN(62, ticks) | (BigInt(DATE_KIND[kind]) << 62n)));
  }

  /** @returns false, with nothing written, when UTF-16 would be shorter */
  #utf8(text: string, end: TextEnd): boolean {
    const { out } = this;
    const start = out.length;
    // The width of the length field is needed before the length is known; for ASCII this guess is right.
    const guess = lengthOctets(text.length);
    out.length = start + 1 + guess;
    const length = out.utf8(text);
    if (length >> 1 > text.length) {
      out.length = start;
      return false;
    }
    const width = lengthOctets(length);
    if (width !== guess) {
      out.reserve(width);
      out.bytes.copyWithin(start + 1 + width, start + 1 + guess, out.length);
    }
    out.length = start;
    this.#lengthRecord(TEXT.chars8, length, end);
    out.length += length;
    return true;
  }

  #utf16(text: string, end: TextEnd): void {
    const { out } = this;
    this.#lengthRecord(TEXT.unicodeChars8, 2 * text.length, end);
    let at = out.reserve(2 * text.length);
    for (let index = 0; index < text.length; index++, at += 2) {
      out.view.setUint16(at, text.charCodeAt(index), true);
    }
    out.length = at;
  }

  /** @param type8 the record with a length of 1 byte; those with 2 and 4 bytes are the next ones */
  #lengthRecord(type8: number, length: number, end: TextEnd): void {
    const width = lengthOctets(length);
    this.out.u8((width === 1 ? type8 : width === 2 ? type8 + 2 : type8 + 4) | end);
    if (width === 1) this.out.u8(length);
    else if (width === 2) this.rawInt16(length);
    else this.rawInt32(length);
  }
}

function lengthOctets(length: number): 1 | 2 | 4 {
  if (length < 0x100) return 1;
  return length < 0x1_0000 ? 2 : 4;
}
