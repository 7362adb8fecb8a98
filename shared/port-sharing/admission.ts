import type { Socket } from 'node:net';
import { writeFault } from '../framing/encoder.ts';
import type { Limits } from '../limits.ts';
import { OctetWriter } from '../octets.ts';
import { ignoreError } from '../transport/connection.ts';
import type { Arrival } from './arrival.ts';

/**
 * Who may wait at the door: bounds the connections whose preamble has not come, in total and from
 * one other machine. Between `earlyDropPreambles` and `maxPendingPreambles` a growing share is turned
 * away at random, so that a flood of silent connections leaves room for others (as sshd's MaxStartups).
 */
export class Admission {
  readonly #limits: Limits;
  readonly #pending = new Set<Arrival>();
  readonly #bySource = new Map<string, number>();
  dropped = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Decides about a new connection; one that is not admitted is told ServerTooBusy and closed. */
  admit(socket: Socket): boolean {
    if (this.#accepts(socket.remoteAddress ?? '')) return true;
    this.dropped += 1;
    const out = new OctetWriter(128);
    writeFault(out, 'ServerTooBusy');
    // No draining: that would keep the descriptor which is to be saved.
    socket.on('error', ignoreError).end(out.toBytes());
    socket.destroySoon();
    return false;
  }

  add(arrival: Arrival): void {
    this.#pending.add(arrival);
    const source = arrival.remoteAddress;
    this.#bySource.set(source, (this.#bySource.get(source) ?? 0) + 1);
  }

  /** Its preamble is there, or it is gone. */
  remove(arrival: Arrival): void {
    if (!this.#pending.delete(arrival)) return;
    const source = arrival.remoteAddress;
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left > 0) this.#bySource.set(source, left);
    else this.#bySource.delete(source);
  }

  #accepts(source: string): boolean {
    const { maxPendingPreambles, earlyDropPreambles, maxPendingPreamblesPerSource } = this.#limits;
    const pending = this.#pending.size;
    if (pending >= maxPendingPreambles) return false;
    if (!isLoopback(source) && (this.#bySource.get(source) ?? 0) >= maxPendingPreamblesPerSource) {
      return false;
    }
    const share = (pending - earlyDropPreambles) / (maxPendingPreambles - earlyDropPreambles);
    return Math.random() >= share;
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
