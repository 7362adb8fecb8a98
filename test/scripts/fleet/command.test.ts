// The command line of the fleet, where nothing has to be played.
import { expect, test } from 'vitest';
import { FLEET_FAULTS } from '../../../scripts/fleet/catalogue.ts';
import { program } from '../../helpers/command.ts';

const MAIN = 'dist/scripts/fleet/main.js';

const fleet = (...words: readonly string[]) =>
  program([process.execPath, MAIN, ...words], { input: '' }).finished;

test('--list names every fault, and says what a short run leaves out', async () => {
  const { status, stdout } = await fleet('--list');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(FLEET_FAULTS.length);
  expect(stdout).toContain('machine-cut: one machine is cut off for 15 s (not with --short)');
});

test('a short run says how long it waits itself', async () => {
  const lineOf = async (fault: string, ...words: readonly string[]): Promise<string | undefined> =>
    (await fleet('--list', ...words)).stdout.split('\n').find((line) => line.startsWith(fault));
  for (const [fault, full, short] of [
    ['registry-killed', '8 s', '3 s'],
    ['publisher-killed', '3 s', '1 s'],
  ] as const) {
    expect(await lineOf(fault)).toContain(` ${full} later`);
    expect(await lineOf(fault, '--short')).toContain(` ${short} later`);
  }
});
