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
   * A stream may begin after these bytes.
   *
   * @returns who takes the stream; `undefined` if there is none: the message is collected
   */
  onHead(bytes: Uint8Array, end: number): StreamTaker | undefined;
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
  #scanner: HeadScanner | undefined = new HeadScanner();
  #collected = new OctetWriter(512);
  #content: ContentReader | undefined;
  #stream: StreamTaker | undefined;

  constructor(limits: Pick<Limits, 'maxBufferSize'>, taker: MessageTaker) {
    this.#limits = limits;
    this.#taker = taker;
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
    const headEnd = this.#scanner?.find(collected.bytes, collected.length);
    if (this.#scanner === undefined) return;
    const { maxBufferSize } = this.#limits;
    if ((headEnd ?? collected.length) > maxBufferSize) throw tooLong(maxBufferSize);
    if (headEnd !== undefined) this.#onHead(headEnd);
  }

  /** The last of it has arrived. @throws as `push` */
  end(): void {
    if (this.#content === undefined) {
      return this.#taker.onWhole(this.#collected.bytes, this.#collected.length);
    }
    this.#content.end();
    this.#stream?.onEnd();
  }

  #onHead(headEnd: number): void {
    this.#scanner = undefined;
    const { bytes, length } = this.#collected;
    const stream = this.#taker.onHead(bytes, headEnd);
    if (stream === undefined) return;
    this.#stream = stream;
    this.#content = new ContentReader((content) => stream.onBytes(content));
    this.#collected = new OctetWriter(0);
    this.#content.push(bytes, headEnd, length);
  }
}

function tooLong(limit: number): NetTcpError {
  return new NetTcpError(
    'QuotaExceeded',
    `a message has more than ${limit} bytes before its stream; to change that, set maxBufferSize`,
    { framingFault: 'MaxMessageSizeExceededFault' },
  );
}
