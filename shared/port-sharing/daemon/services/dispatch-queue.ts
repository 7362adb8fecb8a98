import type { Limits } from '../../../limits.ts';
import type { Arrival } from '../arrival.ts';
import type { Registration } from '../registrations/registration.ts';
import type { Connections, Destination } from '../destination.ts';

/** A connection on its way to a service, and the registration that it is for. */
export interface Dispatched {
  readonly arrival: Arrival;
  readonly registration: Registration<Destination>;
}

/**
 * Connections that wait for one service. Each registration's `queueLength` bounds them, but a burst is no reason
 * to turn clients away: a queue over that bound counts as full only once the service has answered nothing for
 * `busyAfterMs`; until then `listenBacklog` is the bound.
 */
export class DispatchQueue {
  readonly #limits: Pick<Limits, 'busyAfterMs' | 'listenBacklog'>;
  readonly #connections: Pick<Connections, 'notTaken'>;
  #entries: Dispatched[] = [];
  /** When the service last answered. */
  #progressAt = 0;
  #isStuck = false;
  #stuckTimer: NodeJS.Timeout | undefined;

  /** @param connections gets back what there is no room for */
  constructor(
    limits: Pick<Limits, 'busyAfterMs' | 'listenBacklog'>,
    connections: Pick<Connections, 'notTaken'>,
  ) {
    this.#limits = limits;
    this.#connections = connections;
  }

  get entries(): readonly Dispatched[] {
    return this.#entries;
  }

  add(entry: Dispatched): void {
    this.#entries.push(entry);
  }

  /** Removes the one that has waited longest. */
  shift(): void {
    this.#entries.shift();
  }

  remove(arrival: Arrival): void {
    this.#entries = this.#entries.filter((entry) => entry.arrival !== arrival);
  }

  /** Removes those that `pass` finds another place for. */
  pass(pass: (entry: Dispatched) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !pass(entry));
  }

  /** @returns all that waited */
  clear(): readonly Dispatched[] {
    clearTimeout(this.#stuckTimer);
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** The service has answered: it is not stuck. */
  progress(): void {
    this.#progressAt = performance.now();
    this.#isStuck = false;
  }

  /** Turns away those that are too many: at once if the service is stuck, otherwise after finding that out. */
  checkLength(registration: Registration<Destination>): void {
    if (this.#entries.length > registration.queueLength) this.#onFull();
  }

  #onFull(): void {
    if (this.#isStuck) return this.#refuseBehind(0);
    const { busyAfterMs, listenBacklog } = this.#limits;
    this.#refuseBehind(listenBacklog);
    if (this.#stuckTimer !== undefined) return;
    const dueAt = performance.now() + busyAfterMs;
    this.#stuckTimer = setTimeout(() => {
      this.#stuckTimer = undefined;
      const now = performance.now();
      // A timer that is much too late: this process was stuck, and answers may be waiting to be read.
      const isLate = now > dueAt + busyAfterMs;
      this.#isStuck = !isLate && now >= this.#progressAt + busyAfterMs;
      if (this.#entries.some(isBehind)) this.#onFull();
    }, busyAfterMs);
  }

  /** Turns away what is beyond its registration's bound, or beyond `least` if that is more. */
  #refuseBehind(least: number): void {
    const excess = this.#entries.filter((entry, index) => index >= least && isBehind(entry, index));
    if (excess.length === 0) return;
    this.#entries = this.#entries.filter(
      (entry, index) => index < least || !isBehind(entry, index),
    );
    for (const { arrival, registration } of excess) {
      this.#connections.notTaken(arrival, registration, 'ServerTooBusy');
    }
  }
}

/** Whether a place in the queue is one too many for the registration. */
function isBehind({ registration }: Dispatched, index: number): boolean {
  return index >= registration.queueLength;
}
