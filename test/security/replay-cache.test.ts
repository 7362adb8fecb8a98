import { expect, test } from 'vitest';
import { utf8 } from '../../shared/security/bytes.ts';
import { ReplayCache } from '../../shared/security/replay-cache.ts';

test('an entry can be used once, until it would be too old', () => {
  const cache = new ReplayCache({ batchMs: 1_000 });
  expect(cache.use(utf8('a'), 5_000, 0)).toBe(true);
  expect(cache.use(utf8('b'), 5_000, 0)).toBe(true);
  expect(cache.use(utf8('a'), 5_000, 0)).toBe(false);
  expect(cache.use(utf8('a'), 9_000, 4_999)).toBe(false);
  expect(cache.size).toBe(2);
  expect(cache.use(utf8('c'), 9_000, 6_001)).toBe(true);
  expect(cache.size).toBe(1);
});

test('an entry is never forgotten too early, whichever batch it is in', () => {
  for (let expires = 1; expires < 40; expires++) {
    const cache = new ReplayCache({ batchMs: 7 });
    cache.use(utf8('a'), expires, 0);
    expect(cache.use(utf8('a'), expires, expires)).toBe(false);
    expect(cache.use(utf8('b'), 100, expires + 8) && cache.size).toBe(1);
  }
});

test('at the limit one more is refused, and none is forgotten', () => {
  const cache = new ReplayCache({ maxEntries: 2, batchMs: 1_000 });
  cache.use(utf8('a'), 1_000, 0);
  cache.use(utf8('b'), 1_000, 0);
  expect(() => cache.use(utf8('c'), 1_000, 0)).toThrow(
    expect.objectContaining({ code: 'ServerTooBusy' }),
  );
  expect(cache.use(utf8('a'), 1_000, 0)).toBe(false);
  expect(cache.use(utf8('c'), 3_000, 2_000)).toBe(true);
});
