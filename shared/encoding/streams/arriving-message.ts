import type { StreamPlace } from '../../contract/message.ts';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { OctetWriter } from '../../octets.ts';
import { ContentReader } from './content-reader.ts';
import { HeadScanner } from './head-scanner.ts';

/** Takes the bytes of a stream; those are valid until it returns. */
export interface StreamTaker {
  onBytes(bytes: Uint8Array): void;
  /** The stream, and the message that it came in, are whole. */
  onEnd(): void;
}

/** What becomes of a message. Its bytes are valid until the call returns. */
export interface MessageTaker {
  /**
   * A stream may begin after these bytes, at that place.
   *
   * @returns who takes the stream; `undefined` if there is none: the message is collected, up to the next such place
   */
  onHead(bytes: Uint8Array, end: number, place: StreamPlace): StreamTaker | undefined;
  /** A message without a stream has arrived. */
  onWhole(bytes: Uint8Array, end: number): void;
}

/**
 * A message that is handed on while it arrives: as soon as its head is there, and then the bytes of the stream in
 * it. A message without a stream is collected.
 */
export class ArrivingMessage {
  readonly #taker: MessageTaker;
  readonly #limits: Pick<Limits, 'maxBufferSize'>;
  readonly #scanner: HeadScanner;
  #collected = new OctetWriter(512);
  #content: ContentReader | undefined;
  #stream: StreamTaker | undefined;

  /** @param places where in it a stream may begin */
  constructor(
    limits: Pick<Limits, 'maxBufferSize'>,
    taker: MessageTaker,
    places: Iterable<StreamPlace>,
  ) {
    this.#taker = taker;
    this.#limits = limits;
    this.#scanner = new HeadScanner(places);
  }

  /** Bytes of memory that it takes. */
  get heldBytes(): number {
    return this.#collected.bytes.length;
  }

  /**
   * @throws {NetTcpError} `Protocol` for what is no such message, `QuotaExceeded` if what comes before its stream
   *   is too long, and what the taker throws
   */
  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.#content !== undefined) return this.#content.push(bytes, start, end);
    const collected = this.#collected;
    collected.append(bytes.subarray(start, end));
    const { maxBufferSize } = this.#limits;
    while (this.#scanner.isLooking) {
      const head = this.#scanner.find(collected.bytes, collected.length);
      if ((head?.end ?? collected.length) > maxBufferSize) throw tooLong(maxBufferSize);
      if (head === undefined || this.#isTaken(head.end, head.place)) return;
    }
  }

  /** The last of it has arrived. @throws as `push` */
  end(): void {
    if (this.#content === undefined) {
      return this.#taker.onWhole(this.#collected.bytes, this.#collected.length);
    }
    this.#content.end();
    this.#stream?.onEnd();
  }

  #isTaken(headEnd: number, place: StreamPlace): boolean {
    const { bytes, length } = this.#collected;
    const stream = this.#taker.onHead(bytes, headEnd, place);
    if (stream === undefined) return false;
    this.#stream = stream;
    this.#content = new ContentReader((content) => stream.onBytes(content), place.depth);
    this.#collected = new OctetWriter(0);
    this.#content.push(bytes, headEnd, length);
    return true;
  }
}

function tooLong(limit: number): NetTcpError {
  return new NetTcpError(
    'QuotaExceeded',
    `a message has more than ${limit} bytes before its stream; to change that, set maxBufferSize`,
    { framingFault: 'MaxMessageSizeExceededFault' },
  );
}
