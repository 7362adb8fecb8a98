import { NetTcpError } from '../errors.ts';
import type { FramingFault } from '../framing/faults.ts';
import {
  type EnvelopeRecord,
  type FramingRecord,
  Mode,
  type ReceivedPreamble,
} from '../framing/records.ts';
import { printable, quoted, type Untrusted } from '../printable.ts';
import { isMessage } from './envelopes.ts';

/**
 * The receiving side of net.tcp sessions, as a pure function. [MC-NMF] 3.2
 *
 *     version → mode → via → encoding → routing → preamble-end → open ─┬→ peer-ended ─┐
 *        ↑                                                             └→ ending ─────┤
 *        └─────────────────────────── the next session ──────────────────────────────-┘
 *
 * `routing` waits for the owner's answer, which is either `routed` or `refused`.
 *
 * The stages of a service's connection, and whose they are:
 *
 *     accepted     transport/listener, or port-sharing/service: the socket, and what was read of it
 *     preamble     framing/decoder cuts records, this machine says which may come; has preambleTimeoutMs
 *     routed       rpc/service/endpoint-table: to an endpoint, to another service of the port, or to a fault
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
  | { readonly at: 'preamble-end'; readonly preamble: ReceivedPreamble }
  | { readonly at: 'open'; readonly isStreamed: boolean }
  /** The peer will send nothing more; answers are still due. `eof`: it closed its half, too. */
  | { readonly at: 'peer-ended'; readonly eof: boolean }
  /** We sent End and wait for the peer's. */
  | { readonly at: 'ending' }
  | { readonly at: 'closed' };

export type ReceiverEvent =
  | { readonly on: 'record'; readonly record: FramingRecord }
  /** The preamble leads to an endpoint of the owner's. */
  | { readonly on: 'routed' }
  | { readonly on: 'refused'; readonly fault: FramingFault }
  /** The owner has written its last answer: end the session. */
  | { readonly on: 'end' }
  /** The peer closed its half. `atBoundary`: no record was cut. */
  | { readonly on: 'eof'; readonly atBoundary: boolean }
  /** The decoder refused the octets. */
  | { readonly on: 'invalid'; readonly error: NetTcpError };

export type ReceiverEffect =
  /** Decide where this preamble leads. */
  | { readonly do: 'route'; readonly preamble: ReceivedPreamble }
  | { readonly do: 'send-ack'; readonly preamble: ReceivedPreamble }
  | { readonly do: 'deliver'; readonly envelope: EnvelopeRecord }
  /** No more requests; answer the running ones, then say `end`. */
  | { readonly do: 'finish' }
  | { readonly do: 'send-end' }
  /** The session is over; the connection may carry another. */
  | { readonly do: 'reuse' }
  /**
   * Write the fault, close our half, drain, close. `isAnswer`: as the answer to the message that is arriving,
   * because WCF's clients read no fault record while they wait for that.
   */
  | {
      readonly do: 'fault';
      readonly fault: FramingFault;
      readonly error: NetTcpError;
      readonly isAnswer?: true;
    }
  /** Close our half and then the connection. */
  | { readonly do: 'close' }
  /** Drop the connection: it cannot be trusted any more. */
  | { readonly do: 'abort'; readonly error: NetTcpError };

type ReceiverStep = readonly [state: ReceiverState, effects: readonly ReceiverEffect[]];

export const RECEIVER_START: ReceiverState = { at: 'version' };
// Most connections spend their lives in these: they share them.
const OPEN_BUFFERED: ReceiverState = { at: 'open', isStreamed: false };
const OPEN_STREAMED: ReceiverState = { at: 'open', isStreamed: true };
const CLOSED: ReceiverState = { at: 'closed' };
const NOTHING: readonly ReceiverEffect[] = [];
// Clients without security end their preamble in the same write.
const NO_SECURITY =
  "most likely its binding has security, as WCF's NetTcpBinding has by default; only SecurityMode.None is answered here";

/** Whether a session is open: its preamble is acknowledged, and it has not ended on both sides. */
export function isInSession({ at }: ReceiverState): boolean {
  return at === 'open' || at === 'peer-ended' || at === 'ending';
}

/**
 * The rule of the fast way: in this state a sized envelope changes nothing and is only delivered, so it need
 * not become a record and a step. `deliverMessages` goes by it.
 */
export function takesRequests(state: ReceiverState): boolean {
  return state.at === 'open' && !state.isStreamed;
}

export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverStep {
  if (state.at === 'closed') return [state, NOTHING];
  switch (event.on) {
    case 'record':
      return onRecord(state, event.record);
    case 'routed':
      if (state.at !== 'routing') return [state, NOTHING];
      return [{ at: 'preamble-end', preamble: state.preamble }, NOTHING];
    case 'refused': {
      const via = state.at === 'routing' ? printable(state.preamble.via) : '';
      const error = new NetTcpError('Protocol', `${event.fault}: ${via}`, {
        framingFault: event.fault,
      });
      return onInvalid(state, error, event.fault);
    }
    case 'end':
      return onEnd(state);
    case 'eof':
      return onEof(state, event.atBoundary);
    case 'invalid':
      return onInvalid(state, event.error, event.error.framingFault as FramingFault | undefined);
  }
}

function onInvalid(state: ReceiverState, error: NetTcpError, name?: FramingFault): ReceiverStep {
  if (name === undefined) return [CLOSED, [{ do: 'abort', error }]];
  const isAnswer = state.at === 'open' && state.isStreamed;
  return [CLOSED, [{ do: 'fault', fault: name, error, ...(isAnswer ? { isAnswer } : {}) }]];
}

function onRecord(state: ReceiverState, record: FramingRecord): ReceiverStep {
  switch (state.at) {
    case 'version':
      if (record.type !== 'version') return outOfSequence(state, record);
      if (record.major !== 1) {
        return fault('UnsupportedVersion', `version ${record.major} of the framing is not spoken`);
      }
      return [{ at: 'mode' }, NOTHING];

    case 'mode':
      if (record.type !== 'mode') return outOfSequence(state, record);
      if (record.mode !== Mode.Duplex && record.mode !== Mode.SingletonUnsized) {
        return fault('UnsupportedMode', `mode ${record.mode} is not spoken`);
      }
      return [{ at: 'via', mode: record.mode }, NOTHING];

    case 'via':
      if (record.type !== 'via') return outOfSequence(state, record);
      return [{ at: 'encoding', mode: state.mode, via: record.via }, NOTHING];

    case 'encoding': {
      if (record.type !== 'encoding') return outOfSequence(state, record);
      const preamble = { mode: state.mode, via: state.via, encoding: record.encoding };
      return [{ at: 'routing', preamble }, [{ do: 'route', preamble }]];
    }

    case 'preamble-end':
      if (record.type === 'preamble-end') {
        const { preamble } = state;
        const isStreamed = preamble.mode === Mode.SingletonUnsized;
        return [isStreamed ? OPEN_STREAMED : OPEN_BUFFERED, [{ do: 'send-ack', preamble }]];
      }
      if (record.type === 'upgrade-request') {
        const upgrade = quoted(record.upgrade);
        return fault('UpgradeInvalid', `a client asked for the upgrade ${upgrade}: ${NO_SECURITY}`);
      }
      return outOfSequence(state, record);

    case 'open':
      if (record.type === 'end') {
        return [{ at: 'peer-ended', eof: false }, [{ do: 'finish' }]];
      }
      if (isEnvelope(record)) {
        if (state.isStreamed !== (record.type === 'unsized-envelope')) {
          return outOfSequence(state, record);
        }
        if (!isMessage(record.start, record.end)) return [state, NOTHING];
        return [state, [{ do: 'deliver', envelope: record }]];
      }
      return outOfSequence(state, record);

    case 'ending':
      if (record.type === 'end') return [RECEIVER_START, [{ do: 'reuse' }]];
      // Sent before the peer saw our End; nobody answers it any more.
      if (isEnvelope(record)) return [state, NOTHING];
      return outOfSequence(state, record);

    default:
      return outOfSequence(state, record);
  }
}

function onEnd(state: ReceiverState): ReceiverStep {
  switch (state.at) {
    case 'open':
      return [{ at: 'ending' }, [{ do: 'send-end' }]];
    case 'peer-ended':
      if (state.eof) return [CLOSED, [{ do: 'send-end' }, { do: 'close' }]];
      return [RECEIVER_START, [{ do: 'send-end' }, { do: 'reuse' }]];
    case 'ending':
      return [state, NOTHING];
    default:
      // Nothing was promised to the peer yet: it finds the connection closed, and may try another.
      return [CLOSED, [{ do: 'close' }]];
  }
}

function onEof(state: ReceiverState, atBoundary: boolean): ReceiverStep {
  if (atBoundary) {
    if (state.at === 'version' || state.at === 'ending') return [CLOSED, [{ do: 'close' }]];
    if (state.at === 'open') return [{ at: 'peer-ended', eof: true }, [{ do: 'finish' }]];
    if (state.at === 'peer-ended') return [{ at: 'peer-ended', eof: true }, NOTHING];
  }
  const text = `the peer closed the connection in the middle of a ${atBoundary ? 'preamble' : 'record'}`;
  const error = whyClosed(state, new NetTcpError('Communication', text));
  return [CLOSED, [{ do: 'abort', error }]];
}

/** Says of a connection that broke what its peer most likely wanted, where its last words tell. */
export function whyClosed<E extends Error | undefined>(
  state: ReceiverState,
  error: E,
): E | NetTcpError {
  if (error === undefined || state.at !== 'preamble-end') return error;
  const text = `a client went away before it had ended its preamble: ${NO_SECURITY}`;
  return new NetTcpError('Communication', text, { cause: error });
}

function isEnvelope(record: FramingRecord): record is EnvelopeRecord {
  return record.type === 'sized-envelope' || record.type === 'unsized-envelope';
}

function outOfSequence(state: ReceiverState, record: FramingRecord): ReceiverStep {
  return fault(
    'InvalidRecordSequence',
    `a record of type ${record.type} cannot come in state ${state.at}`,
  );
}

function fault(name: FramingFault, message: string): ReceiverStep {
  const error = new NetTcpError('Protocol', message, { framingFault: name });
  return [CLOSED, [{ do: 'fault', fault: name, error }]];
}
