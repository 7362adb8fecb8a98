import { parseAddress, type EndpointAddress } from '../../../address.ts';
import { PrefixTable } from '../../../prefix-table.ts';
import type { Limits } from '../../../limits.ts';
import { Fronts } from '../../../transport/fronts/fronts.ts';
import type { Arrival } from '../arrival.ts';

interface DeparturesOptions {
  readonly limits: Pick<Limits, 'departureGraceMs'>;
  readonly fronts: Fronts;
}

/**
 * Addresses that somebody had here a moment ago. A front learns a little later that they have gone, and sends their
 * callers here until then, although another machine may have them. Such a connection waits, in case somebody
 * registers here again; then it is closed without an answer, which its client takes for no harm, and opens another
 * one, for which the front knows better.
 */
export class Departures {
  readonly #graceMs: number;
  readonly #giveUp: (arrival: Arrival) => void;
  /** Who waits for each, by port. */
  readonly #ports = new Map<number, PrefixTable<Set<Arrival>>>();

  /** @param giveUp called with who has waited in vain, or has been served meanwhile */
  constructor({ limits, fronts }: DeparturesOptions, giveUp: (arrival: Arrival) => void) {
    this.#graceMs = fronts === Fronts.none ? 0 : limits.departureGraceMs;
    this.#giveUp = giveUp;
  }

  /** An address has gone. */
  note({ port, segments }: EndpointAddress): void {
    if (this.#graceMs === 0) return;
    let table = this.#ports.get(port);
    if (table === undefined) this.#ports.set(port, (table = new PrefixTable()));
    const waiting = new Set<Arrival>();
    table.set(segments, waiting);
    setTimeout(() => {
      // It may have come and gone once more: who waits for that waits on.
      if (table.get(segments) === waiting) table.delete(segments);
      if (table.size === 0 && this.#ports.get(port) === table) this.#ports.delete(port);
      for (const arrival of waiting) this.#giveUp(arrival);
    }, this.#graceMs).unref();
  }

  /** Whether a connection waits, because a front has sent it for what was here a moment ago. */
  holds(arrival: Arrival): boolean {
    if (arrival.origin?.isFronted !== true) return false;
    const table = this.#ports.get(arrival.port);
    if (table === undefined) return false;
    const waiting = table.find(segmentsOf(arrival.via));
    waiting?.add(arrival);
    return waiting !== undefined;
  }
}

/** Empty for what is no address. */
function segmentsOf(via: string): readonly string[] {
  try {
    return parseAddress(via).segments;
  } catch {
    return [];
  }
}
