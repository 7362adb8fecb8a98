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

test.for([[['--only', 'no-such-fault']], [['--write', '--short']], [['--wrong']]])(
  '%s is refused',
  async ([words = []]) => {
    const { status, stdout } = await fleet(...words);
    expect(status).toBe(64);
    expect(stdout).toBe('');
  },
);
