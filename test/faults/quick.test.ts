// Every fault of the harness, in its quick form: real processes, real faults, all promises kept.
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { FAULTS } from '../../scripts/faults/catalogue.ts';
import type { Result } from '../../scripts/faults/report.ts';

const MAIN = 'dist/scripts/faults/main.js';
// Machines that test have other work, too.
const TIMEOUT_MS = 180_000;

function play(name: string): Promise<{ readonly status: number | null; readonly result: Result }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, name, '--quick', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGTERM'));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (status) => {
      try {
        const [, line = ''] = output.split('\n'); // behind what it was measured on
        resolve({ status, result: JSON.parse(line) as Result });
      } catch (cause) {
        reject(new Error(`no result: ${output}`, { cause }));
      }
    });
  });
}

test.for(FAULTS.map(({ name, does }) => [name, does] as const))(
  '%s: %s',
  { timeout: TIMEOUT_MS },
  async ([name], { skip }) => {
    const { status, result } = await play(name);
    if (result.skipped !== undefined) skip(result.skipped);
    const broken = result.promises.filter(({ isKept }) => !isKept);
    // Said even where the test is tried again: else nobody would hear of it.
    for (const { promise, got } of broken) console.error(`${name} broke: ${promise}: ${got}`);
    expect(broken).toEqual([]);
    expect(result.promises.length).toBeGreaterThan(1);
    expect(status).toBe(0);
  },
);

test('a fault that there is none of is refused by name', async () => {
  const child = spawn(process.execPath, [MAIN, 'no-such-fault'], { stdio: 'ignore' });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(64);
});
