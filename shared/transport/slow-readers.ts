import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';
import { Sweeper } from '../time.ts';
import { ByteTotal } from './byte-total.ts';
import { writeQueueOf } from './node-internals.ts';

/** A connection with bytes to send that its peer does not read. */
export interface Sender {
  readonly socket: Socket;
  readonly unsentBytes: number;
  /** Bytes of memory that hold those. */
  readonly heldBytes: number;
  destroy(error: Error): void;
}

interface Unread {
  /** What was unsent at the last look, plus what was written since. */
  bytes: number;
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
   * @returns whether more is unsent than allowed: what can wait must wait
   */
  wrote(sender: Sender, bytes: number): boolean {
    const { unsentBytes } = sender;
    const unread = this.#unread.get(sender);
    if (unread !== undefined) unread.bytes += bytes;
    else {
      const queue = writeQueueOf(sender.socket);
      this.#unread.set(sender, { bytes: unsentBytes, queue, readAt: performance.now() });
    }
    this.#sweeper.lookEvery(this.#everyMs);
    this.#count(sender);
    return unsentBytes > this.#maxUnsentBytes;
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
  #count(sender: Sender): void {
    const { maxTotalUnsentBytes } = this.#limits;
    this.#total.set(sender, sender.heldBytes);
    if (this.#total.bytes <= maxTotalUnsentBytes) return;
    for (const other of this.#unread.keys()) this.#total.set(other, other.heldBytes);
    for (;;) {
      const greediest = this.#total.takeGreediest();
      if (greediest === undefined) return;
      this.#unread.delete(greediest);
      const bytes = greediest.unsentBytes;
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
      const bytes = sender.unsentBytes;
      const queue = writeQueueOf(sender.socket);
      const hasRead = bytes !== unread.bytes || queue !== unread.queue;
      this.#total.set(sender, sender.heldBytes);
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
