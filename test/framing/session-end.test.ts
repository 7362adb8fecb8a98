import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SessionEnd } from '../../shared/framing/session-end.ts';
import { octets, pieces } from '../helpers/octets.ts';
import { preamble } from '../helpers/raw-client.ts';

const VIA = 'net.tcp://localhost:9000/calculator/4381';

/** A size as [MC-NMF] writes it. */
function size(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...size(value >>> 7)];
}

const sized = (payload: Uint8Array): number[] => [6, ...size(payload.length), ...payload];
const unsized = (chunks: readonly Uint8Array[]): number[] => [
  5,
  ...chunks.flatMap((chunk) => [...size(chunk.length), ...chunk]),
  0,
];

/** Payloads are full of what looks like an End. */
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((one) => one & 0x0f));
const envelope = fc.oneof(
  payload.map(sized),
  fc.array(payload.filter(({ length }) => length > 0)).map(unsized),
);
const session = fc.record({
  opening: fc.constantFrom<readonly number[]>(
    [...preamble(VIA)],
    [...preamble(VIA, 8)],
    [...preamble(VIA, 7, 1)],
    [0x0b],
  ),
  envelopes: fc.array(envelope, { maxLength: 5 }),
});

test('a session ends with its End, however it is cut, and nothing behind it is touched', () => {
  const property = fc.property(
    session,
    fc.uint8Array({ maxLength: 20 }),
    fc.integer({ min: 1, max: 400 }),
    ({ opening, envelopes }, behind, cut) => {
      const own = [...opening, ...envelopes.flat(), 7];
      const end = new SessionEnd();
      let passed = 0;
      for (const piece of pieces(Uint8Array.from([...own, ...behind]), cut)) {
        expect(end.isOver).toBe(passed === own.length);
        passed += end.pass(piece);
      }
      expect(passed).toBe(own.length);
      expect(end.isOver).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

describe('where no end can be seen, all belongs to the session', () => {
  test.each<readonly [string, string]>([
    ['an upgrade: what follows is in another language', '00 01 00 01 02 09 03 61 62 63 07 07'],
    ['no record of net.tcp', '47 45 54 07'],
    ['a size that is none', '06 ff ff ff ff ff 07'],
    ['a message that is not all there', '06 05 07 07 07 07'],
    ['chunks that go on', '05 01 07 01 07'],
  ])('%s', (_, wire) => {
    const end = new SessionEnd();
    const all = octets(wire);
    expect(end.pass(all)).toBe(all.length);
    expect(end.isOver).toBe(false);
  });
});
