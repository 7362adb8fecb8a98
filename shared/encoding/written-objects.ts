import { Mismatch } from '../contract/types/mismatch.ts';

/** What has been written of one value: the objects that others may refer to, and how deep it is nested. */
export class WrittenObjects {
  readonly #maxDepth: number;
  readonly #ids = new Map<object, number>();
  #depth = 0;

  /** @param limits the session's: no peer with the same limits reads deeper nesting */
  constructor(limits: { readonly maxDepth: number }) {
    this.#maxDepth = limits.maxDepth;
  }

  /** The number of an object, from 1 on; negated the first time. */
  idOf(object: object): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(object, id);
    return -id;
  }

  /**
   * Writes a value whose type may contain itself.
   *
   * @throws {Mismatch} when such values are nested too deep, or one contains itself
   */
  nested(write: () => void): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw new Mismatch(
        `is nested deeper than the limit (maxDepth) of ${this.#maxDepth}, or holds itself`,
      );
    }
    write();
    this.#depth -= 1;
  }
}
