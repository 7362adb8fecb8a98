import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { getEventListeners } from 'node:events';
import { Moment, sleep, Sweeper } from '../shared/time.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a sleep lasts as long as it says, or its share more or less', async () => {
  for (const [random, ms] of [
    [0, 80],
    [0.5, 100],
    [1, 120],
  ] as const) {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const woken = vi.fn();
    void sleep(100, 0.2).then(woken);
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(woken).toHaveBeenCalled();
    vi.restoreAllMocks();
  }
});

test('a sleep ends when its signal fires, and leaves nothing at one that does not', async () => {
  const controller = new AbortController();
  const woken = vi.fn();
  void sleep(100, 0, controller.signal).then(woken);
  await vi.advanceTimersByTimeAsync(100);
  expect(woken).toHaveBeenCalledTimes(1);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  void sleep(100, 0, controller.signal).then(woken);
  controller.abort();
  void sleep(100, 0, controller.signal).then(woken);
  await vi.advanceTimersByTimeAsync(0);
  expect(woken).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('a sweeper looks as long as it finds something, and at the shortest time that was asked for', async () => {
  let left = 3;
  const sweep = vi.fn(() => (--left > 0 ? 10 : Infinity));
  const sweeper = new Sweeper(sweep);
  sweeper.lookEvery(1_000);
  sweeper.lookEvery(10);
  sweeper.lookEvery(500);
  await vi.advanceTimersByTimeAsync(9);
  expect(sweep).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(sweep).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(sweep).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
  left = 1;
  sweeper.lookEvery(20);
  await vi.advanceTimersByTimeAsync(20);
  expect(sweep).toHaveBeenCalledTimes(4);
});

test('a stopped sweeper looks no more, until it is asked to again', async () => {
  const sweep = vi.fn(() => 10);
  const sweeper = new Sweeper(sweep);
  sweeper.lookEvery(10);
  sweeper.stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(sweep).not.toHaveBeenCalled();
  sweeper.lookEvery(Infinity);
  expect(vi.getTimerCount()).toBe(0);
  sweeper.lookEvery(10);
  await vi.advanceTimersByTimeAsync(10);
  expect(sweep).toHaveBeenCalledTimes(1);
  sweeper.stop();
});

test.for<[clock: string, setByMs: number, tells: string]>([
  ['nobody sets', 0, '2026-11-25T08:00:00.000Z'],
  ['is set right little by little', -900, '2026-11-25T08:00:00.000Z'],
  ['is set back', -86_400_000, '2026-11-24T08:00:00.000Z'],
  [
    'is set forward, or has gone on while the machine slept',
    86_400_000,
    '2026-11-25T08:00:00.000Z',
  ],
])('a moment by a clock that %s', ([, setByMs, tells]) => {
  let setBy = 0;
  let elapsed = 5_000;
  const now = (): number => Date.UTC(2026, 10, 25, 8) + elapsed - 5_000 + setBy;
  const moment = new Moment({ now, elapsed: () => elapsed });
  elapsed += 60_000;
  expect(moment.toISOString()).toBe('2026-11-25T08:00:00.000Z');
  setBy = setByMs;
  expect(moment.toISOString()).toBe(tells);
  elapsed += 60_000;
  expect(moment.toISOString()).toBe(tells);
  setBy = 0;
  expect(moment.toISOString()).toBe('2026-11-25T08:00:00.000Z');
});
