// The stack of a rejection leads to the line that made the call, not to a socket's event only. In processes of
// their own: the test runner rewrites stacks.
import { expect, test } from 'vitest';
import { run } from '../../../scripts/run.ts';

test.for(['msgpack', 'soap', 'streamed'])(
  'over %s each rejection names who awaits it',
  async (kind) => {
    const args = ['dist/test/fixtures/stacks.js', kind];
    const { stdout, stderr } = await run([process.execPath, ...args]);
    expect(stderr).toBe('');
    const stacks: Readonly<Record<string, string>> = JSON.parse(stdout);
    expect(Object.keys(stacks).length).toBeGreaterThan(15);
    for (const [what, stack] of Object.entries(stacks)) {
      expect(stack, what).toMatch(/^\w+(?:Exception|Error): .*\n {4}at /);
      expect(stack, what).toMatch(/\n {4}at (?:async )?theCaller /);
    }
  },
);
