import { OctetWriter } from '../../octets.ts';
import { RECORD } from '../binary-xml/records.ts';
import { END, OPEN, TextRecordWriter } from '../binary-xml/text-record-writer.ts';

/** Bytes of one record: the most that have a length of 2 bytes, in groups of three. */
const MAX_RECORD_BYTES = 65_535;
const GROUP = 3;
/** A record with a group, and the beginning of another. */
const MAX_HEAD_BYTES = 16;

/** A part of a stream's content, ready to be sent. */
export interface ContentPiece {
  readonly head: Uint8Array;
  /** Bytes of the stream that stand after the head, not copied. */
  readonly body: Uint8Array;
  /** Bytes that did not fit. */
  readonly rest: Uint8Array;
}

/**
 * Writes the content of a stream's element, in records of as many bytes as come at a time. As in .NET, each but
 * the last has groups of three, so that it is base64 by itself.
 */
export class ContentWriter {
  /** Bytes that wait for the rest of their group. */
  readonly #group = new Uint8Array(GROUP);
  readonly #depth: number;
  #held = 0;

  /** @param depth elements that are open: the stream's own, what is around it, Body and Envelope */
  constructor(depth: number) {
    this.#depth = depth;
  }

  next(bytes: Uint8Array): ContentPiece {
    const records = new TextRecordWriter(new OctetWriter(MAX_HEAD_BYTES));
    const from = this.#fill(bytes);
    if (this.#held === GROUP) {
      records.octets(this.#group, OPEN);
      this.#held = 0;
    }
    const count = Math.min(bytes.length - from, MAX_RECORD_BYTES);
    const end = from + count - (count % GROUP);
    if (end > from) records.octetsHead(end - from, OPEN);
    const body = bytes.subarray(from, end);
    if (bytes.length - end >= GROUP) {
      return { head: records.out.toBytes(), body, rest: bytes.subarray(end) };
    }
    this.#fill(bytes.subarray(end));
    return { head: records.out.toBytes(), body, rest: bytes.subarray(bytes.length) };
  }

  /** What is left of the content, and the ends of all that is open: the last bytes of the message. */
  tail(): Uint8Array {
    const records = new TextRecordWriter(new OctetWriter(MAX_HEAD_BYTES));
    const isEnded = this.#held > 0;
    if (isEnded) records.octets(this.#group.subarray(0, this.#held), END);
    for (let end = isEnded ? 1 : 0; end < this.#depth; end++) records.out.u8(RECORD.endElement);
    return records.out.toBytes();
  }

  /** Adds bytes to the group that is not whole; none begins unless `bytes` are fewer than a group. @returns how many */
  #fill(bytes: Uint8Array): number {
    if (this.#held === 0 && bytes.length >= GROUP) return 0;
    const count = Math.min(GROUP - this.#held, bytes.length);
    this.#group.set(bytes.subarray(0, count), this.#held);
    this.#held += count;
    return count;
  }
}
