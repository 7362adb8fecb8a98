import { NetTcpError } from '../errors.ts';
import { RecordDecoder } from '../framing/decoder.ts';
import type { Limits } from '../limits.ts';
import { deliverMessages, type MessageTaker } from '../session/envelopes.ts';
import type { ReadEvent } from '../session/step-records.ts';

/** Takes what was read. */
export interface RecordTaker extends MessageTaker {
  /** Nothing more is read: the connection is closed, or somebody else's. */
  readonly isClosed: boolean;
  /** What has arrived waits: for the peer to read its answers, for running calls to end, or for a stream's reader. */
  readonly isHeldUp: boolean;
  step(event: ReadEvent | { readonly on: 'eof'; readonly atBoundary: boolean }): void;
  /** Bytes of memory that take what has arrived and is not read: {@link MessageReader.heldBytes}, and what else there is. */
  readonly heldBytes?: number;
  /** They are another number now. */
  onHeld?(bytes: number): void;
}

/**
 * Reads what a peer sends, unless that has to wait: one segment of requests could ask for answers of thousands of
 * times its size, and for thousands of calls.
 */
export class MessageReader extends RecordDecoder {
  readonly #taker: RecordTaker;
  /** The peer closed its half, and there is something to be read before that counts. */
  #hasEnded = false;
  /** The number last given to `onHeld`. */
  #held = 0;

  constructor(limits: Limits, taker: RecordTaker) {
    super(limits);
    this.#taker = taker;
  }

  override push(octets: Uint8Array): void {
    super.push(octets);
    this.readArrived();
  }

  /** What was held up goes on. */
  readOn(): void {
    this.readArrived();
    if (this.#hasEnded && !this.#taker.isHeldUp) this.peerEnded();
  }

  /** The peer closed its half: that counts only after what is still to be read. */
  peerEnded(): void {
    this.#hasEnded = this.#taker.isHeldUp;
    if (!this.#hasEnded) this.#taker.step({ on: 'eof', atBoundary: this.atBoundary });
  }

  private readArrived(): void {
    this.readRecords();
    const held = this.#taker.heldBytes ?? 0;
    if (held === this.#held) return;
    this.#held = held;
    this.#taker.onHeld?.(held);
  }

  private readRecords(): void {
    const taker = this.#taker;
    try {
      while (!taker.isClosed) {
        deliverMessages(this, taker);
        if (taker.isHeldUp) break;
        const record = this.next();
        if (record === undefined) return;
        taker.step({ on: 'record', record });
      }
      this.copyPending(); // the segment's memory is reused for the next one, of any connection
    } catch (error) {
      taker.step({ on: 'invalid', error: NetTcpError.from(error) });
    }
  }
}
