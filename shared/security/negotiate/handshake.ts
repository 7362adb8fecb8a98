import { NetTcpError } from '../../errors.ts';
import type { Caller } from '../caller.ts';
import type { HandshakeMessage } from './frames.ts';
import type { MechanismStep, SecurityContext } from './mechanism.ts';

/**
 * Either side of the handshake of [MS-NNS] 3.1, as a pure function. The owner steps the mechanism, which may
 * take its time (a KDC may be far).
 *
 *     initiator   begin → stepping ─→ waiting ─→ stepping … ─→ established
 *     acceptor            waiting ─→ stepping ─→ waiting …  ─→ established
 *
 * The acceptor is done when its mechanism is complete, and says so; the initiator waits for that.
 */
export type HandshakeState =
  /** The peer's next message is due. `outcome`: our mechanism is complete already. */
  | { readonly at: 'waiting'; readonly side: Side; readonly outcome: Outcome | undefined }
  /** The owner's mechanism has the token. `peerIsDone`: the peer will say nothing more. */
  | { readonly at: 'stepping'; readonly side: Side; readonly peerIsDone: boolean }
  | { readonly at: 'established' }
  | { readonly at: 'failed' };

export type Side = 'initiator' | 'acceptor';
type Outcome = Extract<MechanismStep, { readonly is: 'complete' }>;

export type HandshakeEvent =
  | { readonly on: 'begin' }
  | { readonly on: 'message'; readonly message: HandshakeMessage }
  /** What the mechanism made of the token. */
  | { readonly on: 'stepped'; readonly step: MechanismStep }
  /** The mechanism or the decoder threw. */
  | { readonly on: 'refused'; readonly error: NetTcpError }
  /** The peer closed the connection. */
  | { readonly on: 'eof' };

export type HandshakeEffect =
  /** Step the mechanism, then say `stepped` or `refused`. */
  | { readonly do: 'step'; readonly token: Uint8Array | undefined }
  | { readonly do: 'send'; readonly message: HandshakeMessage }
  /** Everything that follows is frames of data. */
  | {
      readonly do: 'establish';
      readonly context: SecurityContext;
      readonly peer: Caller | undefined;
    }
  /** Close the connection, after what was sent. */
  | { readonly do: 'fail'; readonly error: NetTcpError };

type HandshakeStep = readonly [state: HandshakeState, effects: readonly HandshakeEffect[]];

/** Statuses of an error message that .NET tells apart. */
const HResult = {
  /** SEC_E_LOGON_DENIED: .NET says "The server has rejected the client credentials." */
  LogonDenied: 0x8009030c | 0,
  /** SEC_E_INVALID_TOKEN */
  InvalidToken: 0x80090308 | 0,
} as const;

export const ACCEPTOR_START: HandshakeState = {
  at: 'waiting',
  side: 'acceptor',
  outcome: undefined,
};
export const INITIATOR_START: HandshakeState = {
  at: 'stepping',
  side: 'initiator',
  peerIsDone: false,
};
const ESTABLISHED: HandshakeState = { at: 'established' };
const FAILED: HandshakeState = { at: 'failed' };
const NOTHING: readonly HandshakeEffect[] = [];
const EMPTY = new Uint8Array(0);

export function stepHandshake(state: HandshakeState, event: HandshakeEvent): HandshakeStep {
  if (state.at === 'failed' || state.at === 'established') return [state, NOTHING];
  switch (event.on) {
    case 'begin':
      return state === INITIATOR_START
        ? [state, [{ do: 'step', token: undefined }]]
        : [state, NOTHING];
    case 'message':
      return onMessage(state, event.message);
    case 'stepped':
      return state.at === 'stepping' ? onStepped(state, event.step) : [state, NOTHING];
    case 'refused':
      return refuse(event.error);
    case 'eof':
      return fail(broken('the peer closed the connection in the middle of it'));
  }
}

function onMessage(
  state: Extract<HandshakeState, { readonly at: 'waiting' | 'stepping' }>,
  message: HandshakeMessage,
): HandshakeStep {
  if (message.id === 'error') return fail(rejected(state.side, message.hresult));
  if (state.at === 'stepping') return refuse(broken('the peer spoke out of turn'));
  const isDone = message.id === 'done';
  if (state.outcome !== undefined) {
    if (!isDone) return refuse(broken('the peer continues where it should be done'));
    return establish(state.outcome);
  }
  return [
    { at: 'stepping', side: state.side, peerIsDone: isDone },
    [{ do: 'step', token: message.token }],
  ];
}

function onStepped(
  state: Extract<HandshakeState, { readonly at: 'stepping' }>,
  step: MechanismStep,
): HandshakeStep {
  const { side, peerIsDone } = state;
  if (step.is === 'in-progress') {
    if (peerIsDone) return refuse(broken('the peer is done too early'));
    return [
      { at: 'waiting', side, outcome: undefined },
      [{ do: 'send', message: { id: 'in-progress', token: step.token } }],
    ];
  }
  const last: HandshakeEffect = { do: 'send', message: { id: 'done', token: step.token ?? EMPTY } };
  if (side === 'acceptor') return establish(step, last);
  const effects = step.token === undefined ? NOTHING : [last];
  if (peerIsDone) return establish(step, ...effects);
  return [{ at: 'waiting', side, outcome: step }, effects];
}

function establish(
  { context, peer }: Outcome,
  ...before: readonly HandshakeEffect[]
): HandshakeStep {
  return [ESTABLISHED, [...before, { do: 'establish', context, peer }]];
}

/** Tells the peer, by the protocol's one error message, and gives up. */
function refuse(error: NetTcpError): HandshakeStep {
  const hresult = error.code === 'SecurityNegotiation' ? HResult.LogonDenied : HResult.InvalidToken;
  return [
    FAILED,
    [
      { do: 'send', message: { id: 'error', hresult } },
      { do: 'fail', error },
    ],
  ];
}

function fail(error: NetTcpError): HandshakeStep {
  return [FAILED, [{ do: 'fail', error }]];
}

function broken(why: string): NetTcpError {
  return new NetTcpError('SecurityNegotiation', `The negotiate handshake broke: ${why}.`);
}

function rejected(side: Side, hresult: number): NetTcpError {
  const status = `0x${(hresult >>> 0).toString(16).padStart(8, '0')}`;
  const message =
    side === 'acceptor'
      ? `The client gave up the negotiate handshake (status ${status}).`
      : hresult === HResult.LogonDenied
        ? 'The service rejected the credential of the client.'
        : `The service gave up the negotiate handshake (status ${status}).`;
  return new NetTcpError('SecurityNegotiation', message);
}
