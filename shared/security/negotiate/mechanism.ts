import type { Caller } from '../caller.ts';

/**
 * What both sides share once a mechanism is complete: keys and counters. Each call changes it, so calls must be
 * made in the order in which tokens were sent or received.
 */
export interface SecurityContext {
  /** Protects `data`: sealed, unless only signing was agreed upon. */
  wrap(data: Uint8Array): Uint8Array;
  /**
   * Returns what the peer protected.
   *
   * @throws {NetTcpError} `Protocol` if a token was changed, repeated or left out, or is not sealed though
   *   sealing was agreed upon. The context must not be used afterwards.
   */
  unwrap(token: Uint8Array): Uint8Array;
  /** A signature of `data` by itself: a MIC. */
  sign(data: Uint8Array): Uint8Array;
  /** @throws {NetTcpError} `Protocol` if `signature` is not the peer's of `data` */
  verify(data: Uint8Array, signature: Uint8Array): void;
  /** Both sides have signed the list of mechanisms: data follows. NTLM begins its key streams anew. */
  startData(): void;
}

/** What a mechanism makes of a token. */
export type MechanismStep =
  | { readonly is: 'in-progress'; readonly token: Uint8Array; readonly next: Mechanism }
  | {
      readonly is: 'complete';
      /** The last token, if the peer needs one more. */
      readonly token: Uint8Array | undefined;
      readonly context: SecurityContext;
      /** Who the client is; `undefined` at the client, which has called the service by name. */
      readonly peer: Caller | undefined;
    };

/**
 * One state of an authentication mechanism (SPNEGO, Kerberos, NTLM). It takes the next token and can be stepped
 * once.
 */
export interface Mechanism {
  /**
   * @param token what the peer sent; `undefined` to begin
   * @param now   milliseconds since 1970
   * @throws {NetTcpError} `SecurityNegotiation` if a credential is refused, `Protocol` for a token that breaks
   *   the rules
   */
  step(token: Uint8Array | undefined, now: number): MechanismStep;
}

/** How tokens are protected: always sealed, or only signed where the peer asks for no more. */
export type Protection = 'seal' | 'sign';
