// Envelopes have a fast path around the state machines: both must agree in every state.
import { expect, test } from 'vitest';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { deliverMessages } from '../../shared/session/envelopes.ts';
import { INITIATOR_START, takesReplies } from '../../shared/session/initiator-state.ts';
import { stepInitiator } from '../../shared/session/initiator.ts';
import { RECEIVER_START, takesRequests } from '../../shared/session/receiver-state.ts';
import { stepReceiver } from '../../shared/session/receiver.ts';
import { empty, envelope, preamble, readPreamble, readVia, streamed } from './records.ts';

const upgrade = { contentType: 'application/ssl-tls', showsCredential: true };

test.for([
  INITIATOR_START,
  { at: 'awaiting-upgrade', preamble, upgrade },
  { at: 'upgrading', preamble, upgrade },
  { at: 'awaiting-ack', preamble },
  { at: 'open', preamble },
  { at: 'open', preamble: streamed },
  { at: 'peer-ended', preamble },
  { at: 'ending', preamble },
  { at: 'ending', preamble: streamed },
  { at: 'closed' },
] as const)('a reply in state %o takes the fast path only where it is just delivered', (state) => {
  const [next, effects] = stepInitiator(state, { on: 'record', record: envelope });
  const isDelivered = next === state && effects.length === 1 && effects[0]?.do === 'deliver';
  expect(takesReplies(state)).toBe(isDelivered);
  if (!isDelivered) return;
  expect(stepInitiator(state, { on: 'record', record: empty })).toEqual([state, []]);
});

test.for([
  RECEIVER_START,
  { at: 'mode' },
  { at: 'via', mode: 2 },
  { at: 'encoding', mode: 2, via: readVia },
  { at: 'routing', preamble: readPreamble },
  { at: 'upgrade', preamble: readPreamble, upgrade: 'application/ssl-tls' },
  { at: 'upgrading', preamble: readPreamble },
  { at: 'preamble-end', preamble: readPreamble },
  { at: 'open', isStreamed: false },
  { at: 'open', isStreamed: true },
  { at: 'peer-ended', eof: false, isStreamed: false },
  { at: 'ending' },
  { at: 'closed' },
] as const)(
  'a request in state %o takes the fast path only where it is just delivered',
  (state) => {
    const [next, effects] = stepReceiver(state, { on: 'record', record: envelope });
    const isDelivered = next === state && effects.length === 1 && effects[0]?.do === 'deliver';
    expect(takesRequests(state)).toBe(isDelivered);
    if (!isDelivered) return;
    expect(stepReceiver(state, { on: 'record', record: empty })).toEqual([state, []]);
  },
);

test('messages are handed out until one of them changes the state; empty ones are left out', () => {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  const seen: number[] = [];
  const taker = {
    takesMessages: true,
    deliver(bytes: Uint8Array, start: number) {
      seen.push(bytes[start] ?? -1);
      taker.takesMessages = seen.length < 2;
    },
  };
  decoder.push(Uint8Array.of(6, 1, 10, 6, 0, 6, 1, 11, 6, 1, 12));
  deliverMessages(decoder, taker);
  expect(seen).toEqual([10, 11]);
  expect(decoder.next()).toMatchObject({ type: 'sized-envelope', start: 10, end: 11 });
});
