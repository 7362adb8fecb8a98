import type { Machine } from '../registry/machine.ts';
import { MACHINES, Pools, type Target } from './pools.ts';

/** The servers that each backend has to have. */
export type Servers = ReadonlyMap<string, ReadonlySet<string>>;

/** One path: the machines that have it, and where it goes. */
interface Entry {
  readonly owners: Set<string>;
  /** The owners that `target` was made for. */
  routed: readonly string[];
  target: Target | undefined;
}

/**
 * Which path goes where, and what has changed since somebody asked. Pure: it is told of machines one by one, and
 * looks at the paths of that machine alone, as there may be a million.
 */
export class Routing {
  readonly #machines = new Map<string, ReadonlySet<string>>();
  readonly #entries = new Map<string, Entry>();
  readonly #pools: Pools;
  readonly #changed = new Set<string>();
  /** Paths of several machines for which there was no pool left. */
  readonly #unpooled = new Set<string>();

  /** @param pools how many sets of machines can be balanced over */
  constructor(pools: number) {
    this.#pools = new Pools(pools);
  }

  /** Paths that several machines have, and only one of them gets, because there are too few pools. */
  get unpooled(): number {
    return this.#unpooled.size;
  }

  get size(): number {
    return this.#entries.size;
  }

  get machines(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#machines;
  }

  /** A machine takes connections, for these paths. */
  set({ at, paths }: Pick<Machine, 'at' | 'paths'>): void {
    const before = this.#machines.get(at);
    this.#machines.set(at, paths);
    for (const path of before ?? []) if (!paths.has(path)) this.#disown(path, at);
    for (const path of paths) {
      let entry = this.#entries.get(path);
      if (entry === undefined) {
        entry = { owners: new Set(), routed: [], target: undefined };
        this.#entries.set(path, entry);
      }
      if (entry.owners.has(at)) continue;
      entry.owners.add(at);
      this.#changed.add(path);
    }
  }

  /** A machine takes no connections any more. */
  remove(at: string): void {
    for (const path of this.#machines.get(at) ?? []) this.#disown(path, at);
    this.#machines.delete(at);
  }

  /** Where each path goes that has changed since the last call; `undefined`: nowhere any more. */
  takeChanges(): ReadonlyMap<string, Target | undefined> {
    const changes = new Map<string, Target | undefined>();
    for (const path of this.#changed) this.#route(path, changes);
    this.#changed.clear();
    return changes;
  }

  /** The changes that were taken are in effect. Pools that nobody uses any more go to sets that have none. */
  applied(): void {
    if (!this.#pools.recycle()) return;
    for (const path of this.#unpooled) this.#changed.add(path);
  }

  /** Whether there is something to take. */
  get isChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Where every path goes. */
  *targets(): Generator<readonly [path: string, target: Target]> {
    for (const [path, { target }] of this.#entries) {
      if (target !== undefined) yield [path, target];
    }
  }

  servers(): Servers {
    const servers = new Map<string, ReadonlySet<string>>([
      [MACHINES, new Set(this.#machines.keys())],
    ]);
    for (const [backend, machines] of this.#pools) servers.set(backend, new Set(machines));
    return servers;
  }

  #disown(path: string, at: string): void {
    this.#entries.get(path)?.owners.delete(at);
    this.#changed.add(path);
  }

  #route(path: string, changes: Map<string, Target | undefined>): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    const owners = [...entry.owners].sort();
    const { routed, target: before } = entry;
    const isPooled = before !== undefined && before.at === undefined;
    entry.routed = owners;
    // Used before the old one is released: the same set keeps its pool.
    entry.target = owners.length === 0 ? undefined : this.#pools.use(owners, path);
    if (isPooled) this.#pools.release(routed);
    if (owners.length > 1 && entry.target?.at !== undefined) this.#unpooled.add(path);
    else this.#unpooled.delete(path);
    if (entry.target === undefined) this.#entries.delete(path);
    const isSame = before?.backend === entry.target?.backend && before?.at === entry.target?.at;
    if (!isSame) changes.set(path, entry.target);
  }
}
