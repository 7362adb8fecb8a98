import { NetTcpError } from '../../errors.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const UTF16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });

/** ASCII of up to this many bytes is decoded by hand, which costs less than a TextDecoder. */
const SHORT = 24;

/**
 * A place in the bytes of one payload, which reads the primitive values of [MC-NBFX] there. It never moves
 * past `end`, and every error says where: offsets count from the payload's start.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Over the same bytes and with the same offsets as `bytes`. */
  view: DataView = new DataView(new ArrayBuffer(0));
  at = 0;
  end = 0;
  #start = 0;

  reset(bytes: Uint8Array, start: number, end: number): void {
    // Payloads follow one another in one receive buffer, whose view is made once.
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = start;
    this.end = end;
    this.#start = start;
  }

  u8(): number {
    if (this.at >= this.end) this.malformed('it is cut short');
    return this.view.getUint8(this.at++);
  }

  /** Moves past `count` bytes. @returns where they begin */
  skip(count: number): number {
    const start = this.at;
    if (count > this.end - start) this.malformed(`it is cut short: ${count} bytes are due`);
    this.at = start + count;
    return start;
  }

  /**
   * A variable-length integer: 1 to 5 bytes of 7 bits, least significant first. 0 to 2^31 − 1.
   * @see [MC-NBFX] 2.1.2
   */
  int31(): number {
    let octet = this.u8();
    if (octet < 0x80) return octet;
    let value = octet & 0x7f;
    for (let shift = 7; shift <= 28; shift += 7) {
      octet = this.u8();
      if (shift === 28 && octet > 0x07) break;
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    return this.malformed('a length does not fit in 31 bits');
  }

  /** The length of a text record: 1, 2 or 4 bytes, little-endian. 0 to 2^31 − 1. */
  length(octets: 1 | 2 | 4): number {
    const at = this.skip(octets);
    if (octets === 1) return this.view.getUint8(at);
    if (octets === 2) return this.view.getUint16(at, true);
    const value = this.view.getInt32(at, true);
    return value < 0 ? this.malformed(`a length is negative (${value})`) : value;
  }

  /** A string: its length in bytes as {@link int31}, then UTF-8. */
  string(): string {
    const length = this.int31();
    return this.utf8(this.skip(length), this.at);
  }

  utf8(start: number, end: number): string {
    const { bytes } = this;
    if (end - start <= SHORT) {
      let text = '';
      let at = start;
      for (; at < end; at++) {
        const octet = bytes[at] as number;
        if (octet >= 0x80) break;
        text += String.fromCharCode(octet);
      }
      if (at === end) return text;
    }
    return this.#decode(UTF8, start, end);
  }

  utf16(start: number, end: number): string {
    return this.#decode(UTF16, start, end);
  }

  /** @throws {NetTcpError} `Protocol`, always */
  malformed(what: string): never {
    throw new NetTcpError(
      'Protocol',
      `malformed binary XML at byte ${this.at - this.#start} of the payload: ${what}`,
    );
  }

  #decode(decoder: InstanceType<typeof TextDecoder>, start: number, end: number): string {
    try {
      return decoder.decode(this.bytes.subarray(start, end));
    } catch {
      return this.malformed(`text is not valid ${decoder.encoding.toUpperCase()}`);
    }
  }
}
