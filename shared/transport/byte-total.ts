/**
 * The bytes that several holders have together, and a limit for the total. Over it, the holder of the most has
 * to go. The last holder never has to: what one may hold has a limit of its own.
 */
export class ByteTotal<T extends object> {
  readonly #maxBytes: number;
  readonly #measure: ((holder: T) => number) | undefined;
  readonly #held = new Map<T, number>();
  #bytes = 0;

  /** @param measure what a holder has now, for those that may have less than was last said, or more */
  constructor(maxBytes: number, measure?: (holder: T) => number) {
    this.#maxBytes = maxBytes;
    this.#measure = measure;
  }

  /** How many bytes are held in all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sets how many bytes `holder` holds from now on; 0: it is forgotten. */
  set(holder: T, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
  }

  /** Forgets and returns the holder that has to go; `undefined` when none has to. */
  takeGreediest(): T | undefined {
    if (this.#bytes <= this.#maxBytes) return undefined;
    if (this.#measure !== undefined) {
      for (const holder of this.#held.keys()) this.set(holder, this.#measure(holder));
    }
    if (this.#bytes <= this.#maxBytes || this.#held.size < 2) return undefined;
    let greediest: T | undefined;
    let most = 0;
    for (const [holder, bytes] of this.#held) {
      if (bytes > most) [greediest, most] = [holder, bytes];
    }
    if (greediest !== undefined) this.set(greediest, 0);
    return greediest;
  }
}
