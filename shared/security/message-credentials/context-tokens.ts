import { NetTcpError } from '../../errors.ts';
import type { Caller } from '../caller.ts';

/** A SecurityContextToken: made on one connection, used on others, so it belongs to the host. */
export interface ContextToken {
  /** `urn:uuid:…` */
  readonly identifier: string;
  readonly key: Uint8Array;
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface ContextTokensOptions {
  /** Tokens at a time, of all callers. WCF's MaxPendingSessions is 128, of those not yet used. */
  readonly maxTokens?: number;
  /** Tokens of one caller: nobody takes the place of all others. */
  readonly maxTokensPerCaller?: number;
  /** How long a token is good. WCF's SessionKeyRenewalInterval and CoreWCF's: 15 hours. */
  readonly lifetimeMs?: number;
}

/** The tokens of one host. The present is passed in, in milliseconds since 1970. */
export class ContextTokens {
  readonly #maxTokens: number;
  readonly #maxTokensPerCaller: number;
  readonly #lifetimeMs: number;
  /** In the order in which they expire: all live equally long. */
  readonly #tokens = new Map<string, ContextToken>();
  readonly #perCaller = new Map<string, number>();

  constructor(options: ContextTokensOptions = {}) {
    this.#maxTokens = options.maxTokens ?? 10_000;
    this.#maxTokensPerCaller = options.maxTokensPerCaller ?? 1_000;
    this.#lifetimeMs = options.lifetimeMs ?? 54_000_000;
  }

  get size(): number {
    return this.#tokens.size;
  }

  /** @throws {NetTcpError} `ServerTooBusy` if there are too many */
  issue(identifier: string, key: Uint8Array, caller: Caller, now: number): ContextToken {
    this.#forget(now);
    const ofCaller = this.#perCaller.get(caller.name) ?? 0;
    if (this.#tokens.size >= this.#maxTokens || ofCaller >= this.#maxTokensPerCaller) {
      throw new NetTcpError(
        'ServerTooBusy',
        `The service keeps ${this.#tokens.size} security sessions, ${ofCaller} of this caller; it takes no more. Close channels that are no longer used.`,
      );
    }
    const token = { identifier, key, caller, expires: now + this.#lifetimeMs };
    this.#tokens.set(identifier, token);
    this.#perCaller.set(caller.name, ofCaller + 1);
    return token;
  }

  /** @throws {NetTcpError} `MessageSecurity` for a token that is unknown, cancelled or expired */
  find(identifier: string, now: number): ContextToken {
    const token = this.#tokens.get(identifier);
    if (token === undefined || token.expires < now) {
      throw new NetTcpError(
        'MessageSecurity',
        'The security context token of a message is not known: it was cancelled, has expired, or the service was restarted.',
      );
    }
    return token;
  }

  cancel(identifier: string): void {
    const token = this.#tokens.get(identifier);
    if (token === undefined) return;
    this.#tokens.delete(identifier);
    const left = (this.#perCaller.get(token.caller.name) ?? 1) - 1;
    if (left > 0) this.#perCaller.set(token.caller.name, left);
    else this.#perCaller.delete(token.caller.name);
  }

  #forget(now: number): void {
    for (const [identifier, { expires }] of this.#tokens) {
      if (expires >= now) return;
      this.cancel(identifier);
    }
  }
}
