/**
 * What many hold together, and a limit for it. Where the total is short the greediest has to go: whoever holds
 * the most. The last one never has to: what one may hold has a limit of its own.
 */
export class ByteTotal<T extends object> {
  readonly #maxBytes: number;
  readonly #held = new Map<T, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes are held in all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From now on `holder` holds so many bytes; 0: it is forgotten. */
  set(holder: T, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
  }

  /** Who has to go, when more is held than may be; it is forgotten. */
  takeGreediest(): T | undefined {
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
