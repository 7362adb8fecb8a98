import { isLoopback } from '../../address.ts';
import type { Socket } from 'node:net';
import { writeFault } from '../../framing/encoder.ts';
import type { Limits } from '../../limits.ts';
import { OctetWriter } from '../../octets.ts';
import { ignoreError } from '../../transport/connection.ts';
import type { Arrival } from './arrival.ts';
import type { Shares } from './control/shares.ts';

/** What `Admission` cannot know by itself. */
interface AdmissionInput {
  /** See `descriptorLimit`. */
  readonly descriptorLimit: number;
  /** Whether connections are handed over: they take one descriptor each. One that is relayed takes two. */
  readonly handsOver: boolean;
  /** Descriptors that other processes' registrations and connections to the control socket take. */
  readonly shares: Pick<Shares, 'total'>;
}

// The share of free descriptors that connections may take; the rest is for what nobody counts.
const SHARE_OF_DESCRIPTORS = 0.9;
// Shares of these: the most that silent connections may take, and from where on they are dropped at random.
const SHARE_OF_SILENT = 0.75;
const SHARE_BEFORE_DROPS = 0.25;

/**
 * Which connections the daemon takes in.
 *
 * Bounds all connections in the daemon by its descriptors, and silent ones also by their number, in total and
 * from one other machine. Between `earlyDropPreambles` and `maxPendingPreambles` a growing share of silent
 * ones is turned away at random, so that a flood of them leaves room for others (as in sshd's MaxStartups).
 * A connection is silent when its preamble is not complete after `silentAfterMs`: one that speaks at once is
 * served however many are silent.
 */
export class Admission {
  readonly #limits: Limits;
  readonly #input: AdmissionInput;
  /** With the address that each came from when it was judged: a front may say later where it really comes from. */
  readonly #silent = new Map<Arrival, string>();
  /** How many of these come from each address. */
  readonly #bySource = new Map<string, number>();
  /** Arrivals that are not judged silent yet, oldest first, with the time of their arrival. */
  readonly #newcomers = new Map<Arrival, number>();
  #timer: NodeJS.Timeout | undefined;
  #open = 0;
  /** Second descriptors of relayed connections. */
  #relayed = 0;
  dropped = 0;

  constructor(limits: Limits, input: AdmissionInput) {
    this.#limits = limits;
    this.#input = input;
  }

  /** Counts one relayed connection more, or less: each takes a second descriptor, for its service's side. */
  countRelay(change: 1 | -1): void {
    if (this.#input.handsOver) this.#relayed += change;
  }

  /** Connections that are open in this process, dispatched or not. */
  get open(): number {
    return this.#open;
  }

  /**
   * Counts a new connection, or turns it away if there is no room for it: the client is told ServerTooBusy,
   * and the descriptor is free when this returns.
   */
  admit(socket: Socket): boolean {
    if (this.#open >= this.#capacity()) {
      this.dropped += 1;
      turnAway(socket);
      return false;
    }
    this.#open += 1;
    socket.once('close', () => (this.#open -= 1));
    return true;
  }

  /** Begins to watch over an admitted connection whose preamble is not complete. */
  add(arrival: Arrival): void {
    this.#newcomers.set(arrival, performance.now());
    if (this.#timer === undefined) this.#watchFor(this.#limits.silentAfterMs);
  }

  /** Stops watching a connection: its preamble is there, or it is gone. */
  remove(arrival: Arrival): void {
    this.#newcomers.delete(arrival);
    const source = this.#silent.get(arrival);
    if (source === undefined) return;
    this.#silent.delete(arrival);
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left > 0) this.#bySource.set(source, left);
    else this.#bySource.delete(source);
  }

  #watchFor(ms: number): void {
    this.#timer = setTimeout(this.#onTimer, ms);
  }

  // Reads first what has arrived: this process may have been stopped, which makes its timers late.
  readonly #onTimer = (): void => void setImmediate(() => this.#judge());

  #judge(): void {
    const { silentAfterMs } = this.#limits;
    const now = performance.now();
    this.#timer = undefined;
    for (const [arrival, since] of this.#newcomers) {
      const leftMs = since + silentAfterMs - now;
      if (leftMs > 0) {
        this.#watchFor(leftMs);
        return;
      }
      this.#newcomers.delete(arrival);
      if (this.#mayStay(arrival.remoteAddress)) this.#keep(arrival);
      else {
        this.dropped += 1;
        arrival.turnAway();
      }
    }
  }

  #keep(arrival: Arrival): void {
    const source = arrival.remoteAddress;
    this.#silent.set(arrival, source);
    this.#bySource.set(source, (this.#bySource.get(source) ?? 0) + 1);
  }

  /** Whether one more silent connection may be kept. */
  #mayStay(source: string): boolean {
    const capacity = this.#capacity();
    const { maxPendingPreambles, earlyDropPreambles, maxPendingPreamblesPerSource } = this.#limits;
    const most = Math.min(maxPendingPreambles, capacity * SHARE_OF_SILENT);
    const early = Math.min(earlyDropPreambles, capacity * SHARE_BEFORE_DROPS);
    const silent = this.#silent.size;
    const fromThere = this.#bySource.get(source) ?? 0;
    if (!isLoopback(source) && fromThere >= maxPendingPreamblesPerSource) return false;
    if (silent < early) return true;
    return silent < most && Math.random() >= (silent - early) / (most - early);
  }

  /** How many connections this process has descriptors for. */
  #capacity(): number {
    const { descriptorLimit, handsOver, shares } = this.#input;
    const others = this.#limits.daemonReservedDescriptors + shares.total + this.#relayed;
    const left = descriptorLimit - others;
    return Math.max(0, Math.floor((left / (handsOver ? 1 : 2)) * SHARE_OF_DESCRIPTORS));
  }
}

/** Says ServerTooBusy and closes at once: the kernel still sends what was written. */
function turnAway(socket: Socket): void {
  const out = new OctetWriter(128);
  writeFault(out, 'ServerTooBusy');
  socket.on('error', ignoreError).write(out.toBytes());
  socket.destroy();
}
