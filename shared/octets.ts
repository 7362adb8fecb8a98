/**
 * A copy of the bytes from `start` up to `end`. A read from a socket yields a Buffer, whose `slice` is no copy, in
 * memory that the next read uses again.
 */
export function copyOctets(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/**
 * A buffer that grows, for writing records and messages.
 *
 * Positions may move when it grows, so writers keep offsets, never views. It is reused message
 * after message: `clear` keeps the memory.
 */
export class OctetWriter {
  bytes: Uint8Array;
  view: DataView;
  /** Where what was written begins. */
  start = 0;
  /** Where it ends, and the next byte goes. */
  length = 0;
  /** Where the payload of the message that is being written begins; 0: none is; negative: none may be. */
  messageAt = 0;
  /** Records that go out after that message. */
  later: OctetWriter | undefined;

  readonly #gap: number;

  /** @param gap bytes that are left free before what is written, for what is put in front of it later */
  constructor(capacity = 1_024, gap = 0) {
    this.#gap = gap;
    this.start = gap;
    this.length = gap;
    this.bytes = new Uint8Array(new ArrayBuffer(capacity));
    this.view = new DataView(this.bytes.buffer);
  }

  /** How many bytes were written. */
  get size(): number {
    return this.length - this.start;
  }

  /** Makes room for `count` more bytes, and returns the offset at which they begin. */
  reserve(count: number): number {
    const at = this.length;
    if (at + count > this.bytes.length) this.#grow(at + count);
    return at;
  }

  u8(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
    this.length = at + 1;
  }

  append(octets: Uint8Array): void {
    const at = this.reserve(octets.length);
    this.bytes.set(octets, at);
    this.length = at + octets.length;
  }

  /** UTF-8 of `text`. @returns how many bytes that is */
  utf8(text: string): number {
    const at = this.reserve(text.length * 3);
    const { written } = ENCODER.encodeInto(text, this.bytes.subarray(at));
    this.length = at + written;
    return written;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.bytes.slice(this.start, this.length);
  }

  clear(): void {
    this.start = this.#gap;
    this.length = this.#gap;
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed + SLACK, this.bytes.length * 2);
    const grown = new Uint8Array(new ArrayBuffer(capacity));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

const ENCODER = new TextEncoder();
// The next large message of that size fits, too, with what precedes it: otherwise its memory would be doubled.
const SLACK = 1_024;
