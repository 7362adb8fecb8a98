import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';
import { Sweeper } from '../time.ts';
import { ByteTotal } from './byte-total.ts';
import { writeQueueOf } from './node-internals.ts';

/** A connection with bytes to send that its peer does not read. */
export interface Sender {
  readonly socket: Socket;
  /** What is written to: the socket, or what an upgrade has made of it. */
  readonly stream: { readonly writableLength: number };
  destroy(error: Error): void;
}

interface Unread {
  /** `stream.writableLength` at the last look, plus what was written since. */
  bytes: number;
  /** Memory that a write holds beyond its bytes: while more is unsent than was written after it. */
  spare: number;
  behind: number;
  /** See {@link writeQueueOf}. */
  queue: number;
  /** When the peer was last seen to read, on the clock of `performance.now()`. */
  readAt: number;
}

type UnsentLimits = Pick<Limits, 'maxUnsentBytes' | 'maxTotalUnsentBytes' | 'slowReaderTimeoutMs'>;

/** A peer that reads nothing is given up late by at most a 16th of its time. */
const LOOKS_A_TIMEOUT = 16;

/**
 * Watches the connections whose peers do not read what they are sent. The kernel takes megabytes before
 * anything is unsent here, so these are peers that are slow, stuck or hostile.
 */
export class SlowReaders {
  readonly #limits: UnsentLimits;
  readonly #unread = new Map<Sender, Unread>();
  readonly #total: ByteTotal<Sender>;
  readonly #sweeper = new Sweeper((now) => this.#sweep(now));

  constructor(limits: UnsentLimits) {
    this.#limits = limits;
    this.#total = new ByteTotal(limits.maxTotalUnsentBytes);
  }

  /**
   * Notes that something was written to `sender` and not all is sent.
   *
   * @param bytes that were written
   * @param held bytes of memory that hold them, until they are sent
   * @returns whether more is unsent than allowed: what can wait must wait
   */
  wrote(sender: Sender, bytes: number, held: number): boolean {
    const { socket, stream } = sender;
    let unread = this.#unread.get(sender);
    if (unread !== undefined) unread.bytes += bytes;
    else {
      const queue = writeQueueOf(socket);
      const readAt = performance.now();
      unread = { bytes: stream.writableLength, queue, readAt, spare: 0, behind: 0 };
      this.#unread.set(sender, unread);
    }
    unread.behind += bytes;
    if (held > bytes) Object.assign(unread, { spare: held - bytes, behind: 0 });
    this.#sweeper.lookEvery(this.#everyMs);
    this.#count(sender, unread);
    return stream.writableLength > this.#maxUnsentBytes;
  }

  /** The limit for one peer: nothing when half of the total is taken, so that fewer have to go. */
  get #maxUnsentBytes(): number {
    const { maxUnsentBytes, maxTotalUnsentBytes } = this.#limits;
    return this.#total.bytes > maxTotalUnsentBytes / 2 ? 0 : maxUnsentBytes;
  }

  /** `sender` is closed, or has another owner from now on. */
  forget(sender: Sender): void {
    this.#unread.delete(sender);
    this.#total.set(sender, 0);
  }

  /** The counts of the others may be out of date: they are updated before any has to go. */
  #count(sender: Sender, unread: Unread): void {
    const { maxTotalUnsentBytes } = this.#limits;
    this.#total.set(sender, heldBy(sender, unread));
    if (this.#total.bytes <= maxTotalUnsentBytes) return;
    for (const [other, its] of this.#unread) this.#total.set(other, heldBy(other, its));
    for (;;) {
      const greediest = this.#total.takeGreediest();
      if (greediest === undefined) return;
      this.#unread.delete(greediest);
      const bytes = greediest.stream.writableLength;
      greediest.destroy(
        new Error(
          `the peer had not read ${bytes} bytes, which took more memory than any other's, when all of this host's took over ${maxTotalUnsentBytes} bytes (maxTotalUnsentBytes)`,
        ),
      );
    }
  }

  get #everyMs(): number {
    return this.#limits.slowReaderTimeoutMs / LOOKS_A_TIMEOUT;
  }

  #sweep(now: number): number {
    const { slowReaderTimeoutMs } = this.#limits;
    for (const [sender, unread] of this.#unread) {
      const { socket, stream } = sender;
      const bytes = stream.writableLength;
      const queue = writeQueueOf(socket);
      const hasRead = bytes !== unread.bytes || queue !== unread.queue;
      this.#total.set(sender, heldBy(sender, unread));
      if (bytes === 0) this.#unread.delete(sender);
      else if (hasRead) Object.assign(unread, { bytes, queue, readAt: now });
      else if (now - unread.readAt >= slowReaderTimeoutMs) {
        const seconds = slowReaderTimeoutMs / 1_000;
        sender.destroy(new Error(`the peer has read none of its ${bytes} bytes for ${seconds} s`));
      }
    }
    return this.#unread.size > 0 ? this.#everyMs : Infinity;
  }
}

/** Bytes of memory that hold what `sender` has not sent. */
function heldBy({ stream }: Sender, { spare, behind }: Unread): number {
  const bytes = stream.writableLength;
  return bytes > behind ? bytes + spare : bytes;
}
