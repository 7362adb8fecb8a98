import { beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../shared/security/bytes.ts';
import { ReplayCache } from '../../shared/security/replay-cache.ts';

/** On the clock that nobody sets. */
let elapsed = 0;
const clocks = { elapsed: () => elapsed };

beforeEach(() => void (elapsed = 0));

test('an entry can be used once, until it would be too old', () => {
  const cache = new ReplayCache({ batchMs: 1_000, clocks });
  expect(cache.use(utf8('a'), 5_000, 0)).toBe(true);
  expect(cache.use(utf8('b'), 5_000, 0)).toBe(true);
  expect(cache.use(utf8('a'), 5_000, 0)).toBe(false);
  expect(cache.use(utf8('a'), 9_000, 4_999)).toBe(false);
  expect(cache.size).toBe(2);
  elapsed = 6_001;
  expect(cache.use(utf8('c'), 9_000, 6_001)).toBe(true);
  expect(cache.size).toBe(1);
});

test('an entry is never forgotten too early, whichever batch it is in', () => {
  for (let expires = 1; expires < 40; expires++) {
    elapsed = 0;
    const cache = new ReplayCache({ batchMs: 7, clocks });
    cache.use(utf8('a'), expires, 0);
    elapsed = expires;
    expect(cache.use(utf8('a'), expires, expires)).toBe(false);
    elapsed = expires + 8;
    expect(cache.use(utf8('b'), 100, expires + 8) && cache.size).toBe(1);
  }
});

test('at the limit one more is refused, and none is forgotten', () => {
  const cache = new ReplayCache({ maxEntries: 2, batchMs: 1_000, clocks });
  cache.use(utf8('a'), 1_000, 0);
  cache.use(utf8('b'), 1_000, 0);
  expect(() => cache.use(utf8('c'), 1_000, 0)).toThrow(
    expect.objectContaining({ code: 'ServerTooBusy' }),
  );
  expect(cache.use(utf8('a'), 1_000, 0)).toBe(false);
  elapsed = 2_000;
  expect(cache.use(utf8('c'), 3_000, 2_000)).toBe(true);
});

test('a clock that is set forward and right again makes nothing forgotten', () => {
  const cache = new ReplayCache({ batchMs: 1_000, clocks });
  cache.use(utf8('a'), 300_000, 0);
  elapsed = 10;
  expect(cache.use(utf8('b'), 86_700_000, 86_400_000)).toBe(true);
  elapsed = 20;
  expect(cache.use(utf8('a'), 300_000, 20)).toBe(false);
});

test('a clock that is set back makes nothing forgotten that is valid for longer now', () => {
  const cache = new ReplayCache({ batchMs: 1_000, clocks });
  cache.use(utf8('a'), 300_000, 0);
  elapsed = 400_000;
  expect(cache.use(utf8('a'), 300_000, 200_000)).toBe(false);
  elapsed = 502_000;
  expect(cache.use(utf8('b'), 700_000, 302_000)).toBe(true);
  expect(cache.size).toBe(1);
});
