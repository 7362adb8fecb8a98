import { expect, test } from 'vitest';
import { NetTcpError } from '../../shared/errors.ts';
import type { FramingRecord } from '../../shared/framing/records.ts';
import {
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
} from '../../shared/session/receiver-state.ts';
import { stepReceiver } from '../../shared/session/receiver.ts';
import { empty, envelope, message, readPreamble, readStreamed, readVia, via } from './records.ts';
import { printable, untrusted } from '../../shared/printable.ts';

const record = (one: FramingRecord): ReceiverEvent => ({ on: 'record', record: one });
const eof = (atBoundary = true): ReceiverEvent => ({ on: 'eof', atBoundary });
const version = (major: number, minor = 0): ReceiverEvent =>
  record({ type: 'version', major, minor });
const END: ReceiverEvent = { on: 'end' };
const PEER_END = record({ type: 'end' });

const START = RECEIVER_START;
const MODE: ReceiverState = { at: 'mode' };
const VIA: ReceiverState = { at: 'via', mode: 2 };
const ENCODING: ReceiverState = { at: 'encoding', mode: 2, via: readVia };
const ROUTING: ReceiverState = { at: 'routing', preamble: readPreamble };
const PREAMBLE_END: ReceiverState = { at: 'preamble-end', preamble: readPreamble };
const TLS = 'application/ssl-tls';
const request = (upgrade: string): ReceiverEvent =>
  record({ type: 'upgrade-request', upgrade: untrusted(upgrade) });
const WANTS_UPGRADE: ReceiverState = { at: 'upgrade', preamble: readPreamble, upgrade: TLS };
const UPGRADING: ReceiverState = { at: 'upgrading', preamble: readPreamble };
const STREAMED_END: ReceiverState = { at: 'preamble-end', preamble: readStreamed };
const OPEN: ReceiverState = { at: 'open', isStreamed: false };
const STREAMED: ReceiverState = { at: 'open', isStreamed: true };
const PEER_ENDED: ReceiverState = { at: 'peer-ended', eof: false, isStreamed: false };
const PEER_GONE: ReceiverState = { at: 'peer-ended', eof: true, isStreamed: false };
const STREAMED_ENDED: ReceiverState = { at: 'peer-ended', eof: false, isStreamed: true };
const STREAMED_GONE: ReceiverState = { at: 'peer-ended', eof: true, isStreamed: true };
const ENDING: ReceiverState = { at: 'ending' };
const CLOSED: ReceiverState = { at: 'closed' };

/** Effects as rows write them: an error by its code, a fault by its name. */
function show(effect: ReceiverEffect): string {
  if (effect.do === 'fault') return `fault ${effect.fault}`;
  if (effect.do === 'abort') return `abort ${effect.error.code}`;
  if (effect.do === 'route') return `route ${printable(effect.preamble.via)}`;
  const error = effect.do === 'close' ? effect.error : undefined;
  return error === undefined ? effect.do : `${effect.do} ${error.code}`;
}

// The whole machine on one screen: state, event => next state, effects.
// prettier-ignore
test.for<[string, ReceiverState, ReceiverEvent, ReceiverState, string[]]>([
  ['takes version 1.0',                        START,        version(1),                                   MODE,         []],
  ['takes any minor version',                  START,        version(1, 9),                                MODE,         []],
  ['refuses another major version',            START,        version(2),                                   CLOSED,       ['fault UnsupportedVersion']],
  ['refuses to begin with anything else',      START,        PEER_END,                                     CLOSED,       ['fault InvalidRecordSequence']],
  ['takes the end of the stream for an end',   START,        eof(),                                        CLOSED,       ['close']],
  ['but not within a record',                  START,        eof(false),                                   CLOSED,       ['abort Communication']],
  ['takes duplex mode',                        MODE,         record({ type: 'mode', mode: 2 }),            VIA,          []],
  ['takes streamed mode',                      MODE,         record({ type: 'mode', mode: 1 }),            { at: 'via', mode: 1 }, []],
  ['refuses simplex mode',                     MODE,         record({ type: 'mode', mode: 3 }),            CLOSED,       ['fault UnsupportedMode']],
  ['refuses singleton-sized mode',             MODE,         record({ type: 'mode', mode: 4 }),            CLOSED,       ['fault UnsupportedMode']],
  ['refuses mode 0',                           MODE,         record({ type: 'mode', mode: 0 }),            CLOSED,       ['fault UnsupportedMode']],
  ['refuses a second version',                 MODE,         version(1),                                   CLOSED,       ['fault InvalidRecordSequence']],
  ['gives up when the stream ends too early',  MODE,         eof(),                                        CLOSED,       ['abort Communication']],
  ['takes a via',                              VIA,          record({ type: 'via', via: readVia }),        ENCODING,     []],
  ['refuses an encoding in its place',         VIA,          record({ type: 'encoding', encoding: 8 }),    CLOSED,       ['fault InvalidRecordSequence']],
  ['asks where it leads',                      ENCODING,     record({ type: 'encoding', encoding: 8 }),    ROUTING,      [`route ${via}`]],
  ['goes on when told',                        ROUTING,      { on: 'routed' },                             PREAMBLE_END, []],
  ['refuses when told',                        ROUTING,      { on: 'refused', fault: 'ServerTooBusy' },    CLOSED,       ['fault ServerTooBusy']],
  ['refuses before a handshake begins',        UPGRADING,    { on: 'refused', fault: 'ServerTooBusy' },    CLOSED,       ['fault ServerTooBusy']],
  ['acknowledges the preamble',                PREAMBLE_END, record({ type: 'preamble-end' }),             OPEN,         ['send-ack']],
  ['acknowledges a streamed one',              STREAMED_END, record({ type: 'preamble-end' }),             STREAMED,     ['send-ack']],
  ['offers no upgrade',                        PREAMBLE_END, record({ type: 'upgrade-request', upgrade: untrusted('x') }), CLOSED,  ['fault UpgradeInvalid']],
  ['wants the upgrade that it needs',          ROUTING,      { on: 'routed', upgrade: TLS },               WANTS_UPGRADE, []],
  ['begins it when it is asked for',           WANTS_UPGRADE, request(TLS),                                UPGRADING,    ['upgrade']],
  ['refuses another upgrade',                  WANTS_UPGRADE, request('application/negotiate'),            CLOSED,       ['fault UpgradeInvalid']],
  ['refuses a preamble without one',           WANTS_UPGRADE, record({ type: 'preamble-end' }),            CLOSED,       ['close SecurityNegotiation']],
  ['refuses a message in the clear',           WANTS_UPGRADE, record(envelope),                            CLOSED,       ['fault InvalidRecordSequence']],
  ['takes nothing in the clear meanwhile',     UPGRADING,    record({ type: 'preamble-end' }),             CLOSED,       ['abort SecurityNegotiation']],
  ['not even a second request',                UPGRADING,    request(TLS),                                 CLOSED,       ['abort SecurityNegotiation']],
  ['goes on after it',                         UPGRADING,    { on: 'upgraded' },                           { ...PREAMBLE_END, isSecured: true }, []],
  ['is not upgraded without a request',        WANTS_UPGRADE, { on: 'upgraded' },                          WANTS_UPGRADE, []],
  ['gives up when the stream ends before it',  WANTS_UPGRADE, eof(),                                       CLOSED,       ['abort Communication']],
  ['lets a handshake end that has begun',      UPGRADING,    END,                                          UPGRADING,    []],
  ['and its preamble',                         { ...PREAMBLE_END, isSecured: true }, END,                  { ...PREAMBLE_END, isSecured: true }, []],
  ['refuses a message before the ack',         PREAMBLE_END, record(envelope),                             CLOSED,       ['fault InvalidRecordSequence']],
  ['delivers a message',                       OPEN,         record(envelope),                             OPEN,         ['deliver']],
  ['ignores an empty one',                     OPEN,         record(empty),                                OPEN,         []],
  ['refuses a streamed one in duplex mode',    OPEN,         record(message),                              CLOSED,       ['fault InvalidRecordSequence']],
  ['delivers a streamed message',              STREAMED,     record(message),                              STREAMED,     ['deliver']],
  ['refuses a sized one in streamed mode',     STREAMED,     record(envelope),                             CLOSED,       ['fault InvalidRecordSequence']],
  ['refuses a second preamble before the end', OPEN,         version(1),                                   CLOSED,       ['fault InvalidRecordSequence']],
  ['finishes when the peer ends',              OPEN,         PEER_END,                                     PEER_ENDED,   ['finish']],
  ['finishes when the peer just closes',       OPEN,         eof(),                                        PEER_GONE,    ['finish']],
  ['gives up on half a record',                OPEN,         eof(false),                                   CLOSED,       ['abort Communication']],
  ['answers End with one End, and is ready',   PEER_ENDED,   END,                                          START,        ['send-end', 'reuse']],
  ['answers End, then closes',                 PEER_GONE,    END,                                          CLOSED,       ['send-end', 'close']],
  ['sees the stream end after End',            PEER_ENDED,   eof(),                                        PEER_GONE,    []],
  ['knows of a streamed one that it was',      STREAMED,     PEER_END,                                     STREAMED_ENDED, ['finish']],
  ['and that it was, when the peer closes',    STREAMED,     eof(),                                        STREAMED_GONE, ['finish']],
  ['and when it closes later',                 STREAMED_ENDED, eof(),                                      STREAMED_GONE, []],
  ['takes nothing after End',                  PEER_ENDED,   record(envelope),                             CLOSED,       ['fault InvalidRecordSequence']],
  ['ends by itself',                           OPEN,         END,                                          ENDING,       ['send-end']],
  ['says End only once',                       ENDING,       END,                                          ENDING,       []],
  ['is ready when the peer has ended, too',    ENDING,       PEER_END,                                     START,        ['reuse']],
  ['drops what comes after its End',           ENDING,       record(envelope),                             ENDING,       []],
  ['is over when the peer closes then',        ENDING,       eof(),                                        CLOSED,       ['close']],
  ['closes before a session',                  START,        END,                                          CLOSED,       ['close']],
  ['closes within a preamble',                 ENCODING,     END,                                          CLOSED,       ['close']],
  ['stays closed',                             CLOSED,       record(envelope),                             CLOSED,       []],
])('%s', ([, state, event, next, effects]) => {
  const [reached, done] = stepReceiver(state, event);
  expect([reached, done.map(show)]).toEqual([next, effects]);
});

test('answers bytes that the decoder refuses with the fault that goes with them, or with none', () => {
  const known = new NetTcpError('QuotaExceeded', 'x', { framingFault: 'ViaTooLong' });
  expect(stepReceiver(VIA, { on: 'invalid', error: known })[1].map(show)).toEqual([
    'fault ViaTooLong',
  ]);
  const unknown = new NetTcpError('Protocol', 'x');
  expect(stepReceiver(OPEN, { on: 'invalid', error: unknown })[1].map(show)).toEqual([
    'abort Protocol',
  ]);
});

test.for<[ReceiverState, isAnswer: boolean]>([
  [ROUTING, false],
  [OPEN, false],
  [PEER_ENDED, false],
  [STREAMED, true],
  [STREAMED_ENDED, true],
  [STREAMED_GONE, true],
])('refused in state %o: in the answer that is due, %s, or in a record', ([state, isAnswer]) => {
  const [, [effect]] = stepReceiver(state, { on: 'refused', fault: 'ServerTooBusy' });
  expect(effect).toMatchObject({ do: 'fault', fault: 'ServerTooBusy' });
  expect(effect !== undefined && 'isAnswer' in effect).toBe(isAnswer);
});
