import { createHash } from 'node:crypto';

/** Name of the backend that has every machine: for paths of one machine, and for those that nobody has. */
export const MACHINES = 'machines';

/** Where the connections for a path go. */
export interface Target {
  readonly backend: string;
  /** The one machine of it; absent where any of the backend's may be taken. */
  readonly at?: string | undefined;
}

/**
 * Which sets of machines have a backend of their own. HAProxy balances over a backend, and cannot make one while it
 * runs: so `count` of them, `pool1` to `poolN`, are declared beforehand, and given to sets as they come up.
 */
export class Pools {
  readonly #count: number;
  readonly #pools = new Map<string, { readonly backend: string; uses: number }>();
  #free: string[] = [];
  /** Free once the paths that went there go elsewhere: until then another set's machines must not get theirs. */
  #leaving: string[] = [];
  #made = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** Sets that have a pool, with their machines. */
  *[Symbol.iterator](): Generator<readonly [backend: string, machines: readonly string[]]> {
    for (const [set, { backend }] of this.#pools) yield [backend, set.split(' ')];
  }

  /**
   * Where a path goes that these machines have. The same machines have the same pool; each use is given back with
   * {@link release}.
   *
   * @param machines at least one, sorted
   * @param path     chooses one of them if there is no pool left: always the same one
   */
  use(machines: readonly string[], path: string): Target {
    const [first = ''] = machines;
    if (machines.length === 1) return { backend: MACHINES, at: first };
    const set = machines.join(' ');
    let pool = this.#pools.get(set);
    if (pool === undefined) {
      const backend = this.#free.pop() ?? this.#next();
      if (backend === undefined) return { backend: MACHINES, at: chosen(machines, path) };
      this.#pools.set(set, (pool = { backend, uses: 0 }));
    }
    pool.uses += 1;
    return { backend: pool.backend };
  }

  /** Gives a use back. */
  release(machines: readonly string[]): void {
    const set = machines.join(' ');
    const pool = this.#pools.get(set);
    if (pool === undefined) return;
    pool.uses -= 1;
    if (pool.uses > 0) return;
    this.#pools.delete(set);
    this.#leaving.push(pool.backend);
  }

  /** All changes so far are in effect: pools that nobody uses may be used again. @returns whether there are any */
  recycle(): boolean {
    const isAny = this.#leaving.length > 0;
    this.#free = [...this.#free, ...this.#leaving];
    this.#leaving = [];
    return isAny;
  }

  #next(): string | undefined {
    if (this.#made === this.#count) return undefined;
    this.#made += 1;
    return `pool${this.#made}`;
  }
}

/** The same one of them for a path in every front. */
function chosen(machines: readonly string[], path: string): string {
  const hash = createHash('sha256').update(path).digest().readUInt32BE(0);
  return machines[hash % machines.length] ?? '';
}
