import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { StreamPlace } from '../../contract/message.ts';
import { type ContentPiece, ContentWriter } from '../../encoding/streams/content-writer.ts';
import { NetTcpError } from '../../errors.ts';
import { beginChunk } from '../../framing/encoder.ts';
import { shown } from '../../printable.ts';
import { type Connection, ignoreError } from '../../transport/connection.ts';

/** Unsent bytes beyond which the source has to wait: enough that the peer always has something to read. */
const UNSENT_BYTES = 262_144;

/** A source that always has something, and a peer that takes it, would keep the process from everything else. */
const TURN_BYTES = 1_048_576;

/** A stream that is sent in a message, in chunks of the size in which its source gives it. */
export class OutgoingStream {
  readonly #source: Readable;
  readonly #connection: Connection;
  readonly #content: ContentWriter;
  /** The last chunk has been written. */
  isSent = false;
  #isStopped = false;
  #inTurn = 0;
  #wake: () => void = () => {};

  constructor(source: Readable, connection: Connection, { depth }: StreamPlace) {
    this.#source = source.on('error', ignoreError);
    this.#content = new ContentWriter(depth);
    this.#connection = connection;
  }

  /**
   * Sends everything after the head of the message, to the end of its envelope. Returns early if it is stopped.
   *
   * @throws what the source fails with, and `Usage` for a source that gives no bytes. The message can only be
   *   abandoned then, and the connection with it
   */
  async send(): Promise<void> {
    try {
      for await (const chunk of this.#source) {
        let rest = bytesOf(chunk);
        while (rest.length > 0) {
          const piece = this.#content.next(rest);
          rest = piece.rest;
          if (this.#write(piece)) await new Promise<void>((resolve) => (this.#wake = resolve));
          else if (this.#isUnfair()) await setImmediate();
          if (this.#isStopped) return;
        }
      }
    } catch (error) {
      if (this.#isStopped) return;
      throw error;
    }
    const tail = this.#content.tail();
    const out = this.#connection.writer();
    out.append(beginChunk(tail.length, tail));
    out.u8(0);
    this.isSent = true;
  }

  /** Nobody takes the rest: the source is destroyed. */
  stop(): void {
    if (this.isSent) return;
    this.#isStopped = true;
    this.#source.destroy();
    this.#wake();
  }

  /** Whether it has sent so much at a time that everybody else has to have a turn. */
  #isUnfair(): boolean {
    if (this.#inTurn < TURN_BYTES) return false;
    this.#inTurn = 0;
    return true;
  }

  /** @returns whether the source has to wait */
  #write({ head, body }: ContentPiece): boolean {
    if (head.length + body.length === 0) return false;
    const connection = this.#connection;
    connection.flush(true);
    if (!connection.isOpen) return true; // its owner is about to stop this
    this.#inTurn += body.length;
    const { stream } = connection;
    stream.cork();
    stream.write(beginChunk(head.length + body.length, head));
    stream.write(body, () => {
      if (stream.writableLength <= UNSENT_BYTES) this.#wake();
    });
    stream.uncork();
    connection.wrote(head.length + body.length);
    return stream.writableLength > UNSENT_BYTES;
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new NetTcpError('Usage', `a stream has to give bytes (a Uint8Array), not ${shown(chunk)}`);
}
