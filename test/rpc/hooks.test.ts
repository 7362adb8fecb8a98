// A hook that only observes may throw, and may be async: that costs nobody a call, and ends no process, not even one
// that ends at the first rejection that nobody observes.
import { expect, test } from 'vitest';
import { run } from '../../scripts/run.ts';

const HOOKS = [
  'onCall',
  'onConnectionError',
  'onHeaders',
  'onNotice',
  'onOperationError',
  'onSession',
];

test.for(['throws', 'rejects'])(
  'a hook that %s is told of, and costs nobody a call',
  async (how) => {
    const args = ['--unhandled-rejections=strict', 'dist/test/fixtures/failing-hooks.js', how];
    const { status, stdout, stderr } = await run([process.execPath, ...args]);
    expect({ status, said: JSON.parse(stdout) as unknown }).toEqual({
      status: 0,
      said: {
        outcomes: ['one', 'failed', how === 'throws' ? 'refused' : 'two', 'three'],
        called: HOOKS,
      },
    });
    for (const hook of HOOKS) {
      // A caller gets what his own hook threw, and an operation's errors go where they would go without a hook.
      const isWarned = hook !== 'onOperationError' && !(hook === 'onHeaders' && how === 'throws');
      const warning = `NetTcpWarning: The hook ${hook} failed: ${hook} of mine`;
      expect(stderr.includes(warning), hook).toBe(isWarned);
    }
    expect(stderr).toContain('onOperationError of mine');
  },
);
