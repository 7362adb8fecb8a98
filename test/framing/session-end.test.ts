import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SessionEnd } from '../../shared/framing/session-end.ts';
import { octets, pieces } from '../helpers/octets.ts';
import { preamble } from '../helpers/network/raw-client.ts';

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

test('a session ends with its End, however it is cut, and nothing after it is touched', () => {
  const property = fc.property(
    session,
    fc.uint8Array({ maxLength: 20 }),
    fc.integer({ min: 1, max: 400 }),
    ({ opening, envelopes }, behind, cut) => {
      const own = [...opening, ...envelopes.flat(), 7];
      const end = new SessionEnd();
      let passed = 0;
      for (const piece of pieces(Uint8Array.from([...own, ...behind]), cut)) {
        expect(end.mayBeOver).toBe(passed === own.length);
        passed += end.pass(piece);
      }
      expect(passed).toBe(own.length);
      expect(end.mayBeOver).toBe(true);
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
    expect(end.mayBeOver).toBe(false);
  });
});

describe('under TLS', () => {
  /** Records whose payloads are full of what looks like the beginning of a session. */
  const records = fc.array(
    fc.record({
      type: fc.constantFrom(20, 21, 22, 23),
      length: fc.integer({ min: 0, max: 300 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const tls = ({ type, length }: { type: number; length: number }): number[] => [
    type,
    3,
    3,
    length >> 8,
    length & 0xff,
    ...Array.from({ length }, (_, at) => at % 3),
  ];
  const UPGRADE = [9, 3, ...new TextEncoder().encode('tls')];

  test('a session ends where the next begins in the clear, however it is cut', () => {
    const property = fc.property(records, fc.integer({ min: 1, max: 400 }), (sent, cut) => {
      const own = [...preamble(VIA).slice(0, -1), ...UPGRADE, ...sent.flatMap(tls)];
      const end = new SessionEnd();
      let passed = 0;
      for (const piece of pieces(Uint8Array.from([...own, ...preamble(VIA)]), cut)) {
        const count = end.pass(piece);
        passed += count;
        if (count < piece.length) expect(end.mayBeOver).toBe(true);
      }
      expect(passed).toBe(own.length);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('what a service sends may be over between two records, and nowhere else', () => {
    const sent = [
      { type: 22, length: 2 },
      { type: 23, length: 0 },
      { type: 23, length: 5 },
    ];
    const ends = new Set<number>();
    const all = [0x0a, ...sent.flatMap(tls)];
    let at = 1;
    for (const { length } of sent) ends.add((at += 5 + length));
    const end = new SessionEnd();
    for (const [index, octet] of all.entries()) {
      expect(end.pass(Uint8Array.of(octet))).toBe(1);
      expect(end.mayBeOver, String(index)).toBe(ends.has(index + 1));
    }
  });

  test.each([
    ['NNS, whose first frame looks like a record', '09 01 6e 16 01 00 00 02 00 00 00 01 00 01'],
    ['a type that is none', '09 01 6e 16 03 03 00 01 aa 19 03 03 00 00 00 01 00'],
    ['a version that is none', '09 01 6e 16 03 03 00 01 aa 17 02 03 00 00 00 01 00'],
  ])('%s: all belongs to the session', (_, wire) => {
    const end = new SessionEnd();
    expect(end.pass(octets(wire))).toBe(octets(wire).length);
    expect(end.mayBeOver).toBe(false);
  });
});
