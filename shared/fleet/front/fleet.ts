import { type Untrusted } from '../../printable.ts';
import type { Change } from '../registry/registry.ts';
import { readMachine } from '../registry/machine.ts';
import { type Health, Members } from './members.ts';
import { Routing } from './routing.ts';

/** A fleet as its registry tells it: keys and values in, routes out. Pure. */
export class Fleet {
  readonly routing: Routing;
  readonly #members: Members;
  /** By machine, then by slice. */
  readonly #values = new Map<string, Map<string, Untrusted>>();
  readonly #onChanged: () => void;
  #isKnown = false;

  /**
   * @param pools     how many sets of machines can be balanced over
   * @param onChanged called when routes may have changed
   */
  constructor(pools: number, onChanged: () => void) {
    this.routing = new Routing(pools);
    this.#onChanged = onChanged;
    this.#members = new Members({
      set: (machine) => this.routing.set(machine),
      remove: (at) => this.routing.remove(at),
    });
  }

  /** Whether the registry has been heard, or is remembered. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Machines of which the registry says nothing, and which are kept. */
  get unheard(): ReadonlySet<string> {
    return this.#members.unheard;
  }

  /** Machines and their paths from before. */
  remember(machines: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [at, paths] of machines) this.#members.remember({ at, paths });
    if (machines.size > 0) this.#isKnown = true;
    this.#onChanged();
  }

  /** All that the registry has. */
  onSnapshot(values: ReadonlyMap<string, Untrusted>): void {
    this.#isKnown = true;
    const touched = new Set(this.#values.keys());
    this.#values.clear();
    for (const [key, value] of values) this.#take(key, value, touched);
    this.#update(touched);
  }

  /** What has changed in the registry. */
  onChanges(changes: readonly Change[]): void {
    const touched = new Set<string>();
    for (const { key, value } of changes) this.#take(key, value, touched);
    this.#update(touched);
  }

  /** Removes machines of which nobody speaks, and whose check fails. @returns which */
  judge(health: Health): readonly string[] {
    const removed = this.#members.judge(health);
    if (removed.length > 0) this.#onChanged();
    return removed;
  }

  #take(key: string, value: Untrusted | undefined, touched: Set<string>): void {
    const [, at, slice] = /^machines\/([^/]+)\/(\d+)$/.exec(key) ?? [];
    if (at === undefined || slice === undefined) return;
    touched.add(at);
    let slices = this.#values.get(at);
    if (slices === undefined) this.#values.set(at, (slices = new Map<string, Untrusted>()));
    if (value === undefined) slices.delete(slice);
    else slices.set(slice, value);
    if (slices.size === 0) this.#values.delete(at);
  }

  #update(touched: ReadonlySet<string>): void {
    for (const at of touched) {
      const slices = this.#values.get(at);
      const machine = slices === undefined ? undefined : readMachine(slices);
      // Whoever says to be another machine than its key is not believed.
      this.#members.update(at, machine?.at === at ? machine : undefined);
    }
    if (touched.size > 0) this.#onChanged();
  }
}
