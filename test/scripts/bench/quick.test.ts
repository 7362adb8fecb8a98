// Every case of the benchmark, in its quick form: it has to run and check its results, not to be fast.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CaseResult } from '../../../scripts/bench/case.ts';
import { CASES } from '../../../scripts/bench/cases/all.ts';
import { HANDED_OVER, OWN, RAW } from '../../../scripts/bench/contenders/all.ts';
import type { Finished } from '../../../scripts/process.ts';
import { program } from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

const MAIN = 'dist/scripts/bench/main.js';
const TIMEOUT_MS = 180_000;

/**
 * Runs the benchmark with these arguments; it ends with all that it has started. @returns its exit status, and what
 * it said of itself
 */
function bench(args: readonly string[]): Promise<Finished> {
  return program([process.execPath, MAIN, ...args], { input: '', isGroup: true }).finished;
}

test('every case gives figures', { timeout: TIMEOUT_MS }, async () => {
  const directory = scratchDirectory();
  const file = path.join(directory, 'bench.json');
  const args = ['--quick', '--no-install', '--json', file];
  expect(await bench(args)).toMatchObject({ status: 0 });

  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
    cases: Readonly<Record<string, CaseResult>>;
  };
  expect(Object.keys(cases)).toEqual(CASES.map(({ name }) => name));
  for (const [name, { tables }] of Object.entries(cases)) {
    for (const { title, rows } of tables) {
      expect(rows.length, `${name}: ${title}`).toBeGreaterThan(0);
      for (const { cells } of rows) {
        const figures = Object.values(cells).filter((spread) => Number.isFinite(spread?.median));
        expect(figures.length, `${name}: ${title}`).toBeGreaterThan(0);
      }
    }
  }
  const connect = cases['connect']?.tables[0]?.rows.map(({ name }) => name);
  expect(connect).toEqual([RAW, OWN, HANDED_OVER]);
});
