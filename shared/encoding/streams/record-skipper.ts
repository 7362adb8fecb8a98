import { NetTcpError } from '../../errors.ts';
import { FIXED_WIDTH, LENGTH_OCTETS, RECORD, TEXT, WIDTHS } from '../binary-xml/records.ts';

const ITEM_WIDTH = (type: number): number => FIXED_WIDTH.get(type & 0xfe) ?? 0;

/** More bytes are needed. */
export const MORE = -1;

/**
 * Finds the ends of records in a document that is still arriving. It decodes nothing: what the records say is
 * for a {@link BinaryXmlReader}, once enough of them are there.
 */
export class RecordSkipper {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  /** @param end where the bytes end that have arrived */
  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes;
    this.#end = end;
  }

  /**
   * @param at where a record begins: an element's name, an attribute, a text, a comment or an end
   * @returns where it ends, or {@link MORE}
   * @throws {NetTcpError} `Protocol` for a byte that begins no record
   */
  endOf(at: number): number {
    this.#at = at;
    return this.#record() ? this.#at : MORE;
  }

  /**
   * The same for what stands after the element of an array record: the end of that element, and the values.
   * @param at where that end is
   */
  endOfItems(at: number): number {
    const type = this.#bytes[at + 1] ?? 0;
    this.#at = at + 2;
    const count = this.#at > this.#end ? MORE : this.#int31();
    if (count === MORE) return MORE;
    return this.#skip(count * ITEM_WIDTH(type)) ? this.#at : MORE;
  }

  #record(): boolean {
    if (this.#at >= this.#end) return false;
    const record = this.#bytes[this.#at++] ?? 0;
    if (record >= TEXT.zero) return this.#text(record);
    if (record >= RECORD.shortElement) {
      if (record > RECORD.prefixElementZ) throw noRecord(record);
      if (record >= RECORD.prefixElementA) return this.#string();
      if (record >= RECORD.prefixDictionaryElementA) return this.#int31() !== MORE;
      return this.#name(record - RECORD.shortElement);
    }
    if (record >= RECORD.prefixAttributeA) return this.#string() && this.#record();
    if (record >= RECORD.prefixDictionaryAttributeA)
      return this.#int31() !== MORE && this.#record();
    if (record >= RECORD.shortXmlnsAttribute) {
      return this.#name(record - RECORD.shortXmlnsAttribute);
    }
    if (record >= RECORD.shortAttribute) {
      return this.#name(record - RECORD.shortAttribute) && this.#record();
    }
    if (record === RECORD.comment) return this.#string();
    if (record === RECORD.endElement || record === RECORD.array) return true;
    throw noRecord(record);
  }

  /** @param form 0: a name; 1: prefix and name; 2 and 3: the same with a name by reference */
  #name(form: number): boolean {
    if (form % 2 === 1 && !this.#string()) return false;
    return form < 2 ? this.#string() : this.#int31() !== MORE;
  }

  #text(record: number): boolean {
    const type = record & 0xfe;
    if (type === TEXT.startList) return this.#list();
    const width = WIDTHS[record] ?? -2;
    if (width >= 0) return this.#skip(width);
    if (type === TEXT.dictionary) return this.#int31() !== MORE;
    if (type === TEXT.qnameDictionary) return this.#skip(1) && this.#int31() !== MORE;
    const octets = LENGTH_OCTETS.get(type);
    if (octets === undefined) throw noRecord(record);
    const length = lengthAt(this.#bytes, this.#at, this.#end, octets);
    return length !== MORE && this.#skip(octets + length);
  }

  #list(): boolean {
    for (;;) {
      if (this.#at >= this.#end) return false;
      const record = this.#bytes[this.#at++] ?? 0;
      if ((record & 0xfe) === TEXT.endList) return true;
      if (record < TEXT.zero || (record & 0xfe) === TEXT.startList) throw noRecord(record);
      if (!this.#text(record)) return false;
    }
  }

  #string(): boolean {
    const length = this.#int31();
    return length !== MORE && this.#skip(length);
  }

  #skip(count: number): boolean {
    this.#at += count;
    return this.#at <= this.#end;
  }

  #int31(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      if (this.#at >= this.#end) return MORE;
      const octet = this.#bytes[this.#at++] ?? 0;
      if (shift === 28 && octet > 0x07) break;
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    throw malformed('a length does not fit in 31 bits');
  }
}

/**
 * The length field of a text record: 1, 2 or 4 bytes, little-endian.
 *
 * @returns 0 to 2^31 − 1, or {@link MORE}
 */
export function lengthAt(bytes: Uint8Array, at: number, end: number, octets: 1 | 2 | 4): number {
  if (at + octets > end) return MORE;
  let length = 0;
  for (let index = octets - 1; index >= 0; index--)
    length = length * 256 + (bytes[at + index] ?? 0);
  if (length > 0x7fff_ffff) throw malformed('a length is negative');
  return length;
}

function noRecord(record: number): NetTcpError {
  return malformed(`0x${record.toString(16).padStart(2, '0')} is no record here`);
}

function malformed(what: string): NetTcpError {
  return new NetTcpError('Protocol', `malformed binary XML in a streamed message: ${what}`);
}
