import { NetTcpError } from '../errors.ts';
import { FRAMING_FAULTS, type FramingFault } from '../framing/faults.ts';
import { type EnvelopeRecord, type FramingRecord, Mode } from '../framing/records.ts';
import { printable, quoted, rawText, type Untrusted } from '../printable.ts';
import { isMessage } from './envelopes.ts';
import { inTheClear } from './opening.ts';
import {
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  type ReceiverStep,
} from './receiver-state.ts';

// Most connections spend their lives in these states, so they share the objects.
const OPEN_BUFFERED: ReceiverState = { at: 'open', isStreamed: false };
const OPEN_STREAMED: ReceiverState = { at: 'open', isStreamed: true };
const CLOSED: ReceiverState = { at: 'closed' };
const NOTHING: readonly ReceiverEffect[] = [];
// Clients without security send all of their preamble in one write.
const NO_SECURITY =
  "most likely its binding has security, as WCF's NetTcpBinding has by default; this endpoint has SecurityMode.None";

/** The machine of `receiver-state.ts`: what an event does in a state. */
export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverStep {
  if (state.at === 'closed') return [state, NOTHING];
  switch (event.on) {
    case 'record':
      return onRecord(state, event.record);
    case 'routed':
      if (state.at !== 'routing') return [state, NOTHING];
      return event.upgrade === undefined
        ? [{ at: 'preamble-end', preamble: state.preamble }, NOTHING]
        : [{ at: 'upgrade', preamble: state.preamble, upgrade: event.upgrade }, NOTHING];
    case 'upgraded':
      if (state.at !== 'upgrading') return [state, NOTHING];
      return [{ at: 'preamble-end', preamble: state.preamble, isSecured: true }, NOTHING];
    case 'refused': {
      const { fault } = event;
      const message =
        'preamble' in state
          ? `${fault}: ${printable(state.preamble.via)}`
          : `${fault}, before the client had said which address it wants`;
      const error = new NetTcpError(FRAMING_FAULTS[fault].code, message, { framingFault: fault });
      // In place of the agreement to the upgrade: no handshake has begun.
      if (state.at === 'upgrading') return [CLOSED, [{ do: 'fault', fault, error }]];
      return onInvalid(state, error, fault);
    }
    case 'end':
      return onEnd(state);
    case 'cut':
      return [CLOSED, [{ do: 'send-end' }, { do: 'drain' }]];
    case 'eof':
      return onEof(state, event.atBoundary);
    case 'invalid':
      return onInvalid(state, event.error, event.error.framingFault as FramingFault | undefined);
  }
}

function onInvalid(state: ReceiverState, error: NetTcpError, name?: FramingFault): ReceiverStep {
  if (state.at === 'upgrading') return [CLOSED, [{ do: 'abort', error: inTheClear() }]];
  if (name === undefined) return [CLOSED, [{ do: 'abort', error }]];
  const isAnswer = (state.at === 'open' || state.at === 'peer-ended') && state.isStreamed;
  return [CLOSED, [{ do: 'fault', fault: name, error, ...(isAnswer ? { isAnswer } : {}) }]];
}

function onRecord(state: ReceiverState, record: FramingRecord): ReceiverStep {
  switch (state.at) {
    case 'version':
      if (record.type !== 'version') return outOfSequence(state, record);
      if (record.major !== 1) {
        return fault(
          'UnsupportedVersion',
          `version ${record.major} of the framing is not supported`,
        );
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

    case 'upgrade':
      return onUpgrade(state, record);

    case 'upgrading':
      return [CLOSED, [{ do: 'abort', error: inTheClear() }]];

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
        return [{ at: 'peer-ended', eof: false, isStreamed: state.isStreamed }, [{ do: 'finish' }]];
      }
      if (isEnvelope(record)) {
        if (state.isStreamed !== (record.type === 'unsized-envelope')) {
          return outOfSequence(state, record);
        }
        if (!isMessage(record.start, record.end)) return [state, NOTHING];
        return [state, [{ do: 'deliver', envelope: record }]];
      }
      if (record.type === 'envelope-part') return [state, [{ do: 'deliver-part', part: record }]];
      return outOfSequence(state, record);

    case 'ending':
      if (record.type === 'end') return [RECEIVER_START, [{ do: 'reuse' }]];
      // Sent before the peer saw our End; nobody answers it any more.
      if (isEnvelope(record) || record.type === 'envelope-part') return [state, NOTHING];
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
    case 'upgrading':
    case 'preamble-end':
      // If it were closed now, the client would think that it is refused. It gets its ack, then End.
      if (state.at === 'upgrading' || state.isSecured) return [state, NOTHING];
      return [CLOSED, [{ do: 'close' }]];
    default:
      // Nothing was promised to the peer yet: it finds the connection closed, and may try another.
      return [CLOSED, [{ do: 'close' }]];
  }
}

function onEof(state: ReceiverState, atBoundary: boolean): ReceiverStep {
  if (atBoundary) {
    if (state.at === 'version' || state.at === 'ending') return [CLOSED, [{ do: 'close' }]];
    if (state.at === 'open') {
      return [{ at: 'peer-ended', eof: true, isStreamed: state.isStreamed }, [{ do: 'finish' }]];
    }
    if (state.at === 'peer-ended') return [{ ...state, eof: true }, NOTHING];
  }
  const text = `the peer closed the connection in the middle of a ${atBoundary ? 'preamble' : 'record'}`;
  const error = whyClosed(state, new NetTcpError('Communication', text));
  return [CLOSED, [{ do: 'abort', error }]];
}

/** For a connection that broke: says what its peer most likely wanted, where the state tells. */
export function whyClosed<E extends Error | undefined>(
  state: ReceiverState,
  error: E,
): E | NetTcpError {
  if (error === undefined || state.at !== 'preamble-end' || state.isSecured) return error;
  const text = `a client went away before it had ended its preamble: ${NO_SECURITY}`;
  return new NetTcpError('Communication', text, { cause: error });
}

function isEnvelope(record: FramingRecord): record is EnvelopeRecord {
  return record.type === 'sized-envelope' || record.type === 'unsized-envelope';
}

function onUpgrade(
  state: Extract<ReceiverState, { readonly at: 'upgrade' }>,
  record: FramingRecord,
): ReceiverStep {
  const { preamble, upgrade } = state;
  if (record.type === 'upgrade-request') {
    if (rawText(record.upgrade) !== upgrade) return upgradeInvalid(record.upgrade);
    return [{ at: 'upgrading', preamble }, [{ do: 'upgrade' }]];
  }
  if (record.type !== 'preamble-end') return outOfSequence(state, record);
  // The protocol has no fault for it. WCF closes the connection, and its client says that it was rejected.
  const text = `${printable(preamble.via)} requires ${upgrade}; the client asked for no security`;
  return [CLOSED, [{ do: 'close', error: new NetTcpError('SecurityNegotiation', text) }]];
}

function upgradeInvalid(upgrade: Untrusted): ReceiverStep {
  return fault('UpgradeInvalid', `upgrade ${quoted(upgrade)} is not offered here`);
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
