import { NetTcpError } from '../../errors.ts';
import type { Caller } from '../caller.ts';
import { type Clocks, SYSTEM_CLOCKS } from '../../time.ts';

/** A SecurityContextToken: made on one connection, used on others, so it belongs to the host. */
export interface ContextToken {
  /** `urn:uuid:…` */
  readonly identifier: string;
  readonly key: Uint8Array;
  readonly caller: Caller;
  /** On the clock that nobody sets. */
  readonly expires: number;
  /** The token that this one renews, which is cancelled with it. */
  readonly renews?: string | undefined;
}

export interface ContextTokensLimits {
  /** Tokens at a time, of all callers. */
  readonly maxContextTokens: number;
  /** Of one caller; the least recently used one makes room for the next. */
  readonly maxContextTokensPerCaller: number;
  /** How long a token is valid. */
  readonly contextTokenLifetimeMs: number;
  /** How long an unused token is kept. */
  readonly contextTokenIdleMs: number;
}

interface Entry {
  readonly token: ContextToken;
  lastUse: number;
}

/** The tokens of one host. None is valid longer, or is forgotten sooner, because a clock was set. */
export class ContextTokens {
  readonly #limits: ContextTokensLimits;
  readonly #elapsed: () => number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #perCaller = new Map<string, number>();

  constructor(limits: ContextTokensLimits, { elapsed }: Clocks = SYSTEM_CLOCKS) {
    this.#limits = limits;
    this.#elapsed = elapsed;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws {NetTcpError} `ServerTooBusy` if there are too many */
  issue(token: Omit<ContextToken, 'expires'>): ContextToken {
    const now = this.#elapsed();
    const { maxContextTokens, maxContextTokensPerCaller, contextTokenLifetimeMs } = this.#limits;
    this.#forget(now);
    const { name } = token.caller;
    if ((this.#perCaller.get(name) ?? 0) >= maxContextTokensPerCaller) this.#forgetOneOf(name);
    if (this.#entries.size >= maxContextTokens) {
      throw new NetTcpError(
        'ServerTooBusy',
        `The service keeps ${this.#entries.size} security sessions already (maxContextTokens). Try again later.`,
      );
    }
    const issued = { ...token, expires: now + contextTokenLifetimeMs };
    this.#entries.set(token.identifier, { token: issued, lastUse: now });
    this.#perCaller.set(name, (this.#perCaller.get(name) ?? 0) + 1);
    return issued;
  }

  /** Notes the use of a token and returns it; `undefined` if it is unknown, cancelled or expired. */
  use(identifier: string): ContextToken | undefined {
    const now = this.#elapsed();
    const entry = this.#entries.get(identifier);
    if (entry === undefined) return undefined;
    if (this.#isOver(entry, now)) {
      this.cancel(identifier);
      return undefined;
    }
    entry.lastUse = now;
    this.#entries.delete(identifier);
    this.#entries.set(identifier, entry);
    return entry.token;
  }

  cancel(identifier: string): void {
    const token = this.#entries.get(identifier)?.token;
    if (token === undefined) return;
    this.#entries.delete(identifier);
    const left = (this.#perCaller.get(token.caller.name) ?? 1) - 1;
    if (left > 0) this.#perCaller.set(token.caller.name, left);
    else this.#perCaller.delete(token.caller.name);
    if (token.renews !== undefined) this.cancel(token.renews);
  }

  #isOver({ token, lastUse }: Entry, now: number): boolean {
    return token.expires < now || now - lastUse > this.#limits.contextTokenIdleMs;
  }

  #forget(now: number): void {
    for (const [identifier, entry] of this.#entries) {
      if (!this.#isOver(entry, now)) return;
      this.cancel(identifier);
    }
  }

  #forgetOneOf(name: string): void {
    for (const [identifier, { token }] of this.#entries) {
      if (token.caller.name === name) return this.cancel(identifier);
    }
  }
}
