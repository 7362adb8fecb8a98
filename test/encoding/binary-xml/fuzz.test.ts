import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { RECORD, TEXT } from '../../../shared/encoding/binary-xml/records.ts';
import { ReceivedStrings } from '../../../shared/encoding/binary-xml/session-strings.ts';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { EVERYTHING, readsOrComplains } from './fuzz-target.ts';
import { mutations } from './mutations.ts';
import { octets } from './octets.ts';

// A busy machine may take long; a reader that hangs takes longer.
vi.setConfig({ testTimeout: 60_000 });
// Most cases end in an error; without their stacks it takes a third of the time.
Error.stackTraceLimit = 0;

test('the document to mutate is well-formed', () => {
  expect(toXml(EVERYTHING)).toContain('<n>1</n>');
});

test('any bytes are XML or a NetTcpError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 48 }), fc.boolean(), (payload, hasSession) => {
      readsOrComplains(payload, hasSession ? new ReceivedStrings(DEFAULT_LIMITS) : undefined);
    }),
    { numRuns: 25_000 },
  );
});

test('any records in an element are XML or a NetTcpError', () => {
  // Half of the bytes are record types, most of which need one, so that it gets far.
  const records = [0x01, 0x01, ...Object.values(RECORD), ...Object.values(TEXT)];
  const inside = fc
    .uint8Array({ maxLength: 48 })
    .map((octet) =>
      octet.map((value) => (value < 0x80 ? (records[value % records.length] ?? 0) : value & 0x0f)),
    );
  fc.assert(
    fc.property(inside, (payload) => {
      readsOrComplains(Uint8Array.of(...octets('40 01 "e"'), ...payload));
    }),
    { numRuns: 25_000 },
  );
});

test('any mutation of a document is XML or a NetTcpError', () => {
  for (const payload of mutations(EVERYTHING, 50_000, 1)) readsOrComplains(payload);
});

test('a document that is cut short at any byte is malformed', () => {
  for (let end = 0; end < EVERYTHING.length; end++) {
    expect(() => toXml(EVERYTHING.subarray(0, end))).toThrow(
      expect.objectContaining({ code: 'Protocol' }),
    );
  }
});
