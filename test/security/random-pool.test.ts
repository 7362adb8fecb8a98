import { expect, test } from 'vitest';
import { pooledRandom } from '../../shared/security/random-pool.ts';

test('no bytes are given out twice, and each have memory of their own', () => {
  // More than the pool has: it is filled again, and a piece that does not fit into its rest is not cut.
  const all = [16, 32, 4, 1_000, 16, 1_024, 16].flatMap((size) =>
    Array.from({ length: 20 }, () => pooledRandom(size)),
  );
  for (const bytes of all) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  const pieces = all.filter(({ length }) => length > 4).map((bytes) => bytes.join());
  expect(new Set(pieces).size).toBe(pieces.length);
});

test('what waits is not zero: it was filled before any of it was given out', () => {
  for (let round = 0; round < 200; round++) {
    expect(pooledRandom(16).some((byte) => byte !== 0)).toBe(true);
  }
});
