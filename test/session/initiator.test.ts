import { expect, test } from 'vitest';
import { FRAMING_FAULTS, type FramingFault, faultUri } from '../../shared/framing/faults.ts';
import type { FramingRecord } from '../../shared/framing/records.ts';
import {
  INITIATOR_START,
  type InitiatorEffect,
  type InitiatorEvent,
  type InitiatorState,
} from '../../shared/session/initiator-state.ts';
import { stepInitiator } from '../../shared/session/initiator.ts';
import { empty, envelope, message, preamble, streamed } from './records.ts';
import { untrusted } from '../../shared/printable.ts';

const record = (one: FramingRecord): InitiatorEvent => ({ on: 'record', record: one });
const fault = (name: FramingFault): InitiatorEvent =>
  record({ type: 'fault', fault: untrusted(faultUri(name)) });
const eof = (atBoundary = true): InitiatorEvent => ({ on: 'eof', atBoundary });
const END: InitiatorEvent = { on: 'end' };
const PEER_END = record({ type: 'end' });
const ACK = record({ type: 'preamble-ack' });

const IDLE = INITIATOR_START;
const AWAITING: InitiatorState = { at: 'awaiting-ack', preamble };
const upgrade = { contentType: 'application/ssl-tls', showsCredential: false };
const AGREED = record({ type: 'upgrade-response' });
const WANTS_UPGRADE: InitiatorState = { at: 'awaiting-upgrade', preamble, upgrade };
const SECURED: InitiatorState = { at: 'awaiting-ack', preamble, upgrade };
const SHOWN: InitiatorState = { ...SECURED, upgrade: { ...upgrade, showsCredential: true } };
const UPGRADING: InitiatorState = { at: 'upgrading', preamble, upgrade };
const OPEN: InitiatorState = { at: 'open', preamble };
const PEER_ENDED: InitiatorState = { at: 'peer-ended', preamble };
const ENDING: InitiatorState = { at: 'ending', preamble };
const STREAM_ENDING: InitiatorState = { at: 'ending', preamble: streamed };
const CLOSED: InitiatorState = { at: 'closed' };

function show(effect: InitiatorEffect): string {
  if (effect.do !== 'abort') return effect.do;
  return `abort ${effect.error.code}${effect.retry ? ', try again' : ''}`;
}

// prettier-ignore
test.for<[string, InitiatorState, InitiatorEvent, InitiatorState, string[]]>([
  ['sends its preamble',                         IDLE,          { on: 'open', preamble }, AWAITING,   ['send-preamble']],
  ['is open with the ack',                       AWAITING,      ACK,                      OPEN,       ['opened']],
  ['wants the ack first',                        AWAITING,      record(envelope),         CLOSED,     ['abort Protocol']],
  ['may try again when closed before the ack',   AWAITING,      eof(),                    CLOSED,     ['abort Protocol, try again']],
  ['not when there was half a record',           AWAITING,      eof(false),               CLOSED,     ['abort Communication']],
  ['hears that nobody listens',                  AWAITING,      fault('EndpointNotFound'), CLOSED,    ['abort EndpointNotFound']],
  ['may try again when it got lost on the way',  AWAITING,      fault('ConnectionDispatchFailed'), CLOSED, ['abort Communication, try again']],
  ['but not when calls were made',               OPEN,          fault('ConnectionDispatchFailed'), CLOSED, ['abort Communication']],
  ['hears that a message was too large',         OPEN,          fault('MaxMessageSizeExceededFault'), CLOSED, ['abort QuotaExceeded']],
  ['takes a fault that nobody knows',            OPEN,          record({ type: 'fault', fault: untrusted('urn:x') }), CLOSED, ['abort Protocol']],
  ['delivers an answer',                         OPEN,          record(envelope),         OPEN,       ['deliver']],
  ['ignores an empty one',                       OPEN,          record(empty),            OPEN,       []],
  ['refuses a streamed one in duplex mode',      OPEN,          record(message),          CLOSED,     ['abort Protocol']],
  ['refuses a second ack',                       OPEN,          ACK,                      CLOSED,     ['abort Protocol']],
  ['is cut off',                                 OPEN,          eof(),                    CLOSED,     ['abort Communication']],
  ['hears that the service ends',                OPEN,          PEER_END,                 PEER_ENDED, ['peer-ended']],
  ['answers with its own End',                   PEER_ENDED,    END,                      IDLE,       ['send-end', 'reuse']],
  ['ends the session',                           OPEN,          END,                      ENDING,     ['send-end']],
  ['has ended when the service has, too',        ENDING,        PEER_END,                 IDLE,       ['reuse']],
  ['has ended when the service closes instead',  ENDING,        eof(),                    CLOSED,     ['close']],
  ['drops an answer after its End',              ENDING,        record(envelope),         ENDING,     []],
  ['takes a streamed answer after its End',      STREAM_ENDING, record(message),          STREAM_ENDING, ['deliver']],
  ['says End only once',                         ENDING,        END,                      ENDING,     []],
  ['is over when the service closes the rest',   IDLE,          eof(),                    CLOSED,     ['close']],
  ['wants nothing between sessions',             IDLE,          PEER_END,                 CLOSED,     ['abort Protocol']],
  ['asks for an upgrade',                        IDLE,          { on: 'open', preamble, upgrade }, WANTS_UPGRADE, ['send-preamble']],
  ['begins it when the service agrees',          WANTS_UPGRADE, AGREED,                   UPGRADING,  ['upgrade']],
  ['ends its preamble after it',                 UPGRADING,     { on: 'upgraded' },       SECURED,    ['send-preamble-end']],
  ['takes no ack in the clear',                  WANTS_UPGRADE, ACK,                      CLOSED,     ['abort SecurityNegotiation']],
  ['nor an answer',                              WANTS_UPGRADE, record(envelope),         CLOSED,     ['abort SecurityNegotiation']],
  ['nor an end',                                 WANTS_UPGRADE, PEER_END,                 CLOSED,     ['abort SecurityNegotiation']],
  ['nor anything after the agreement',           UPGRADING,     ACK,                      CLOSED,     ['abort SecurityNegotiation']],
  ['nor the agreement twice',                    UPGRADING,     AGREED,                   CLOSED,     ['abort SecurityNegotiation']],
  ['takes no upgrade that it did not ask for',   AWAITING,      AGREED,                   CLOSED,     ['abort Protocol']],
  ['hears that there is no such upgrade',        WANTS_UPGRADE, fault('UpgradeInvalid'),  CLOSED,     ['abort Protocol']],
  ['may try again when it is closed instead',    WANTS_UPGRADE, eof(),                    CLOSED,     ['abort Protocol, try again']],
  ['and after it: nobody was refused',           SECURED,       eof(),                    CLOSED,     ['abort SecurityNegotiation, try again']],
  ['may not when it showed who it is',           SHOWN,         eof(),                    CLOSED,     ['abort SecurityNegotiation']],
  ['nor when it got lost after that',            SHOWN,         fault('ConnectionDispatchFailed'), CLOSED, ['abort Communication']],
  ['is not upgraded without being asked to',     AWAITING,      { on: 'upgraded' },       AWAITING,   []],
  ['stays closed',                               CLOSED,        ACK,                      CLOSED,     []],
])('%s', ([, state, event, next, effects]) => {
  const [reached, done] = stepInitiator(state, event);
  expect([reached, done.map(show)]).toEqual([next, effects]);
});

test.for(Object.keys(FRAMING_FAULTS) as FramingFault[])('maps the fault %s', (name) => {
  const [, [effect]] = stepInitiator(AWAITING, fault(name));
  expect(effect).toMatchObject({
    do: 'abort',
    error: { code: FRAMING_FAULTS[name].code, framingFault: name },
  });
});
