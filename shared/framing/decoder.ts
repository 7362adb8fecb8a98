import { NetTcpError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { OctetWriter } from '../octets.ts';
import { type Untrusted, untrusted } from '../printable.ts';
import type { FramingFault } from './faults.ts';
import { OctetInput } from './octet-input.ts';
import { type FramingRecord, RecordType } from './records.ts';
import { readSize } from './size.ts';
import { readText } from './text.ts';

type DecoderLimits = Pick<
  Limits,
  | 'maxViaBytes'
  | 'maxContentTypeBytes'
  | 'maxUpgradeBytes'
  | 'maxFaultBytes'
  | 'maxReceivedMessageSize'
>;

/** An unsized envelope that is arriving. */
interface Unsized {
  /** Its chunks; `undefined`: it is handed out in parts. */
  readonly collected: OctetWriter | undefined;
  /** Of one in parts: bytes so far, and those that its chunk still lacks. */
  received: number;
  left: number;
}

const MARKS: Readonly<Record<number, FramingRecord>> = {
  [RecordType.End]: { type: 'end' },
  [RecordType.UpgradeResponse]: { type: 'upgrade-response' },
  [RecordType.PreambleAck]: { type: 'preamble-ack' },
  [RecordType.PreambleEnd]: { type: 'preamble-end' },
};

/**
 * Cuts bytes into records. [MC-NMF] 2.2. It knows no socket and no session, and does not check which record may
 * come when.
 *
 *     push(chunk); while ((record = next()) !== undefined) …
 *
 * Sized payloads are not copied if they lie in one chunk. Once `next` has returned `undefined`, the decoder holds
 * no reference to the chunk, whose memory may be used again.
 */
export class RecordDecoder extends OctetInput {
  readonly #limits: DecoderLimits;
  /** Unsized envelopes are handed out as they arrive, and not collected. */
  takesParts = false;
  #unsized: Unsized | undefined;

  constructor(limits: DecoderLimits) {
    super();
    this.#limits = limits;
  }

  override get heldBytes(): number {
    return super.heldBytes + (this.#unsized?.collected?.bytes.length ?? 0);
  }

  /** True between records, where the peer may end the stream. */
  get atBoundary(): boolean {
    return this.isEmpty && this.#unsized === undefined;
  }

  /**
   * Skips a sized envelope of up to 16,383 bytes that has arrived as a whole, as nearly every record does in an
   * open session. `next` handles these, too, but makes two objects a record; with those of the session machine,
   * they are a quarter of what a call costs.
   *
   * @returns where in {@link bytes} its payload begins, which ends at {@link at}; −1 if it is something else, or
   *   incomplete: then call `next`
   */
  passEnvelope(): number {
    const bytes = this.bytes;
    const at = this.at;
    if (this.end - at < 2 || bytes[at] !== RecordType.SizedEnvelope) return -1;
    if (this.#unsized !== undefined) return -1;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const high = start < this.end ? (bytes[start] ?? 0) : 0x80;
      if (high >= 0x80) return -1;
      length = (length & 0x7f) | (high << 7);
      start += 1;
    }
    const end = start + length;
    if (end > this.end || length > this.#limits.maxReceivedMessageSize) return -1;
    this.at = end;
    return start;
  }

  /**
   * The next record, or `undefined` if more bytes are needed.
   *
   * @throws {NetTcpError} `Protocol` for bytes that are not a record, `QuotaExceeded` for a size over its limit
   *   (known from the size alone, before any of the payload is kept). `framingFault` names the
   *   fault to answer with. The decoder must not be used afterwards.
   */
  next(): FramingRecord | undefined {
    if (this.at === this.end) return this.wait();
    const unsized = this.#unsized;
    if (unsized?.collected !== undefined) return this.chunks(unsized.collected);
    if (unsized !== undefined) return this.part(unsized);
    const type = this.bytes[this.at] ?? 0;
    switch (type) {
      case RecordType.SizedEnvelope:
        return this.sizedEnvelope();
      case RecordType.Version: {
        if (this.end - this.at < 3) return this.wait(3);
        const major = this.bytes[this.at + 1] ?? 0;
        const minor = this.bytes[this.at + 2] ?? 0;
        this.at += 3;
        return { type: 'version', major, minor };
      }
      case RecordType.Mode:
      case RecordType.KnownEncoding: {
        if (this.end - this.at < 2) return this.wait(2);
        const value = this.bytes[this.at + 1] ?? 0;
        this.at += 2;
        return type === RecordType.Mode
          ? { type: 'mode', mode: value }
          : { type: 'encoding', encoding: value };
      }
      case RecordType.Via: {
        const via = this.textOf('via', this.#limits.maxViaBytes, 'ViaTooLong');
        return via === undefined ? undefined : { type: 'via', via };
      }
      case RecordType.ExtensibleEncoding: {
        const limit = this.#limits.maxContentTypeBytes;
        const encoding = this.textOf('content type', limit, 'ContentTypeTooLong');
        return encoding === undefined ? undefined : { type: 'encoding', encoding };
      }
      case RecordType.UpgradeRequest: {
        const upgrade = this.textOf('upgrade', this.#limits.maxUpgradeBytes, 'UpgradeInvalid');
        return upgrade === undefined ? undefined : { type: 'upgrade-request', upgrade };
      }
      case RecordType.Fault: {
        const fault = this.textOf('fault', this.#limits.maxFaultBytes);
        return fault === undefined ? undefined : { type: 'fault', fault };
      }
      case RecordType.UnsizedEnvelope: {
        const collected = this.takesParts ? undefined : new OctetWriter(256);
        this.#unsized = { collected, received: 0, left: 0 };
        this.at += 1;
        return this.next();
      }
      default: {
        const mark = MARKS[type];
        if (mark === undefined) throw noRecord(type);
        this.at += 1;
        return mark;
      }
    }
  }

  private sizedEnvelope(): FramingRecord | undefined {
    const size = readSize(this.bytes, this.at + 1, this.end);
    if (size === 'more') return this.wait();
    if (size === 'invalid') throw badSize('envelope');
    const [length, start] = size;
    this.checkMessageSize(length);
    const end = start + length;
    if (end > this.end) return this.wait(end - this.at);
    this.at = end;
    return { type: 'sized-envelope', bytes: this.bytes, start, end };
  }

  /** [MC-NMF] 2.2.4.2: chunks of a size and as many bytes, until a size of 0. */
  private chunks(message: OctetWriter): FramingRecord | undefined {
    for (;;) {
      const size = readSize(this.bytes, this.at, this.end);
      if (size === 'more') return this.wait();
      if (size === 'invalid') throw badSize('chunk');
      const [length, start] = size;
      if (length === 0) {
        this.at = start;
        this.#unsized = undefined;
        return { type: 'unsized-envelope', bytes: message.bytes, start: 0, end: message.length };
      }
      this.checkMessageSize(message.length + length);
      if (start + length > this.end) return this.wait(start + length - this.at);
      message.append(this.bytes.subarray(start, start + length));
      this.at = start + length;
    }
  }

  /** A chunk, or what has arrived of it. */
  private part(unsized: Unsized): FramingRecord | undefined {
    const type = 'envelope-part';
    if (unsized.left === 0) {
      const size = readSize(this.bytes, this.at, this.end);
      if (size === 'more') return this.wait();
      if (size === 'invalid') throw badSize('chunk');
      const [length, start] = size;
      this.at = start;
      if (length === 0) {
        this.#unsized = undefined;
        return { type, bytes: this.bytes, start, end: start, isLast: true };
      }
      this.checkMessageSize(unsized.received + length);
      unsized.received += length;
      unsized.left = length;
      if (this.isEmpty) return this.wait();
    }
    const start = this.at;
    this.at = Math.min(this.end, start + unsized.left);
    unsized.left -= this.at - start;
    return { type, bytes: this.bytes, start, end: this.at, isLast: false };
  }

  private textOf(what: string, limit: number, fault?: FramingFault): Untrusted | undefined {
    const size = readSize(this.bytes, this.at + 1, this.end);
    if (size === 'more') return this.wait();
    if (size === 'invalid') throw badSize(what);
    const [length, start] = size;
    if (length > limit) {
      const message = `${what} of ${length} bytes is over the limit of ${limit} bytes`;
      throw new NetTcpError('QuotaExceeded', message, { framingFault: fault });
    }
    const end = start + length;
    if (end > this.end) return this.wait(end - this.at);
    const text = readText(what, this.bytes, start, end);
    this.at = end;
    return untrusted(text);
  }

  private checkMessageSize(length: number): void {
    const limit = this.#limits.maxReceivedMessageSize;
    if (length <= limit) return;
    throw new NetTcpError(
      'QuotaExceeded',
      `a message of ${length} bytes is over the limit of ${limit} bytes; to change it, set maxReceivedMessageSize`,
      { framingFault: 'MaxMessageSizeExceededFault' },
    );
  }
}

function noRecord(type: number): NetTcpError {
  const shown = type.toString(16).padStart(2, '0');
  return new NetTcpError('Protocol', `0x${shown} does not begin a record of net.tcp`, {
    framingFault: 'InvalidRecordSequence',
  });
}

function badSize(what: string): NetTcpError {
  return new NetTcpError('Protocol', `size of the ${what} does not fit in 31 bits`, {
    framingFault: 'InvalidRecordSequence',
  });
}
