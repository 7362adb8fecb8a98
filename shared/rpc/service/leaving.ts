import type { ServiceConnection } from './service-connection.ts';

// A client that has not called for so long rarely calls just when its session ends.
const QUIET_MS = 50;
// Connections that are as old must not leave together.
const SPREAD = 0.2;

/**
 * Ends sessions so that their clients lose nothing: after the answer to a request, or when none has come for a
 * moment. A request that crosses the End of its session is lost, and its client cannot know whether it was executed.
 */
export class Leaving {
  readonly #maxAgeMs: number;
  /** When each is to leave, on the clock of `performance.now()`; only of connections with a limit. */
  readonly #dueAt = new WeakMap<ServiceConnection, number>();
  #areAll = false;

  /** @param maxAgeMs how long a connection may be open, give or take a fifth; 0: for ever */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  /** How soon to look again. */
  get lookMs(): number {
    if (this.#areAll) return QUIET_MS / 2;
    return this.#maxAgeMs === 0 ? Infinity : Math.max(1, this.#maxAgeMs / 16);
  }

  add(connection: ServiceConnection): void {
    if (this.#areAll) connection.isLeaving = true;
    if (this.#maxAgeMs === 0) return;
    const share = 1 - SPREAD + 2 * SPREAD * Math.random();
    this.#dueAt.set(connection, performance.now() + this.#maxAgeMs * share);
  }

  /** From now on all leave. */
  begin(connections: Iterable<ServiceConnection>): void {
    this.#areAll = true;
    for (const connection of connections) connection.isLeaving = true;
  }

  /** Behind `checkTime` of the connection, which notes how long it has been idle. */
  look(connection: ServiceConnection, now: number): void {
    if (this.#maxAgeMs > 0 && now >= (this.#dueAt.get(connection) ?? Infinity)) {
      connection.isLeaving = true;
    }
    if (connection.isLeaving && connection.idleMs(now) >= QUIET_MS) connection.close();
  }
}
