import { NetTcpError } from '../errors.ts';
import { FRAMING_FAULTS, faultOf } from '../framing/faults.ts';
import {
  type EnvelopeRecord,
  type FramingRecord,
  Mode,
  type Preamble,
} from '../framing/records.ts';
import { quoted, type Untrusted } from '../printable.ts';
import { isMessage } from './envelopes.ts';

/**
 * The initiating side of net.tcp sessions, as a pure function. [MC-NMF] 3.1
 *
 *     idle → awaiting-ack → open ─┬→ ending ────┐
 *       ↑                         └→ peer-ended ┤
 *       └──────── the next session ─────────────┘
 */
export type InitiatorState =
  | { readonly at: 'idle' }
  | { readonly at: 'awaiting-ack'; readonly preamble: Preamble }
  | { readonly at: 'open'; readonly preamble: Preamble }
  /** The service sent End; ours is due. */
  | { readonly at: 'peer-ended'; readonly preamble: Preamble }
  /** We sent End and wait for the service's. */
  | { readonly at: 'ending'; readonly preamble: Preamble }
  | { readonly at: 'closed' };

type InSession = Extract<InitiatorState, { readonly preamble: Preamble }>;

export type InitiatorEvent =
  | { readonly on: 'open'; readonly preamble: Preamble }
  | { readonly on: 'record'; readonly record: FramingRecord }
  /** The owner has no more calls: end the session. */
  | { readonly on: 'end' }
  | { readonly on: 'eof'; readonly atBoundary: boolean }
  | { readonly on: 'invalid'; readonly error: NetTcpError };

export type InitiatorEffect =
  | { readonly do: 'send-preamble'; readonly preamble: Preamble }
  /** The service accepted: calls may be sent. */
  | { readonly do: 'opened' }
  | { readonly do: 'deliver'; readonly envelope: EnvelopeRecord }
  | { readonly do: 'send-end' }
  /** The service ended the session by itself: no answer will come any more. */
  | { readonly do: 'peer-ended' }
  /** Both sides ended; the connection may carry another session. */
  | { readonly do: 'reuse' }
  /** The session ended and the connection with it. */
  | { readonly do: 'close' }
  /** Drop the connection. `retry`: nothing was sent yet, so another attempt does no harm. */
  | { readonly do: 'abort'; readonly error: NetTcpError; readonly retry: boolean };

type InitiatorStep = readonly [state: InitiatorState, effects: readonly InitiatorEffect[]];

export const INITIATOR_START: InitiatorState = { at: 'idle' };
const CLOSED: InitiatorState = { at: 'closed' };
const NOTHING: readonly InitiatorEffect[] = [];

/**
 * The rule of the fast way: in this state a sized envelope changes nothing and is only delivered, so it need
 * not become a record and a step. `deliverMessages` goes by it.
 */
export function takesReplies(state: InitiatorState): boolean {
  return state.at === 'open' && state.preamble.mode === Mode.Duplex;
}

export function stepInitiator(state: InitiatorState, event: InitiatorEvent): InitiatorStep {
  if (state.at === 'closed') return [state, NOTHING];
  switch (event.on) {
    case 'open': {
      const { preamble } = event;
      if (state.at !== 'idle') return [state, NOTHING];
      return [{ at: 'awaiting-ack', preamble }, [{ do: 'send-preamble', preamble }]];
    }
    case 'record':
      return onRecord(state, event.record);
    case 'end':
      return onEnd(state);
    case 'eof':
      return onEof(state, event.atBoundary);
    case 'invalid':
      return abort(event.error);
  }
}

function onRecord(state: InitiatorState, record: FramingRecord): InitiatorStep {
  if (record.type === 'fault' && 'preamble' in state) return onFault(state, record.fault);
  switch (state.at) {
    case 'awaiting-ack':
      if (record.type !== 'preamble-ack') return outOfSequence(state, record);
      return [{ at: 'open', preamble: state.preamble }, [{ do: 'opened' }]];

    case 'open':
      if (record.type === 'end') {
        const next = { at: 'peer-ended', preamble: state.preamble } as const;
        return [next, [{ do: 'peer-ended' }]];
      }
      if (isEnvelope(record, state.preamble.mode)) {
        return [state, isMessage(record.start, record.end) ? deliver(record) : NOTHING];
      }
      return outOfSequence(state, record);

    case 'ending':
      if (record.type === 'end') return [INITIATOR_START, [{ do: 'reuse' }]];
      if (isEnvelope(record, state.preamble.mode)) {
        // Streamed, End follows the request at once and the answer comes behind it; in duplex mode
        // this is the answer to a call that was given up.
        const isAnswer = state.preamble.mode === Mode.SingletonUnsized;
        return [state, isAnswer ? deliver(record) : NOTHING];
      }
      return outOfSequence(state, record);

    default:
      return outOfSequence(state, record);
  }
}

function onFault(state: InSession, uri: Untrusted): InitiatorStep {
  const name = faultOf(uri);
  const { via } = state.preamble;
  if (name === undefined) {
    return abort(new NetTcpError('Protocol', `Server ${via} faulted with code ${quoted(uri)}.`));
  }
  const { code, text } = FRAMING_FAULTS[name];
  // The port-sharing daemon could not hand the connection over: another try may find the service well.
  const retry = name === 'ConnectionDispatchFailed' && state.at === 'awaiting-ack';
  return abort(new NetTcpError(code, text(via), { framingFault: name }), retry);
}

function onEnd(state: InitiatorState): InitiatorStep {
  switch (state.at) {
    case 'open':
      return [{ at: 'ending', preamble: state.preamble }, [{ do: 'send-end' }]];
    case 'peer-ended':
      return [INITIATOR_START, [{ do: 'send-end' }, { do: 'reuse' }]];
    case 'ending':
      return [state, NOTHING];
    default:
      return [CLOSED, [{ do: 'close' }]];
  }
}

function onEof(state: InitiatorState, atBoundary: boolean): InitiatorStep {
  if (state.at === 'idle') return [CLOSED, [{ do: 'close' }]];
  // [MC-NMF] wants an End; Mono's service never sends one.
  if (state.at === 'ending' && atBoundary) return [CLOSED, [{ do: 'close' }]];
  if (state.at === 'peer-ended' && atBoundary) return [state, NOTHING];
  if (state.at === 'awaiting-ack' && atBoundary) {
    return abort(new NetTcpError('Protocol', unanswered(state.preamble.via)), true);
  }
  return abort(
    new NetTcpError(
      'Communication',
      'The socket connection was closed by the service. It may have ended, or given up on this client.',
    ),
  );
}

/** What became of a preamble behind which the connection ended: a WCF service that wants security does that. */
export function unanswered(via: string): string {
  return `The server at ${via} rejected the session-establishment request: it closed the connection without an answer. Check that a net.tcp service listens there, without TLS. Its binding has to have SecurityMode.None, which is not WCF's default.`;
}

function isEnvelope(record: FramingRecord, mode: number): record is EnvelopeRecord {
  return record.type === (mode === Mode.SingletonUnsized ? 'unsized-envelope' : 'sized-envelope');
}

function deliver(envelope: EnvelopeRecord): readonly InitiatorEffect[] {
  return [{ do: 'deliver', envelope }];
}

function outOfSequence(state: InitiatorState, record: FramingRecord): InitiatorStep {
  const text = `a record of type ${record.type} cannot come in state ${state.at}`;
  return abort(new NetTcpError('Protocol', text));
}

function abort(error: NetTcpError, retry = false): InitiatorStep {
  return [CLOSED, [{ do: 'abort', error, retry }]];
}
