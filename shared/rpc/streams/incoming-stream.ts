import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import type { StreamTaker } from '../../encoding/streams/arriving-message.ts';
import { ignoreError } from '../../transport/connection.ts';

/** Bytes that wait for the reader before the peer has to wait, too. */
const WAITING_BYTES = 131_072;

/** Whoever fills a stream from a connection. */
export interface StreamOwner {
  /** The reader has caught up: more may come. */
  onWanted(): void;
  /** The reader has destroyed the stream before it was whole, or `fail` has. */
  onDropped(): void;
}

/** A stream that arrives in a message. Its reader reads it as any `Readable`; what goes wrong is a NetTcpError. */
export class IncomingStream extends Readable implements StreamTaker {
  readonly #owner: StreamOwner;
  /** More has come than the reader wants just now. */
  isFull = false;
  /** All of it has come. */
  isWhole = false;

  constructor(owner: StreamOwner) {
    super({ highWaterMark: WAITING_BYTES });
    this.#owner = owner;
    // Whoever reads it is told; if nobody does, that is no reason to end the process.
    this.on('error', ignoreError);
  }

  onBytes(bytes: Uint8Array): void {
    // A copy: the next bytes come into the same memory.
    if (!this.destroyed && !this.push(Buffer.from(bytes))) this.isFull = true;
  }

  onEnd(): void {
    this.isWhole = true;
    this.push(null);
  }

  /** No more will come. @param error why */
  fail(error: Error): void {
    if (!this.isWhole) this.destroy(error);
  }

  /** What has come may not be read any more, though it may be all. @param error why */
  refuse(error: Error): void {
    this.destroy(error);
  }

  override _read(): void {
    if (!this.isFull) return;
    this.isFull = false;
    this.#owner.onWanted();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.isWhole) this.#owner.onDropped();
    // Whoever keeps it, having read nothing, would keep these bytes, too, which nobody can read any more.
    if (error !== null) while (this.read() !== null);
    done(error);
  }
}
