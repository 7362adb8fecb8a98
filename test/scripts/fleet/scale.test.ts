// The machines of a large fleet, and what is said of its figures.
import { expect, test } from 'vitest';
import { formatScale } from '../../../scripts/fleet/scale/command.ts';
import { simulatedMachines } from '../../../scripts/fleet/scale/documents.ts';
import { isPlace } from '../../../shared/fleet/registry/machine.ts';

test.for([
  [1, 2],
  [3, 10],
  [10_000, 30_001],
])(
  '%d machines have %d paths in all, each another one, at places of loopback',
  ([count = 0, paths = 0]) => {
    const machines = [...simulatedMachines(count, paths, 9_000)];
    const places = new Set(machines.map(({ at }) => at));
    expect(places.size).toBe(count);
    expect([...places].filter((at) => !isPlace(at) || !at.startsWith('127.'))).toEqual([]);
    expect(new Set(machines.flatMap((machine) => [...machine.paths])).size).toBe(paths);
    const least = Math.min(...machines.map((machine) => machine.paths.size));
    expect(least).toBe(Math.floor(paths / count));
  },
);

test('figures are told as a table, times of connections as ratios', () => {
  const latency = (p50: number, p99: number) => ({ count: 7, p50, p99, max: 9 });
  const lines = formatScale({
    machines: 2,
    paths: 5,
    publishSeconds: 1.25,
    applySeconds: 2,
    swapSeconds: 0.5,
    failed: 1,
    memory: { HAProxy: 2_048, front: 1_024, etcd: 512 },
    before: latency(1, 2),
    during: latency(1.5, 8),
  });
  expect(lines).toContain('| memory of HAProxy, of `front`, of etcd | 2 MiB, 1 MiB, 1 MiB |');
  expect(lines).toContain(
    '| connections meanwhile ÷ before: p50, p99 | 1.5, 4.0 (7 and 7 of them) |',
  );
  expect(lines).toContain('| connections that failed | 1 |');
});
