import { expect, test } from 'vitest';
import { restMs } from '../../../shared/port-sharing/handshake/ask.ts';

test.for<[tookMs: number, restsMs: number]>([
  [0, 1_000],
  [100, 1_000],
  [101, 1_010],
  [2_000, 20_000],
])('a daemon that took %i ms to say its status is asked again after %i ms', ([tookMs, restsMs]) => {
  expect(restMs(tookMs, 1_000)).toBe(restsMs);
});
