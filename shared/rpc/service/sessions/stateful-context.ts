import { CallerContext } from '../../dispatch/caller-context.ts';
import type { Instance, InstanceKeeper } from '../../dispatch/per-session.ts';
import type { SessionCallbacks } from './session-callbacks.ts';

/** The context of a session that remembers: its implementations, and how to call its client. */
export class StatefulContext extends CallerContext implements InstanceKeeper {
  /** Set by the session. */
  callbacks: SessionCallbacks | undefined;
  readonly #instances = new Map<object, Instance>();

  /** The client's methods; `undefined` where the contract has no callbacks. */
  override get callback(): object | undefined {
    return this.callbacks?.proxy;
  }

  instance(of: object, make: () => Instance): Instance {
    const known = this.#instances.get(of);
    if (known !== undefined) return known;
    const made = make();
    this.#instances.set(of, made);
    return made;
  }

  /** Takes the implementations away: their session is over. */
  takeInstances(): readonly Instance[] {
    const instances = [...this.#instances.values()];
    this.#instances.clear();
    return instances;
  }
}
