import { reaches, type OwnerLike, type Registration } from './registration.ts';

/** Everybody who is registered for one address: one service, or several that have all said that they are replicas. */
export class Place<Owner extends OwnerLike> {
  readonly #registrations: Registration<Owner>[] = [];

  get size(): number {
    return this.#registrations.length;
  }

  all(): readonly Registration<Owner>[] {
    return this.#registrations;
  }

  add(registration: Registration<Owner>): void {
    this.#registrations.push(registration);
  }

  delete(registration: Registration<Owner>): void {
    const index = this.#registrations.indexOf(registration);
    if (index >= 0) this.#registrations.splice(index, 1);
  }

  isReachableAt(localAddress: string): boolean {
    return this.#registrations.some(({ hosts }) => reachesAny(hosts, localAddress));
  }

  /**
   * Who gets the next connection: whoever has the fewest open. Among equals it is the one that had to wait for
   * longest, so that connections that are short are spread, too.
   *
   * @param but those that have not taken it
   */
  choose(localAddress: string, but?: ReadonlySet<Owner>): Registration<Owner> | undefined {
    const all = this.#registrations;
    let best: Registration<Owner> | undefined;
    for (const one of all) {
      if (but?.has(one.owner) === true || !reachesAny(one.hosts, localAddress)) continue;
      if (best === undefined || isBefore(one.owner, best.owner)) best = one;
    }
    if (best !== undefined && all.length > 1) {
      all.splice(all.indexOf(best), 1);
      all.push(best);
    }
    return best;
  }
}

/** One that takes nothing gets nothing while there is another. */
function isBefore(one: OwnerLike, other: OwnerLike): boolean {
  return one.isStuck === other.isStuck ? one.open < other.open : !one.isStuck;
}

function reachesAny(hosts: readonly string[], localAddress: string): boolean {
  return hosts.some((host) => reaches(host, localAddress));
}
