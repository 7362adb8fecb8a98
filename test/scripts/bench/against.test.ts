// When a commit counts as worse than another; and that another commit is built and measured.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  judgeRatios,
  LEAST_ROUNDS,
  spreadOfMedian,
} from '../../../scripts/bench/against/verdict.ts';
import { program } from '../../helpers/command.ts';

const times = (count: number, ratio: number): number[] =>
  Array.from({ length: count }, () => ratio);

describe('the verdict', () => {
  test.for<[ratios: number[], better: 'low' | 'high', verdict: string]>([
    [times(15, 1), 'low', 'same'],
    [times(15, 1.05), 'low', 'worse'],
    [times(15, 1.05), 'high', 'better'],
    [times(15, 0.95), 'low', 'better'],
    [times(15, 0.95), 'high', 'worse'],
    // One round, or two, that something disturbed.
    [[...times(13, 1.05), 0.5, 0.9], 'low', 'worse'],
    [[...times(12, 1.05), 0.5, 0.9, 0.99], 'low', 'same'],
    [times(LEAST_ROUNDS, 1.05), 'low', 'worse'],
    [[...times(LEAST_ROUNDS - 1, 1.05), 0.99], 'low', 'same'],
    [times(LEAST_ROUNDS - 1, 1.05), 'low', 'too few rounds'],
    [times(15, NaN), 'low', 'too few rounds'],
  ])('%j, %s is better: %s', ([ratios, better, verdict]) => {
    expect(judgeRatios(ratios, better)).toBe(verdict);
  });

  test('of two equal packages is "same" nearly always', () => {
    let state = 7;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    let wrong = 0;
    for (let run = 0; run < 2_000; run++) {
      const ratios = Array.from({ length: 15 }, () => (1 + random()) / (1 + random()));
      if (judgeRatios(ratios, 'low') !== 'same') wrong += 1;
    }
    // 0.5 % on each side.
    expect(wrong).toBeLessThan(2_000 * 0.02);
    expect(wrong).toBeGreaterThan(0);
  });

  test('has the spread that is printed', () => {
    expect(spreadOfMedian([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1, high: 4 });
    expect(spreadOfMedian([9, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15])).toEqual({
      median: 8,
      low: 3,
      high: 13,
    });
  });
});

test(
  'another commit is built, and measured beside this one',
  { timeout: 180_000 },
  async ({ skip }) => {
    if (!existsSync('.git')) skip('this is no git work tree');
    const args = ['--against', 'HEAD', '--quick', '--case', 'memory'];
    const bench = program([process.execPath, 'dist/scripts/bench/main.js', ...args], { input: '' });
    const { status, stdout, stderr } = await bench.finished;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\| idle connection, own port, resident KiB .*\| too few rounds \|/m);
  },
);

test('a commit that is not there is told by name', async () => {
  const args = ['--against', 'no-such-commit', '--quick'];
  const bench = program([process.execPath, 'dist/scripts/bench/main.js', ...args], { input: '' });
  const { status, stderr } = await bench.finished;
  expect(status).toBe(1);
  expect(stderr).toContain('There is no commit "no-such-commit"');
  expect(stderr).not.toContain('    at ');
});
