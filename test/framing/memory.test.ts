// Memory of long messages is used again, and nothing of one message is ever seen in another.
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { RecordType } from '../../shared/framing/records.ts';

const LIMITS = { ...DEFAULT_LIMITS, maxReceivedMessageSize: 8_388_608 };
const PIECE = 65_536;

/** A sized envelope of `length` bytes, all of them `value`. */
function envelope(length: number, value: number): Uint8Array {
  const size: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 128)) {
    size.push((left % 128) | (left > 127 ? 0x80 : 0));
  }
  const bytes = new Uint8Array(1 + size.length + length).fill(value);
  bytes.set([RecordType.SizedEnvelope, ...size]);
  return bytes;
}

/** Reads what arrives in pieces, each of them in memory that is written over afterwards. */
function* read(decoder: RecordDecoder, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.slice(at, at + PIECE);
    decoder.push(piece);
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      if (record.type !== 'sized-envelope') throw new Error(`a record of type ${record.type}`);
      yield record.bytes.subarray(record.start, record.end);
    }
    piece.fill(0xff);
  }
}

function only(decoder: RecordDecoder, bytes: Uint8Array): Uint8Array {
  const [one, ...others] = [...read(decoder, bytes)];
  expect(others).toEqual([]);
  return one ?? new Uint8Array(0);
}

test('a long message after another is read into the same memory', () => {
  const decoder = new RecordDecoder(LIMITS);
  const first = only(decoder, envelope(1_000_000, 1)).buffer;
  expect(only(decoder, envelope(900_000, 2)).buffer).toBe(first);
  // Nor does it matter whose connection it is.
  expect(only(new RecordDecoder(LIMITS), envelope(1_000_000, 3)).buffer).toBe(first);
});

test.each([
  ['short', 100_000, 100_000],
  ['less than half as long', 1_000_000, 400_000],
])('a message is not, where it is %s', (_, before, after) => {
  const first = only(new RecordDecoder(LIMITS), envelope(before, 1)).buffer;
  expect(only(new RecordDecoder(LIMITS), envelope(after, 2)).buffer).not.toBe(first);
});

test('what is kept is bounded', () => {
  const decoders = Array.from({ length: 12 }, () => new RecordDecoder(LIMITS));
  const long = envelope(2_000_000, 1);
  // All arrive at once, so that each has memory of its own.
  for (const decoder of decoders) decoder.push(long.slice(0, 100));
  for (const decoder of decoders) decoder.next();
  const memories = new Set<unknown>();
  for (const decoder of decoders) memories.add(only(decoder, long.slice(100)).buffer);
  expect(memories.size).toBe(12);
  for (const decoder of decoders) decoder.push(long.slice(0, 100));
  for (const decoder of decoders) decoder.next();
  const again = decoders.filter((decoder) => memories.has(only(decoder, long.slice(100)).buffer));
  // 4 MiB in all, of which other tests may have left something.
  expect([1, 2]).toContain(again.length);
});

test('of messages that arrive in turns, each is whole, and has nothing of another', () => {
  const pairs = [3, 4, 5, 6].map((value) => ({
    value,
    decoder: new RecordDecoder(LIMITS),
    bytes: envelope(300_000 + value * 70_000, value),
  }));
  for (let turn = 0; turn < 20; turn++) {
    const readers = pairs.map(({ decoder, bytes }) => read(decoder, bytes));
    pairs.forEach(({ value, bytes }, index) => {
      const message = readers[index]?.next().value as Uint8Array;
      expect(message.every((byte) => byte === value)).toBe(true);
      expect(message.length).toBe(bytes.length - 4);
      expect(readers[index]?.next().done).toBe(true);
    });
  }
});
