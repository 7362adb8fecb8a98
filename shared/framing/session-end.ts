import { RecordType } from './records.ts';

/** Sizes have 31 bits, seven a byte. [MC-NMF] 2.2.2 */
const MAX_SIZE_OCTETS = 5;
/** Bytes behind the type, for records of a fixed length. */
const FIXED: Readonly<Record<number, number>> = {
  [RecordType.Version]: 2,
  [RecordType.Mode]: 1,
  [RecordType.KnownEncoding]: 1,
  [RecordType.PreambleAck]: 0,
  [RecordType.PreambleEnd]: 0,
};
const SIZED: ReadonlySet<number> = new Set([
  RecordType.Via,
  RecordType.ExtensibleEncoding,
  RecordType.SizedEnvelope,
  RecordType.Fault,
]);

/**
 * Finds where a session ends in what one side sends, for code that passes bytes on; it keeps none and judges none.
 * Behind an upgrade, and behind bytes that are not a record, no end can be seen.
 */
export class SessionEnd {
  #at: 'record' | 'size' | 'chunk' | 'ended' | 'unknown' = 'record';
  #size = 0;
  #sizeOctets = 0;
  /** Bytes still to come of the current payload. */
  #left = 0;

  /** Whether the session's End has been seen: bytes that follow belong to another session. */
  get isOver(): boolean {
    return this.#at === 'ended';
  }

  /** @returns how many of these bytes belong to the session, including its End */
  pass(octets: Uint8Array): number {
    let index = 0;
    while (index < octets.length && this.#at !== 'ended' && this.#at !== 'unknown') {
      if (this.#left > 0) {
        const count = Math.min(this.#left, octets.length - index);
        this.#left -= count;
        index += count;
      } else if (this.#at === 'record') this.#record(octets[index++] ?? 0);
      else this.#sizeOctet(octets[index++] ?? 0);
    }
    if (this.#at === 'unknown') return octets.length;
    return index;
  }

  #record(type: number): void {
    if (type === RecordType.End) this.#at = 'ended';
    else if (type === RecordType.UnsizedEnvelope) this.#at = 'chunk';
    else if (SIZED.has(type)) this.#at = 'size';
    else {
      const length = FIXED[type];
      if (length === undefined) this.#at = 'unknown';
      else this.#left = length;
    }
  }

  #sizeOctet(octet: number): void {
    this.#size += (octet & 0x7f) * 2 ** (7 * this.#sizeOctets);
    this.#sizeOctets += 1;
    if (octet >= 0x80) {
      if (this.#sizeOctets === MAX_SIZE_OCTETS) this.#at = 'unknown';
      return;
    }
    this.#left = this.#size;
    // Chunks go on until one is empty.
    if (this.#at === 'size' || this.#size === 0) this.#at = 'record';
    this.#size = 0;
    this.#sizeOctets = 0;
  }
}
