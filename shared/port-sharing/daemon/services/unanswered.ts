import type { Arrival } from '../arrival.ts';
import type { Dispatched } from './dispatch-queue.ts';

interface Sent extends Dispatched {
  readonly sentAt: number;
}

/**
 * The connections that were sent to a service and that it has not answered. A replica that does not answer is
 * stuck: its connections pass to another, and it gets no more until it answers.
 */
export class Unanswered {
  readonly #sent = new Map<number, Sent>();
  /** Those that another has: the service still finds their sockets, and has to answer. */
  readonly #passed = new Set<number>();
  readonly #stuckAfterMs: number;
  readonly #pass: (entry: Dispatched) => boolean;
  #timer: NodeJS.Timeout | undefined;
  #isStuck = false;

  /** @param pass gives a connection to another replica. @returns false if there is none */
  constructor(stuckAfterMs: number, pass: (entry: Dispatched) => boolean) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#pass = pass;
  }

  /** How many answers are to come. */
  get size(): number {
    return this.#sent.size + this.#passed.size;
  }

  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Those that nobody else has, oldest first. */
  all(): readonly Dispatched[] {
    return [...this.#sent.values()];
  }

  add(id: number, { arrival, registration }: Dispatched): void {
    this.#sent.set(id, { arrival, registration, sentAt: performance.now() });
    if (registration.isReplica) this.#watch(this.#stuckAfterMs);
  }

  /** The service has answered. @returns undefined if another has the connection, or its client is gone */
  take(id: number): Dispatched | undefined {
    this.#isStuck = false;
    this.#passed.delete(id);
    const entry = this.#sent.get(id);
    this.#sent.delete(id);
    return entry;
  }

  /** Its client is gone. */
  forget(arrival: Arrival): void {
    for (const [id, entry] of this.#sent) if (entry.arrival === arrival) this.#sent.delete(id);
  }

  /** @returns all that have not been answered */
  clear(): readonly Dispatched[] {
    clearTimeout(this.#timer);
    const left = this.all();
    this.#sent.clear();
    return left;
  }

  #watch(ms: number): void {
    this.#timer ??= setTimeout(() => {
      // Reads first what has arrived: this process may have been stopped, which makes its timers late.
      setImmediate(() => this.#look());
    }, ms).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [id, entry] of this.#sent) {
      if (!entry.registration.isReplica) continue;
      const leftMs = entry.sentAt + this.#stuckAfterMs - now;
      if (leftMs > 0) return this.#watch(leftMs);
      this.#isStuck = true;
      if (!this.#pass(entry)) return this.#watch(this.#stuckAfterMs);
      this.#sent.delete(id);
      this.#passed.add(id);
    }
  }
}
