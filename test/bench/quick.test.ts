// Every case of the benchmark, in its quick form: it must run, and check its results; not be fast.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CaseResult } from '../../scripts/bench/case.ts';
import { CASES } from '../../scripts/bench/cases/all.ts';
import { HANDED_OVER, OWN, RAW } from '../../scripts/bench/contenders/all.ts';

const MAIN = 'dist/scripts/bench/main.js';
const TIMEOUT_MS = 180_000;

/** Runs the benchmark with these arguments. @returns its exit status, and what it said of itself */
async function bench(args: readonly string[]): Promise<{ status: unknown; said: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGTERM'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

test('every case gives figures', { timeout: TIMEOUT_MS }, async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
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

test.each([
  ['--case', 'nothing'],
  ['--rounds', '0'],
  ['--rounds', '1.5'],
  ['--bogus', ''],
])('refuses %s %s with what it takes', async (...args) => {
  const { status, said } = await bench(args);
  expect(status).toBe(64);
  expect(said).toContain('npm run bench -- [options]');
  expect(said).not.toContain('    at ');
});
