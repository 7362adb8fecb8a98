import { type Clocks, SYSTEM_CLOCKS } from '../time.ts';
import { foldCase } from './fold-case.ts';

interface PasswordAttemptsOptions {
  /** Failures without a delay: people mistype. */
  readonly free?: number;
  /** Delay after the next failure, in milliseconds; it doubles with each one after that. */
  readonly firstDelayMs?: number;
  /** The longest delay. */
  readonly maxDelayMs?: number;
  /** After so long without a failure, all failures are forgotten. */
  readonly forgetMs?: number;
  /** Names and sources that are remembered at a time; the one that failed longest ago makes room. */
  readonly maxEntries?: number;
  readonly clocks?: Clocks;
}

interface Entry {
  failures: number;
  lastFailure: number;
  /** Until when nothing is tried. */
  until: number;
}

/** The attempts that come from one source: an IP address. */
export interface SourceAttempts {
  /**
   * Asked before a password is checked.
   *
   * @returns false if this name or this source must wait: the attempt has failed, and nothing is checked
   */
  mayTry(name: string): boolean;
  failed(name: string): void;
  succeeded(name: string): void;
}

/**
 * Slows down guessing of passwords: for each name (from any source) and for each source (of any name). While a
 * name or source must wait, its passwords are not checked, so a right one fails like a wrong one, and nobody can
 * tell which it was. A clock that is set lets nobody try more often, and keeps nobody waiting longer.
 *
 * Once failures cost a delay, one password is checked at a time: a hundred guesses at once gain nothing.
 * Somebody else's failures can keep a name waiting, at most `maxDelayMs` long: so that is short.
 */
export class PasswordAttempts {
  readonly #free: number;
  readonly #firstDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #forgetMs: number;
  readonly #maxEntries: number;
  readonly #elapsed: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(options: PasswordAttemptsOptions = {}) {
    this.#free = options.free ?? 3;
    this.#firstDelayMs = options.firstDelayMs ?? 1_000;
    this.#maxDelayMs = options.maxDelayMs ?? 60_000;
    this.#forgetMs = options.forgetMs ?? 900_000;
    this.#maxEntries = options.maxEntries ?? 10_000;
    this.#elapsed = (options.clocks ?? SYSTEM_CLOCKS).elapsed;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param source an IP address; `undefined` where it is not known, behind a relay */
  from(source: string | undefined): SourceAttempts {
    const sourceKeys = source === undefined ? [] : [`source ${source}`];
    return {
      mayTry: (name) => {
        const now = this.#elapsed();
        const keys = [nameKey(name), ...sourceKeys];
        if (keys.some((key) => this.#mustWait(key, now))) return false;
        for (const key of keys) this.#hold(key, now);
        return true;
      },
      failed: (name) => {
        const now = this.#elapsed();
        for (const key of [nameKey(name), ...sourceKeys]) this.#failed(key, now);
      },
      succeeded: (name) => {
        this.#entries.delete(nameKey(name));
        // The source may be guessing others: only the wait that began with this check is over.
        for (const key of sourceKeys) {
          const entry = this.#entries.get(key);
          if (entry !== undefined) entry.until = -Infinity;
        }
      },
    };
  }

  #mustWait(key: string, now: number): boolean {
    const until = this.#entries.get(key)?.until;
    return until !== undefined && until > now;
  }

  /** Others wait while a password is checked, as if it were wrong; if it is right, the wait is over. */
  #hold(key: string, now: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.until = now + this.#delayMs(entry.failures + 1);
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

// Case has no meaning in names: it must not give a guesser more attempts.
function nameKey(name: string): string {
  return `name ${foldCase(name)}`;
}
