import { RecordType } from './records.ts';

/** Sizes have 31 bits, seven a byte. [MC-NMF] 2.2.2 */
const MAX_SIZE_OCTETS = 5;
/** Bytes after the type, for records of a fixed length. */
const FIXED: Readonly<Record<number, number>> = {
  [RecordType.Version]: 2,
  [RecordType.Mode]: 1,
  [RecordType.KnownEncoding]: 1,
  [RecordType.PreambleAck]: 0,
  [RecordType.PreambleEnd]: 0,
  [RecordType.UpgradeResponse]: 0,
};
const SIZED: ReadonlySet<number> = new Set([
  RecordType.Via,
  RecordType.ExtensibleEncoding,
  RecordType.SizedEnvelope,
  RecordType.Fault,
  RecordType.UpgradeRequest,
]);
/** Records after which this side speaks another language. */
const UPGRADES: ReadonlySet<number> = new Set([
  RecordType.UpgradeRequest,
  RecordType.UpgradeResponse,
]);
/** A record of TLS begins with its type, 20 to 24, its version, whose first byte is 3, and its length. RFC 8446 5.1 */
const TLS_TYPES: ReadonlySet<number> = new Set([20, 21, 22, 23, 24]);
const TLS_MAJOR = 3;
const TLS_HEADER_OCTETS = 5;

/**
 * Finds where a session ends in what one side sends, for code that passes bytes on; it keeps none and judges none.
 *
 * Under TLS the End itself cannot be seen; but where another session follows, its preamble comes in the clear, and
 * between two records of TLS there may be no other. After another upgrade, and after bytes that are not a record,
 * no end can be seen.
 */
export class SessionEnd {
  #at: 'record' | 'size' | 'chunk' | 'tls' | 'ended' | 'unknown' = 'record';
  /** After the current record an upgrade follows. */
  #isUpgrading = false;
  /** Bytes that were seen of a record's head in TLS, and its length so far. */
  #headOctets = 0;
  #length = 0;
  #size = 0;
  #sizeOctets = 0;
  /** Bytes still to come of the current payload. */
  #left = 0;

  /**
   * Whether bytes that follow may belong to another session: its End has been seen, or under TLS, that a record has
   * ended.
   */
  get mayBeOver(): boolean {
    return (
      this.#at === 'ended' || (this.#at === 'tls' && this.#headOctets === 0 && this.#left === 0)
    );
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
      else if (this.#at === 'tls') {
        const octet = octets[index] ?? 0;
        if (this.#headOctets === 0 && octet === RecordType.Version) this.#at = 'ended';
        else {
          this.#tlsOctet(octet);
          index += 1;
        }
      } else this.#sizeOctet(octets[index++] ?? 0);
    }
    if (this.#at === 'unknown') return octets.length;
    return index;
  }

  #record(type: number): void {
    if (this.#isUpgrading) {
      this.#at = 'tls';
      return this.#tlsOctet(type);
    }
    this.#isUpgrading = UPGRADES.has(type);
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

  /** A byte of the head of a record in TLS, or of something else. */
  #tlsOctet(octet: number): void {
    const at = this.#headOctets;
    const isRight = at === 0 ? TLS_TYPES.has(octet) : at !== 1 || octet === TLS_MAJOR;
    if (!isRight) {
      this.#at = 'unknown';
      return;
    }
    // The last two are the length.
    this.#length = at < 3 ? 0 : this.#length * 256 + octet;
    this.#headOctets = at + 1;
    if (this.#headOctets < TLS_HEADER_OCTETS) return;
    this.#left = this.#length;
    this.#headOctets = 0;
  }
}
