import { NetTcpError } from '../errors.ts';
import { FRAMING_FAULTS, faultOf } from '../framing/faults.ts';
import { type EnvelopeRecord, type FramingRecord, Mode } from '../framing/records.ts';
import { quoted, type Untrusted } from '../printable.ts';
import { isMessage } from './envelopes.ts';
import {
  INITIATOR_START,
  type InSession,
  type InitiatorEffect,
  type InitiatorEvent,
  type InitiatorState,
  type InitiatorStep,
  isOpening,
  mayTryAgain,
} from './initiator-state.ts';
import { rejected, unsecured } from './opening.ts';

const CLOSED: InitiatorState = { at: 'closed' };
const NOTHING: readonly InitiatorEffect[] = [];

/** The machine of `initiator-state.ts`: what an event does in a state. */
export function stepInitiator(state: InitiatorState, event: InitiatorEvent): InitiatorStep {
  if (state.at === 'closed') return [state, NOTHING];
  switch (event.on) {
    case 'open': {
      const { preamble, upgrade } = event;
      if (state.at !== 'idle') return [state, NOTHING];
      if (upgrade === undefined) {
        return [{ at: 'awaiting-ack', preamble }, [{ do: 'send-preamble', preamble }]];
      }
      const next = { at: 'awaiting-upgrade', preamble, upgrade } as const;
      return [next, [{ do: 'send-preamble', preamble, upgrade }]];
    }
    case 'upgraded': {
      if (state.at !== 'upgrading') return [state, NOTHING];
      return [{ ...state, at: 'awaiting-ack' }, [{ do: 'send-preamble-end' }]];
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
    case 'awaiting-upgrade':
      if (record.type === 'upgrade-response') {
        return [{ ...state, at: 'upgrading' }, [{ do: 'upgrade' }]];
      }
      return abort(unsecured(state.preamble.via, state.upgrade));

    case 'upgrading':
      return abort(unsecured(state.preamble.via, state.upgrade));

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
      if (record.type === 'envelope-part') return [state, [{ do: 'deliver-part', part: record }]];
      return outOfSequence(state, record);

    case 'ending':
      if (record.type === 'end') return [INITIATOR_START, [{ do: 'reuse' }]];
      if (isEnvelope(record, state.preamble.mode)) {
        // In streamed mode End follows the request at once, and the answer comes after it; in duplex mode
        // this is the answer to a call that was given up.
        const isAnswer = state.preamble.mode === Mode.SingletonUnsized;
        return [state, isAnswer ? deliver(record) : NOTHING];
      }
      if (record.type === 'envelope-part') return [state, [{ do: 'deliver-part', part: record }]];
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
  const retry = name === 'ConnectionDispatchFailed' && mayTryAgain(state);
  const reason = name === 'UpgradeInvalid' ? 'security-mismatch' : undefined;
  return abort(new NetTcpError(code, text(via), { framingFault: name, reason }), retry);
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
  if (isOpening(state) && atBoundary) return abort(rejected(state), mayTryAgain(state));
  return abort(
    new NetTcpError(
      'Communication',
      'The socket connection was closed by the service. It may have ended, or given up on this client.',
    ),
  );
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
