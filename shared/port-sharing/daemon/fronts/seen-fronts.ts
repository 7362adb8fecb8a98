import { asksForHealth } from '../../../transport/fronts/health-path.ts';
import type { Fronts } from '../../../transport/fronts/fronts.ts';
import type { DaemonSummary, FrontStatus } from '../../handshake/status.ts';
import type { Arrival } from '../arrival.ts';

/** A whole network may be trusted: those that came last are kept. */
const MAX_SEEN = 64;

/** The trusted fronts that have come, how often, and what for. */
export class SeenFronts {
  readonly #trusted: readonly string[];
  /** By IP address; who came last is last. */
  readonly #seen = new Map<string, FrontStatus>();

  constructor({ texts }: Fronts) {
    this.#trusted = texts.slice(0, MAX_SEEN);
  }

  /** A connection's preamble has come. */
  note({ front, via }: Arrival): void {
    if (front === undefined) return;
    const before = this.#seen.get(front) ?? { address: front, connections: 0, checks: 0 };
    const lastSeen = new Date().toISOString();
    const seen = asksForHealth(via)
      ? { ...before, checks: before.checks + 1, lastCheck: lastSeen, lastSeen }
      : { ...before, connections: before.connections + 1, lastSeen };
    this.#seen.delete(front);
    this.#seen.set(front, seen);
    const [first] = this.#seen.keys();
    if (this.#seen.size > MAX_SEEN && first !== undefined) this.#seen.delete(first);
  }

  /** What a status says of them: nothing, where none is trusted. */
  get status(): Pick<DaemonSummary, 'trusted' | 'fronts'> {
    if (this.#trusted.length === 0) return {};
    return { trusted: this.#trusted, fronts: [...this.#seen.values()] };
  }
}
