import { expect, test } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import type { HandshakeMessage } from '../../../shared/security/negotiate/frames.ts';
import {
  ACCEPTOR_START,
  type HandshakeEffect,
  type HandshakeEvent,
  type HandshakeState,
  INITIATOR_START,
  stepHandshake,
} from '../../../shared/security/negotiate/handshake.ts';
import type {
  MechanismStep,
  SecurityContext,
} from '../../../shared/security/negotiate/mechanism.ts';
import { hex, octets } from '../../helpers/octets.ts';

const context: SecurityContext = {
  wrap: (data) => data,
  unwrap: (token) => token,
  sign: (data) => data,
  verify: () => {},
  startData: () => {},
};
const peer = { kind: 'kerberos', name: 'alice@A' } as const;
const complete = (token?: string): MechanismStep & { is: 'complete' } => ({
  is: 'complete',
  token: token === undefined ? undefined : octets(token),
  context,
  peer,
});
const next = { step: () => complete() };

const message = (id: 'in-progress' | 'done', token: string): HandshakeEvent => ({
  on: 'message',
  message: { id, token: octets(token) },
});
const wrong = (hresult: number): HandshakeEvent => ({
  on: 'message',
  message: { id: 'error', hresult },
});
const stepped = (step: MechanismStep): HandshakeEvent => ({ on: 'stepped', step });
const goOn = (token: string): HandshakeEvent =>
  stepped({ is: 'in-progress', token: octets(token), next });
const refused = (code: 'SecurityNegotiation' | 'Protocol'): HandshakeEvent => ({
  on: 'refused',
  error: new NetTcpError(code, 'no'),
});
const BEGIN: HandshakeEvent = { on: 'begin' };
const EOF: HandshakeEvent = { on: 'eof' };

const ACCEPTOR = ACCEPTOR_START;
const INITIATOR = INITIATOR_START;
const ACCEPTING: HandshakeState = { at: 'stepping', side: 'acceptor', peerIsDone: false };
const ACCEPTING_LAST: HandshakeState = { at: 'stepping', side: 'acceptor', peerIsDone: true };
const CALLING: HandshakeState = { at: 'waiting', side: 'initiator', outcome: undefined };
const CALLED: HandshakeState = { at: 'waiting', side: 'initiator', outcome: complete() };
const ANSWERED: HandshakeState = { at: 'stepping', side: 'initiator', peerIsDone: false };
const ANSWERED_LAST: HandshakeState = { at: 'stepping', side: 'initiator', peerIsDone: true };
const ESTABLISHED: HandshakeState = { at: 'established' };
const FAILED: HandshakeState = { at: 'failed' };

function showMessage(one: HandshakeMessage): string {
  if (one.id === 'error') return `error 0x${(one.hresult >>> 0).toString(16)}`;
  return `${one.id} ${hex(one.token)}`.trim();
}

/** Effects as rows write them. */
function show(effect: HandshakeEffect): string {
  if (effect.do === 'send') return `send ${showMessage(effect.message)}`;
  if (effect.do === 'step')
    return `step ${effect.token === undefined ? '' : hex(effect.token)}`.trim();
  if (effect.do === 'fail') return `fail ${effect.error.code}`;
  return `establish ${effect.peer?.name}`;
}

// The whole machine on one screen: state, event => next state, effects.
// prettier-ignore
test.for<[string, HandshakeState, HandshakeEvent, HandshakeState, string[]]>([
  ['the acceptor takes a token',                 ACCEPTOR,       message('in-progress', 'aa'),  ACCEPTING,      ['step aa']],
  ['one from a client that is done',             ACCEPTOR,       message('done', 'aa'),         ACCEPTING_LAST, ['step aa']],
  ['and goes on',                                ACCEPTING,      goOn('bb'),                    ACCEPTOR,       ['send in-progress bb']],
  ['or is through',                              ACCEPTING,      stepped(complete('bb')),       ESTABLISHED,    ['send done bb', 'establish alice@A']],
  ['and says so, without a token, too',          ACCEPTING_LAST, stepped(complete()),           ESTABLISHED,    ['send done', 'establish alice@A']],
  ['not when the client is done already',        ACCEPTING_LAST, goOn('bb'),                    FAILED,         ['send error 0x8009030c', 'fail SecurityNegotiation']],
  ['it refuses a credential',                    ACCEPTING,      refused('SecurityNegotiation'), FAILED,        ['send error 0x8009030c', 'fail SecurityNegotiation']],
  ['it refuses a bad token',                     ACCEPTING,      refused('Protocol'),           FAILED,         ['send error 0x80090308', 'fail Protocol']],
  ['it refuses bytes that are no message',       ACCEPTOR,       refused('Protocol'),           FAILED,         ['send error 0x80090308', 'fail Protocol']],
  ['it hears that the client gave up',           ACCEPTOR,       wrong(0x80090326 | 0),         FAILED,         ['fail SecurityNegotiation']],
  ['it waits for its mechanism',                 ACCEPTING,      message('in-progress', 'cc'),  FAILED,         ['send error 0x8009030c', 'fail SecurityNegotiation']],
  ['it sees the client go',                      ACCEPTOR,       EOF,                           FAILED,         ['fail SecurityNegotiation']],
  ['it has nothing to begin',                    ACCEPTOR,       BEGIN,                         ACCEPTOR,       []],
  ['the initiator begins',                       INITIATOR,      BEGIN,                         INITIATOR,      ['step']],
  ['sends a token',                              INITIATOR,      goOn('aa'),                    CALLING,        ['send in-progress aa']],
  ['takes the answer',                           CALLING,        message('in-progress', 'bb'),  ANSWERED,       ['step bb']],
  ['takes the last answer',                      CALLING,        message('done', 'bb'),         ANSWERED_LAST,  ['step bb']],
  ['is through',                                 ANSWERED_LAST,  stepped(complete()),           ESTABLISHED,    ['establish alice@A']],
  ['is through first, with a token',             ANSWERED,       stepped(complete('cc')),       { at: 'waiting', side: 'initiator', outcome: complete('cc') }, ['send done cc']],
  ['is through first, without one',              ANSWERED,       stepped(complete()),           CALLED,         []],
  ['waits for the service then',                 CALLED,         message('done', ''),           ESTABLISHED,    ['establish alice@A']],
  ['which must be done, too',                    CALLED,         message('in-progress', 'dd'),  FAILED,         ['send error 0x8009030c', 'fail SecurityNegotiation']],
  ['which may refuse',                           CALLED,         wrong(0x8009030c | 0),         FAILED,         ['fail SecurityNegotiation']],
  ['cannot go on when the service is done',      ANSWERED_LAST,  goOn('cc'),                    FAILED,         ['send error 0x8009030c', 'fail SecurityNegotiation']],
  ['sees the service go',                        CALLING,        EOF,                           FAILED,         ['fail SecurityNegotiation']],
  ['nothing follows what is established',        ESTABLISHED,    message('done', ''),           ESTABLISHED,    []],
  ['nothing follows a failure',                  FAILED,         message('done', ''),           FAILED,         []],
])('%s', ([, state, event, wanted, effects]) => {
  const [reached, done] = stepHandshake(state, event);
  expect(JSON.stringify(reached)).toBe(JSON.stringify(wanted));
  expect(done.map(show)).toEqual(effects);
});

test.for([
  ['initiator', 0x8009030c, 'The service rejected the credential of the client.'],
  ['initiator', 0x80090304, 'The service gave up the negotiate handshake (status 0x80090304).'],
  ['acceptor', 0x80090304, 'The client gave up the negotiate handshake (status 0x80090304).'],
] as const)('the %s says what status %d means', ([side, hresult, text]) => {
  const state: HandshakeState = { at: 'waiting', side, outcome: undefined };
  const [, [effect]] = stepHandshake(state, wrong(hresult | 0));
  expect(effect).toMatchObject({ do: 'fail', error: { message: text } });
});
