import type { Machine } from '../registry/machine.ts';

/** What health checks say of each machine, by its place; one that is missing was not checked yet. */
export type Health = ReadonlyMap<string, boolean>;

/** What becomes of the machines. */
interface MemberChanges {
  set(machine: Pick<Machine, 'at' | 'paths'>): void;
  remove(at: string): void;
}

/**
 * Which machines belong to the fleet. What the registry says first counts at once: `ready`, and `leaving`. What it
 * says no more does not: a lease that ended may be the publisher's death, or the registry's. Such a machine stays
 * until its health check fails, too, and even then if all checks fail: it is the front that is cut off.
 */
export class Members {
  readonly #changes: MemberChanges;
  readonly #ready = new Set<string>();
  /** Those of which nobody speaks any more. */
  readonly #unheard = new Set<string>();

  constructor(changes: MemberChanges) {
    this.#changes = changes;
  }

  /** Machines of which the registry says nothing, and which are kept. */
  get unheard(): ReadonlySet<string> {
    return this.#unheard;
  }

  /** @param machine what the registry has of it now; `undefined`: nothing any more */
  update(at: string, machine: Machine | undefined): void {
    if (machine === undefined) {
      if (this.#ready.delete(at)) this.#unheard.add(at);
      return;
    }
    const wasUnheard = this.#unheard.delete(at);
    if (machine.state === 'leaving') {
      if (this.#ready.delete(at) || wasUnheard) this.#changes.remove(at);
      return;
    }
    this.#ready.add(at);
    this.#changes.set(machine);
  }

  /** A machine that was known before this front started; the registry may not have it. */
  remember(machine: Pick<Machine, 'at' | 'paths'>): void {
    this.#unheard.add(machine.at);
    this.#changes.set(machine);
  }

  /** Removes those of which nobody speaks, and whose check fails. @returns which */
  judge(health: Health): readonly string[] {
    const all = [...this.#ready, ...this.#unheard];
    if (all.every((at) => health.get(at) === false)) return [];
    const gone = [...this.#unheard].filter((at) => health.get(at) === false);
    for (const at of gone) {
      this.#unheard.delete(at);
      this.#changes.remove(at);
    }
    return gone;
  }
}
