export interface PasswordAttemptsOptions {
  /** Failures that cost nothing: people mistype. */
  readonly free?: number;
  /** What the next failure costs, in milliseconds; each one after it twice as much. */
  readonly firstDelayMs?: number;
  /** The most that a failure costs. */
  readonly maxDelayMs?: number;
  /** After so long without a failure, all is forgotten. */
  readonly forgetMs?: number;
  /** Names and sources that are remembered at a time; the one that failed longest ago makes room. */
  readonly maxEntries?: number;
}

interface Entry {
  failures: number;
  lastFailure: number;
  /** Until when nothing is tried. */
  until: number;
}

/**
 * Slows down who guesses passwords: for each name (from anywhere) and for each source (of any name). While a
 * name or source must wait, its passwords are not looked at, so a right one is no more welcome than a wrong
 * one, and nobody can tell which it was. Knows no clock: the present is passed in, in milliseconds.
 *
 * Somebody else's failures can keep a name waiting, at most `maxDelayMs` long: so that is short.
 */
export class PasswordAttempts {
  readonly #free: number;
  readonly #firstDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #forgetMs: number;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();

  constructor(options: PasswordAttemptsOptions = {}) {
    this.#free = options.free ?? 3;
    this.#firstDelayMs = options.firstDelayMs ?? 1_000;
    this.#maxDelayMs = options.maxDelayMs ?? 60_000;
    this.#forgetMs = options.forgetMs ?? 900_000;
    this.#maxEntries = options.maxEntries ?? 10_000;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns milliseconds until a password of this name, from this source, is looked at again; 0 for now */
  waitMs(name: string, source: string, now: number): number {
    return Math.max(this.#waitMs(nameKey(name), now), this.#waitMs(sourceKey(source), now));
  }

  failed(name: string, source: string, now: number): void {
    this.#failed(nameKey(name), now);
    this.#failed(sourceKey(source), now);
  }

  /** A right password clears the name; the source may be guessing others. */
  succeeded(name: string): void {
    this.#entries.delete(nameKey(name));
  }

  #waitMs(key: string, now: number): number {
    const entry = this.#entries.get(key);
    return entry === undefined ? 0 : Math.max(0, entry.until - now);
  }

  #failed(key: string, now: number): void {
    const known = this.#entries.get(key);
    const isForgotten = known === undefined || now - known.lastFailure >= this.#forgetMs;
    const failures = isForgotten ? 1 : known.failures + 1;
    // Deleted first: the map stays in the order of the last failures.
    this.#entries.delete(key);
    this.#makeRoom();
    this.#entries.set(key, { failures, lastFailure: now, until: now + this.#delayMs(failures) });
  }

  #delayMs(failures: number): number {
    const costly = failures - this.#free;
    return costly <= 0 ? 0 : Math.min(this.#maxDelayMs, this.#firstDelayMs * 2 ** (costly - 1));
  }

  #makeRoom(): void {
    if (this.#entries.size < this.#maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

// Names differ in case only by habit: who guesses must not gain by that.
function nameKey(name: string): string {
  return `name ${name.toUpperCase()}`;
}

function sourceKey(source: string): string {
  return `source ${source}`;
}
