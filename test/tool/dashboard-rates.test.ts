// What the dashboard makes of two looks at a daemon: how many of what happened in a second.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DaemonStatus } from '../../shared/port-sharing/handshake/status.ts';
import { received } from '../../shared/printable.ts';
import { DashboardRates } from '../../shared/tool/dashboard-rates.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Endpoint = Partial<DaemonStatus['registrations'][number]>;

/** Calls and faults a second after each look, which come a second after one another. */
function looks(...all: (readonly Endpoint[])[]): unknown[] {
  const rates = new DashboardRates();
  return all.map((endpoints) => {
    const point = rates.add(statusOf(endpoints));
    vi.advanceTimersByTime(1_000);
    return point?.slice(-2);
  });
}

function statusOf(endpoints: readonly Endpoint[], more: Partial<DaemonStatus> = {}) {
  return received<DaemonStatus>({
    pid: 1,
    version: '0.2.0',
    since: '2026-11-28T12:00:00Z',
    transfer: 'hand-over',
    activated: [],
    log: '/log',
    listeners: [],
    pending: 0,
    notFound: 0,
    dropped: 0,
    relaying: 0,
    registrations: endpoints.map((endpoint, index) => ({
      address: `net.tcp://localhost:9000/${index}`,
      pid: 7,
      since: '2026-11-28T12:00:01Z',
      listensOn: [],
      handedOver: 0,
      relayed: 0,
      queued: 0,
      refused: 0,
      ...endpoint,
    })),
    ...more,
  });
}

const calls = (count: number, faults = 0): Endpoint => ({ calls: count, faults });

test('a service that says only every other second what it did is steady', () => {
  const said = [0, 0, 20, 20, 40, 40, 60, 60, 80].map((count) => [calls(count, count / 10)]);
  expect(looks(...said).slice(4)).toEqual(Array.from({ length: 5 }, () => [10, 1]));
});

test('what a service has done before it came is not of now', () => {
  const before = [calls(8)];
  expect(looks(before, before, [...before, {}], [...before, calls(1_000, 100)])).toEqual([
    undefined,
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(looks([], [calls(1_000, 100)], [calls(1_004, 100)])).toEqual([undefined, [0, 0], [2, 0]]);
});

test('one that ends takes nothing with it', () => {
  expect(looks([calls(50)], [], [])).toEqual([undefined, [0, 0], [0, 0]]);
});

test('connections, refusals and what waits are of the last second', () => {
  const rates = new DashboardRates();
  rates.add(statusOf([{ handedOver: 5 }], { notFound: 1, dropped: 1 }));
  vi.advanceTimersByTime(2_000);
  const next = statusOf([{ handedOver: 9, relayed: 2, refused: 2, queued: 3 }, { handedOver: 2 }], {
    notFound: 5,
    dropped: 3,
    pending: 4,
    relaying: 6,
  });
  expect(rates.add(next)?.slice(1)).toEqual([3, 1, 2, 2, 7, 6, 0, 0]);
  rates.pause();
  expect(rates.add(next)).toBe(undefined);
  expect(rates.points).toHaveLength(1);
});
