import { createHash } from 'node:crypto';
import { NetTcpError } from '../errors.ts';
import { type Clocks, SYSTEM_CLOCKS } from '../time.ts';

interface ReplayCacheOptions {
  /**
   * Items remembered at a time. Only what a known caller made is ever put in; at 100 bytes each the default takes
   * 26 MB, and lets 870 callers a second in for five minutes.
   */
  readonly maxEntries?: number;
  /** Items are forgotten in batches of so many milliseconds. */
  readonly batchMs?: number;
  readonly clocks?: Pick<Clocks, 'elapsed'>;
}

/** Items that are forgotten together. */
interface Batch {
  readonly items: Set<string>;
  /** On the clock that nobody sets: when the last of them would be too old. */
  dueAt: number;
}

/**
 * Remembers what may be used once (an authenticator, a nonce) until it would be too old to be used at all.
 * Only a digest is kept. Items are forgotten by batch, so there is nothing to sort.
 *
 * A batch has to be over by both clocks: one that is set forward for a moment makes nothing forgotten that is valid
 * again when it is set right, one that is set back makes items valid for longer.
 */
export class ReplayCache {
  readonly #maxEntries: number;
  readonly #batchMs: number;
  readonly #elapsed: () => number;
  /** Keyed by the time when all of a batch has expired. */
  readonly #batches = new Map<number, Batch>();
  #size = 0;

  constructor(options: ReplayCacheOptions = {}) {
    const { maxEntries = 262_144, batchMs = 60_000, clocks = SYSTEM_CLOCKS } = options;
    this.#maxEntries = maxEntries;
    this.#batchMs = batchMs;
    this.#elapsed = clocks.elapsed;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Notes that `item` was used.
   *
   * @param expires when nobody would accept it any more, in milliseconds since 1970
   * @param now     in the same unit
   * @returns false if it was used before
   * @throws {NetTcpError} `ServerTooBusy` if too many are remembered: forgetting one would let it be used again
   */
  use(item: Uint8Array, expires: number, now: number): boolean {
    this.#forget(now);
    const digest = createHash('sha256').update(item).digest('base64');
    for (const { items } of this.#batches.values()) if (items.has(digest)) return false;
    if (this.#size >= this.#maxEntries) {
      throw new NetTcpError(
        'ServerTooBusy',
        `The service has to remember the credentials of ${this.#size} callers, and has no room for more. Try again later.`,
      );
    }
    const until = Math.ceil(expires / this.#batchMs) * this.#batchMs;
    const dueAt = this.#elapsed() + until - now;
    const batch = this.#batches.get(until) ?? { items: new Set(), dueAt };
    batch.items.add(digest);
    batch.dueAt = Math.max(batch.dueAt, dueAt);
    this.#batches.set(until, batch);
    this.#size += 1;
    return true;
  }

  #forget(now: number): void {
    const elapsed = this.#elapsed();
    for (const [until, { items, dueAt }] of this.#batches) {
      if (until >= now || dueAt >= elapsed) continue;
      this.#batches.delete(until);
      this.#size -= items.size;
    }
  }
}
