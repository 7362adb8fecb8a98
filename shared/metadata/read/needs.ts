import type { QName } from '../../contract/types/type-names.ts';
import { attributeKey } from '../xml/element.ts';

/** Which types others need, and which of them are still to be read. */
export class Needs {
  readonly #of = new Map<string, Set<string>>();
  readonly #waiting: QName[] = [];
  #current = new Set<string>();

  /** Runs `read`. @returns what it returns, and the types that it asked for */
  noted<T>(read: () => T): readonly [result: T, needed: ReadonlySet<string>] {
    const needed = new Set<string>();
    return [this.#within(needed, read), needed];
  }

  /** Runs `read`, which reads the type `key`, and notes what that needs. */
  noting<T>(key: string, read: () => T): T {
    const needed = this.#of.get(key) ?? new Set();
    this.#of.set(key, needed);
    return this.#within(needed, read);
  }

  /** What is being read needs this type, which has to be read at some time. */
  want(name: QName): void {
    const key = attributeKey(name);
    this.#current.add(key);
    if (this.#of.has(key)) return;
    this.#of.set(key, new Set());
    this.#waiting.push(name);
  }

  /** A type that has not been read; `undefined` if there is none left. */
  next(): QName | undefined {
    return this.#waiting.pop();
  }

  /** The types in `needed`, and all that these need, directly or not. */
  all(needed: Iterable<string>): Iterable<string> {
    const all = new Set(needed);
    for (const key of all) for (const other of this.#of.get(key) ?? []) all.add(other);
    return all;
  }

  #within<T>(needed: Set<string>, read: () => T): T {
    const outside = this.#current;
    this.#current = needed;
    try {
      return read();
    } finally {
      this.#current = outside;
    }
  }
}
