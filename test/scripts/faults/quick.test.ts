// Every fault of the harness, in its quick form: real processes, real faults, all promises kept.
import { expect, test } from 'vitest';
import { FAULTS } from '../../../scripts/faults/catalogue.ts';
import type { Result } from '../../../scripts/faults/report.ts';
import { program } from '../../helpers/command.ts';

const MAIN = 'dist/scripts/faults/main.js';
// A machine that tests may have other work.
const TIMEOUT_MS = 180_000;

async function play(name: string): Promise<{ readonly status: number | null; result: Result }> {
  // With all that it has started: a test that takes too long leaves nothing behind.
  const options = { input: '', isGroup: true };
  const faults = program([process.execPath, MAIN, name, '--quick', '--json'], options);
  const { status, stdout, stderr } = await faults.finished;
  const [, line] = stdout.split('\n'); // after what it was measured on
  if (line === undefined || line === '') throw new Error(`no result: ${stdout}${stderr}`);
  return { status, result: JSON.parse(line) as Result };
}

test.for(FAULTS.map(({ name, does }) => [name, does] as const))(
  '%s: %s',
  { timeout: TIMEOUT_MS },
  async ([name], { skip }) => {
    const { status, result } = await play(name);
    if (result.skipped !== undefined) skip(result.skipped);
    const broken = result.promises.filter(({ isKept }) => !isKept);
    // Printed even where the test is tried again: otherwise nobody would hear of it.
    for (const { promise, got } of broken) console.error(`${name} broke: ${promise}: ${got}`);
    expect(broken).toEqual([]);
    expect(result.promises.length).toBeGreaterThan(1);
    expect(status).toBe(0);
  },
);

test('a fault that does not exist is refused by name', async () => {
  const { status } = await program([process.execPath, MAIN, 'no-such-fault']).finished;
  expect(status).toBe(64);
});
