import type { NetTcpError } from '../errors.ts';
import {
  type EnvelopePart,
  type EnvelopeRecord,
  type FramingRecord,
  Mode,
  type Preamble,
} from '../framing/records.ts';

/** What a client asks for in its preamble. */
export interface UpgradeRequest {
  /** Such as `application/ssl-tls`. */
  readonly contentType: string;
  /** It shows the service who the client is: a refusal is not tried again. */
  readonly showsCredential: boolean;
}

/**
 * The initiating side of net.tcp sessions, as a pure function. [MC-NMF] 3.1
 *
 *         ┌→ awaiting-upgrade → upgrading ─┐
 *     idle ────────────────────────────────┴→ awaiting-ack → open ─┬→ ending ────┐
 *       ↑                                                          └→ peer-ended ┤
 *       └───────────────────── the next session ─────────────────────────────────┘
 *
 * A client that asks for an upgrade takes no answer without it.
 */
export type InitiatorState =
  | { readonly at: 'idle' }
  | {
      readonly at: 'awaiting-upgrade' | 'upgrading';
      readonly preamble: Preamble;
      readonly upgrade: UpgradeRequest;
    }
  /** `upgrade`: the one that was made. If a credential was shown in it, another try would be another log-in. */
  | { readonly at: 'awaiting-ack'; readonly preamble: Preamble; readonly upgrade?: UpgradeRequest }
  | { readonly at: 'open'; readonly preamble: Preamble }
  /** The service sent End; ours is due. */
  | { readonly at: 'peer-ended'; readonly preamble: Preamble }
  /** We sent End and wait for the service's. */
  | { readonly at: 'ending'; readonly preamble: Preamble }
  | { readonly at: 'closed' };

/** A session whose preamble is sent. */
export type InSession = Extract<InitiatorState, { readonly preamble: Preamble }>;

export type InitiatorEvent =
  | {
      readonly on: 'open';
      readonly preamble: Preamble;
      readonly upgrade?: UpgradeRequest | undefined;
    }
  /** What follows goes through the upgraded stream. */
  | { readonly on: 'upgraded' }
  | { readonly on: 'record'; readonly record: FramingRecord }
  /** The owner has no more calls: end the session. */
  | { readonly on: 'end' }
  | { readonly on: 'eof'; readonly atBoundary: boolean }
  | { readonly on: 'invalid'; readonly error: NetTcpError };

export type InitiatorEffect =
  /** Send the preamble, and after it the request for the upgrade or, where there is none, its end. */
  | {
      readonly do: 'send-preamble';
      readonly preamble: Preamble;
      readonly upgrade?: UpgradeRequest | undefined;
    }
  /**
   * Upgrade the connection, then say `upgraded`. Bytes that were read after the response came in the clear and
   * must not be taken for protected ones: the connection is dropped then.
   */
  | { readonly do: 'upgrade' }
  | { readonly do: 'send-preamble-end' }
  /** The service accepted: calls may be sent. */
  | { readonly do: 'opened' }
  | { readonly do: 'deliver'; readonly envelope: EnvelopeRecord }
  /** Where envelopes are taken in parts. */
  | { readonly do: 'deliver-part'; readonly part: EnvelopePart }
  | { readonly do: 'send-end' }
  /** The service ended the session by itself: no answer will come any more. */
  | { readonly do: 'peer-ended' }
  /** Both sides ended; the connection may carry another session. */
  | { readonly do: 'reuse' }
  /** The session ended and the connection with it. */
  | { readonly do: 'close' }
  /** Drop the connection. `retry`: no call was sent yet, so another attempt does no harm. */
  | { readonly do: 'abort'; readonly error: NetTcpError; readonly retry: boolean };

export type InitiatorStep = readonly [state: InitiatorState, effects: readonly InitiatorEffect[]];

export const INITIATOR_START: InitiatorState = { at: 'idle' };

/**
 * The rule of the fast path: in this state a sized envelope changes nothing and is only delivered, so it need
 * not become a record and a step. `deliverMessages` goes by it.
 */
export function takesReplies(state: InitiatorState): boolean {
  return state.at === 'open' && state.preamble.mode === Mode.Duplex;
}

/** The ack is still due. */
export type Opening = Extract<
  InitiatorState,
  { readonly at: 'awaiting-upgrade' | 'upgrading' | 'awaiting-ack' }
>;

export function isOpening(state: InitiatorState): state is Opening {
  return state.at === 'awaiting-ack' || state.at === 'awaiting-upgrade' || state.at === 'upgrading';
}

/** Whether a session that has not been opened may be tried again: no call was sent, and no credential shown. */
export function mayTryAgain(state: InitiatorState): boolean {
  switch (state.at) {
    case 'awaiting-upgrade':
      return true;
    case 'upgrading':
    case 'awaiting-ack':
      return state.upgrade?.showsCredential !== true;
    default:
      return false;
  }
}
