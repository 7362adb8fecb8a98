import { NetTcpError } from '../../errors.ts';
import { parseBase64 } from '../binary-xml/lexical-octets.ts';
import { lengthAt, MORE, RecordSkipper } from './record-skipper.ts';
import { LENGTH_OCTETS, RECORD, TEXT } from '../binary-xml/records.ts';

/** Stops a record's beginning, which is kept until it is whole, from being long: an attribute, or a comment. */
const MAX_CUT_BYTES = 2_048;

/**
 * Reads the content of a stream's element, and the rest of its message, as they arrive: bytes in records of any
 * sizes, or base64 text, cut anywhere.
 */
export class ContentReader {
  readonly #take: (bytes: Uint8Array) => void;
  /** The beginning of a record that was cut. */
  #cut: Uint8Array | undefined;
  /** Of the record that is being read: bytes left, whether they are base64, and whether its element ends then. */
  #left = 0;
  #isText = false;
  #endsElement = false;
  /** Attributes of the element may still come. */
  #isInTag = true;
  readonly #depth: number;
  /** Ends of elements that are still to come. */
  #ends: number;
  /** Digits of base64 that are no group of four yet. */
  #digits = '';

  /**
   * @param take gets the stream's bytes, valid until it returns
   * @param depth elements that are open: the stream's own, what is around it, Body and Envelope
   */
  constructor(take: (bytes: Uint8Array) => void, depth: number) {
    this.#take = take;
    this.#depth = depth;
    this.#ends = depth;
  }

  /** @throws {NetTcpError} `Protocol` for what is no stream's content, and for anything after it */
  push(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    if (this.#cut !== undefined) {
      const joined = new Uint8Array(this.#cut.length + end - start);
      joined.set(this.#cut);
      joined.set(bytes.subarray(start, end), this.#cut.length);
      this.#cut = undefined;
      return this.push(joined, 0, joined.length);
    }
    while (at < end) {
      if (this.#left > 0) {
        const upTo = Math.min(end, at + this.#left);
        this.#left -= upTo - at;
        this.#value(bytes.subarray(at, upTo));
        at = upTo;
      } else {
        const next = this.#record(bytes, at, end);
        if (next === MORE) return this.#keep(bytes.slice(at, end));
        at = next;
      }
      if (this.#left === 0 && this.#endsElement) this.#close();
    }
  }

  /** The message has ended. @throws {NetTcpError} `Protocol` if it is cut short */
  end(): void {
    if (this.#ends > 0 || this.#cut !== undefined) throw malformed('it is cut short');
  }

  #keep(cut: Uint8Array): void {
    if (cut.length > MAX_CUT_BYTES) throw malformed('a comment or an attribute is too long');
    this.#cut = cut;
  }

  /** @returns where its value begins, or where it ends if it has none */
  #record(bytes: Uint8Array, at: number, end: number): number {
    const record = bytes[at] ?? 0;
    if (record === RECORD.comment) return new RecordSkipper(bytes, end).endOf(at);
    if (this.#ends === 0) throw malformed('bytes follow the message');
    if (record === RECORD.endElement) {
      this.#isInTag = false;
      this.#close();
      return at + 1;
    }
    if (this.#ends < this.#depth) throw malformed('something follows the stream in its message');
    if (this.#isInTag && record >= RECORD.shortAttribute && record < RECORD.shortElement) {
      return this.#attribute(bytes, at, end);
    }
    this.#isInTag = false;
    const type = record & 0xfe;
    if (type === TEXT.empty) {
      this.#endsElement = record !== type;
      return at + 1;
    }
    const octets = LENGTH_OCTETS.get(type);
    if (octets === undefined || type > TEXT.bytes32) throw malformed('it has no bytes');
    const length = lengthAt(bytes, at + 1, end, octets);
    if (length === MORE) return MORE;
    this.#left = length;
    this.#isText = type < TEXT.bytes8;
    this.#endsElement = record !== type;
    return at + 1 + octets;
  }

  /** Declarations of namespaces mean nothing here. Nothing else is known, and `i:nil` would be no stream. */
  #attribute(bytes: Uint8Array, at: number, end: number): number {
    const record = bytes[at] ?? 0;
    const isDeclaration =
      record >= RECORD.shortXmlnsAttribute && record <= RECORD.dictionaryXmlnsAttribute;
    if (!isDeclaration) throw malformed('the element of a stream has an attribute');
    return new RecordSkipper(bytes, end).endOf(at);
  }

  #value(bytes: Uint8Array): void {
    if (!this.#isText) {
      if (this.#digits !== '') throw malformed('bytes stand in the middle of base64 text');
      return this.#take(bytes);
    }
    let text = this.#digits;
    for (const octet of bytes) if (octet > 0x20) text += String.fromCharCode(octet);
    const whole = text.length - (text.length % 4);
    this.#digits = text.slice(whole);
    const read = parseBase64(text.slice(0, whole)) ?? [];
    if (whole > 0 && read.length === 0) throw malformed('its text is not base64');
    if (whole > 0) this.#take(read as Uint8Array);
  }

  #close(): void {
    this.#endsElement = false;
    if (this.#digits !== '') throw malformed('its base64 text is cut short');
    this.#ends--;
  }
}

function malformed(what: string): NetTcpError {
  return new NetTcpError('Protocol', `malformed stream in a message: ${what}`);
}
