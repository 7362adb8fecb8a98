// Not expect(): it takes a member named `constructor` for the object's class.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as t from '../../../shared/contract/types/types.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { echo, hex, join, reply, request, written } from './codecs.ts';
import { everything as codecs, outcome, RIGHT } from './fuzz-target.ts';
import { text, typed } from './values.ts';

const MINUTE = 60_000;
const id = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('every value of every type comes back as it was, as argument and as result', () => {
  fc.assert(
    fc.property(typed, id, ({ type, value }, id) => {
      const codecs = echo(type);
      const operation = codecs.operation('Echo');
      const call = written((out) => codecs.client.writeRequest(out, id, operation, [value]));
      assert.deepEqual(request(codecs, call), { kind: 'call', id, operation, args: [value] });
      const answer = written((out) => codecs.service.writeResult(out, id, operation, value));
      assert.deepEqual(reply(codecs, answer), { kind: 'result', id, value });
    }),
    { numRuns: 3_000 },
  );
});

test('every bit pattern of a double comes back, as far as JavaScript can tell it', () => {
  const codecs = echo(t.double);
  const operation = codecs.operation('Echo');
  const bits = new DataView(new ArrayBuffer(8));
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (pattern) => {
      bits.setBigUint64(0, pattern);
      const value = bits.getFloat64(0);
      const answer = written((out) => codecs.service.writeResult(out, 1, operation, value));
      const read = reply(codecs, answer);
      if (read?.kind !== 'result' || !Object.is(read.value, value)) {
        throw new Error(`${pattern} became ${JSON.stringify(read)}`);
      }
    }),
    { numRuns: 100_000 },
  );
});

test('every fault comes back, its control characters made visible', () => {
  const codecs = echo(t.int);
  const printable = text.filter((chars) => !/[\p{C}\p{Z}]/u.test(chars));
  fc.assert(
    fc.property(printable, fc.option(printable), (message, detail) => {
      const fault = { code: 'ServerTooBusy', message, ...(detail !== null && { detail }) } as const;
      const answer = written((out) => codecs.service.writeFault(out, 1, fault));
      expect(reply(codecs, answer)).toStrictEqual({ kind: 'fault', id: 1, fault });
    }),
  );
});

test('a message that is cut off anywhere is none, or costs its call', () => {
  fc.assert(
    fc.property(typed, fc.nat(), ({ type, value }, at) => {
      const codecs = echo(type);
      const operation = codecs.operation('Echo');
      const call = written((out) => codecs.client.writeRequest(out, 1, operation, [value]));
      const answer = written((out) => codecs.service.writeResult(out, 1, operation, value));
      const cut = 'essage ends in the middle of a value';
      for (const read of [
        () => request(codecs, call.subarray(0, at % call.length)),
        () => reply(codecs, answer.subarray(0, at % answer.length)),
      ]) {
        const message = messageOf(read);
        if (!message.includes(cut)) throw new Error(message);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Why nothing was read, whether it ended the session or cost the call. */
function messageOf(read: () => ReturnType<typeof request> | ReturnType<typeof reply>): string {
  try {
    const outcome = read();
    if (outcome !== undefined && 'fault' in outcome) return outcome.fault.message;
  } catch (error) {
    if (error instanceof NetTcpError && error.code === 'Protocol') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

const MEMBERS = 'abcdefghijklmnopqrstuvwxyzABCDEF'.split('');

/** Where messages begin that any bytes go on from: nowhere, in the envelope, at each member. */
const starts = [
  ['', '94', '94 00', '94 00 01 a3 "Odd"', '94 00 01 a4 "Echo"', '94 00 01 a4 "Echo" 91 82 a1'],
  ['94 01 01', '94 01 01 c0', '94 01 01 c0 82 a1', '93 02', '93 02 a4 "Tell"'],
  MEMBERS.map((name) => `94 00 01 a4 "Echo" 91 81 a1 "${name}"`),
  MEMBERS.map((name) => `94 01 01 c0 81 a1 "${name}"`),
]
  .flat()
  .map(hex);

// Half of the bytes are first bytes of some format: uniform ones are mostly small integers.
const octet = fc.oneof(fc.integer({ min: 0x80, max: 0xdf }), fc.nat({ max: 0xff }));
const begun = fc
  .tuple(fc.constantFrom(...starts), fc.array(octet, { maxLength: 12 }))
  .map(([start, rest]) => join(start, new Uint8Array(rest)));

/** Messages with one byte changed. */
const damaged = fc.tuple(fc.constantFrom(...RIGHT), fc.nat(), octet).map(([message, at, wrong]) => {
  const copy = message.slice();
  copy[at % copy.length] = wrong;
  return copy;
});
const messages = fc.oneof({ weight: 3, arbitrary: begun }, damaged);

test(
  'any bytes are a message or a Protocol error',
  () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(messages, (message) => {
        seen.add(outcome(() => request(codecs, message)).kind);
        seen.add(outcome(() => reply(codecs, message)).kind);
      }),
      { numRuns: 100_000 },
    );
    // The bytes reached every way in which reading ends.
    const kinds = ['Protocol', 'call', 'callback', 'fault', 'one-way', 'refused', 'result'];
    expect([...seen].toSorted()).toEqual(kinds);
  },
  MINUTE,
);

test('bytes around a message change nothing', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const among = join(hex('c3 94 00 01'), message, hex('00 cb 01 02 03 04 05 06 07 08'));
      const [from, to] = [4, 4 + message.length];
      assert.deepEqual(
        outcome(() => codecs.service.readRequest(among, from, to)),
        outcome(() => request(codecs, message)),
      );
      assert.deepEqual(
        outcome(() =>
          codecs.client.readReply(among, from, to, codecs.operation.bind(null, 'Echo')),
        ),
        outcome(() => reply(codecs, message)),
      );
    }),
    { numRuns: 10_000 },
  );
});
