import type { NetTcpError } from '../errors.ts';
import type { FramingFault } from '../framing/faults.ts';
import type {
  EnvelopePart,
  EnvelopeRecord,
  FramingRecord,
  ReceivedPreamble,
} from '../framing/records.ts';
import type { Untrusted } from '../printable.ts';

/**
 * The receiving side of net.tcp sessions, as a pure function. [MC-NMF] 3.2
 *
 *                                                   ┌→ upgrade → upgrading ─┐
 *     version → mode → via → encoding → routing ────┴──→ preamble-end ←─────┘ → open ─┬→ peer-ended ─┐
 *        ↑                                                                            └→ ending ─────┤
 *        └────────────────────────────────── the next session ───────────────────────────────────────┘
 *
 * `routing` waits for the owner's answer, which is either `routed` or `refused`. An upgrade is required or
 * absent: it is never merely offered. `upgrading` waits for the owner's `upgraded`.
 *
 * The stages of a service's connection, and the modules in charge:
 *
 *     accepted     transport/listener, or port-sharing/service: the socket, and what was read from it
 *     preamble     framing/decoder cuts records, this machine says which may come; has preambleTimeoutMs
 *     routed       rpc/service/endpoint-table: to an endpoint, to another service of the port, or to a fault
 *     upgraded     rpc/service/secured-connection, where security is required: within preambleTimeoutMs, too
 *     open         rpc/service/service-session: requests and answers; has receiveTimeoutMs between two
 *     ended        End both ways, and the next preamble may come; has idleTimeoutMs
 *     closed       transport/connection
 */
export type ReceiverState =
  | { readonly at: 'version' }
  | { readonly at: 'mode' }
  | { readonly at: 'via'; readonly mode: number }
  | { readonly at: 'encoding'; readonly mode: number; readonly via: Untrusted }
  | { readonly at: 'routing'; readonly preamble: ReceivedPreamble }
  /** The upgrade request is due: nothing else is taken in the clear. */
  | { readonly at: 'upgrade'; readonly preamble: ReceivedPreamble; readonly upgrade: string }
  | { readonly at: 'upgrading'; readonly preamble: ReceivedPreamble }
  | {
      readonly at: 'preamble-end';
      readonly preamble: ReceivedPreamble;
      readonly isSecured?: true;
    }
  | { readonly at: 'open'; readonly isStreamed: boolean }
  /** The peer will send nothing more; answers are still due. `eof`: it closed its half, too. */
  | { readonly at: 'peer-ended'; readonly eof: boolean; readonly isStreamed: boolean }
  /** We sent End and wait for the peer's. */
  | { readonly at: 'ending' }
  | { readonly at: 'closed' };

export type ReceiverEvent =
  | { readonly on: 'record'; readonly record: FramingRecord }
  /** The preamble leads to an endpoint of the owner. `upgrade`: what it requires, as `application/ssl-tls`. */
  | { readonly on: 'routed'; readonly upgrade?: string | undefined }
  /** What follows comes through the upgraded stream. */
  | { readonly on: 'upgraded' }
  | { readonly on: 'refused'; readonly fault: FramingFault }
  /** The owner has written its last answer: end the session. */
  | { readonly on: 'end' }
  /** The owner has written its last answer, to a message of which it reads no more. */
  | { readonly on: 'cut' }
  /** The peer closed its half. `atBoundary`: no record was cut. */
  | { readonly on: 'eof'; readonly atBoundary: boolean }
  /** The decoder refused the bytes. */
  | { readonly on: 'invalid'; readonly error: NetTcpError };

export type ReceiverEffect =
  /** Decide where this preamble leads. */
  | { readonly do: 'route'; readonly preamble: ReceivedPreamble }
  /**
   * Send the upgrade's response, upgrade the connection, then say `upgraded`. Bytes that were read after the
   * request came in the clear and must not be taken for protected ones: the connection is dropped then.
   */
  | { readonly do: 'upgrade' }
  | { readonly do: 'send-ack'; readonly preamble: ReceivedPreamble }
  | { readonly do: 'deliver'; readonly envelope: EnvelopeRecord }
  /** Where envelopes are taken in parts. */
  | { readonly do: 'deliver-part'; readonly part: EnvelopePart }
  /** No more requests; answer the running ones, then say `end`. */
  | { readonly do: 'finish' }
  | { readonly do: 'send-end' }
  /** The session is over; the connection may carry another. */
  | { readonly do: 'reuse' }
  /**
   * Write the fault, close our half, drain, close. `isAnswer`: as the answer to the message that is arriving,
   * because WCF's clients read no fault record while they wait for an answer.
   */
  | {
      readonly do: 'fault';
      readonly fault: FramingFault;
      readonly error: NetTcpError;
      readonly isAnswer?: true;
    }
  /** Close our half, drain, close. */
  | { readonly do: 'drain' }
  /** Close our half and then the connection. `error`: why, where the peer broke a rule. */
  | { readonly do: 'close'; readonly error?: NetTcpError }
  /** Drop the connection: it cannot be trusted any more. */
  | { readonly do: 'abort'; readonly error: NetTcpError };

export type ReceiverStep = readonly [state: ReceiverState, effects: readonly ReceiverEffect[]];

export const RECEIVER_START: ReceiverState = { at: 'version' };

/** Whether a session is open: its preamble is acknowledged, and it has not ended on both sides. */
export function isInSession({ at }: ReceiverState): boolean {
  return at === 'open' || at === 'peer-ended' || at === 'ending';
}

/**
 * The rule of the fast path: in this state a sized envelope changes nothing and is only delivered, so it need
 * not become a record and a step. `deliverMessages` goes by it.
 */
export function takesRequests(state: ReceiverState): boolean {
  return state.at === 'open' && !state.isStreamed;
}
