// The rest of a long record is read to where it belongs, and what is read is the same as if it had been copied there.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { beginEnvelope, endEnvelope } from '../../shared/framing/encoder.ts';
import { RecordType } from '../../shared/framing/records.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';

const LIMITS = { ...DEFAULT_LIMITS, maxReceivedMessageSize: 8_388_608 };
const SHARED = 65_536;

/** Envelopes of these lengths; each has bytes of its own. */
function envelopes(
  lengths: readonly number[],
  type: number = RecordType.SizedEnvelope,
): Uint8Array {
  const out = new OctetWriter();
  for (const [index, length] of lengths.entries()) {
    beginEnvelope(out, type);
    out.append(payload(index, length));
    endEnvelope(out);
  }
  return out.toBytes();
}

function payload(index: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at * 31 + index * 7;
  return bytes;
}

/**
 * Reads as a socket does: into the decoder's room, if it has some and may be asked, otherwise into memory that is
 * written over afterwards.
 *
 * @param pieces how many bytes each read yields at most
 * @returns payloads, and how many bytes were read to where they belong
 */
function readAll(bytes: Uint8Array, pieces: readonly number[], asks = true) {
  const decoder = new RecordDecoder(LIMITS);
  const shared = new Uint8Array(SHARED);
  const payloads: Uint8Array[] = [];
  let inPlace = 0;
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const room = asks ? decoder.room : undefined;
    const into = room ?? shared;
    const piece = bytes.subarray(at, at + Math.min(into.length, pieces[turn % pieces.length] ?? 1));
    into.set(piece);
    at += piece.length;
    if (room !== undefined) inPlace += piece.length;
    decoder.push(into.subarray(0, piece.length));
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      if (record.type !== 'sized-envelope' && record.type !== 'unsized-envelope')
        throw new Error(record.type);
      payloads.push(record.bytes.slice(record.start, record.end));
    }
    shared.fill(0xff);
  }
  expect(decoder.atBoundary).toBe(true);
  return { payloads, inPlace };
}

test('most of a long message is read to where it belongs, and nothing of short ones', () => {
  expect(readAll(envelopes([1_000_000]), [SHARED]).inPlace).toBeGreaterThan(900_000);
  expect(readAll(envelopes([1_000_000]), [SHARED], false).inPlace).toBe(0);
  expect(readAll(envelopes([30_000, 20_000, 100]), [1_000]).inPlace).toBe(0);
});

test.each([
  ['sized', RecordType.SizedEnvelope],
  ['unsized', RecordType.UnsizedEnvelope],
])('%s envelopes of all lengths arrive as they were sent, in whatever pieces', (_, type) => {
  const lengths = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 30_000, max: 200_000 })),
    { minLength: 1, maxLength: 5 },
  );
  const pieces = fc.array(fc.oneof(fc.integer({ min: 1_000, max: SHARED }), fc.constant(500_000)), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(lengths, pieces, (sent, cuts) => {
      const { payloads } = readAll(envelopes(sent, type), cuts);
      expect(payloads.map((one) => one.length)).toEqual(sent);
      const wrong = payloads.findIndex(
        (one, at) => Buffer.compare(one, payload(at, one.length)) !== 0,
      );
      expect(wrong).toBe(-1);
    }),
    { numRuns: 40 },
  );
});

test('the room ends where the record does', () => {
  const decoder = new RecordDecoder(LIMITS);
  const bytes = envelopes([100_000, 100]);
  decoder.push(bytes.slice(0, 50_000));
  expect(decoder.next()).toBeUndefined();
  const record = bytes.length - envelopes([100]).length;
  expect(decoder.room?.length).toBe(record - 50_000);
  // Bytes that were read elsewhere all the same are taken, too.
  decoder.push(bytes.slice(50_000, 60_000));
  expect(decoder.next()).toBeUndefined();
  expect(decoder.room?.length).toBe(record - 60_000);
  decoder.push(bytes.slice(60_000));
  expect(decoder.next()).toMatchObject({ type: 'sized-envelope' });
  expect(decoder.room).toBeUndefined();
});
