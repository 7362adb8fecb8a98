import { expect, test } from 'vitest';
import { parseLimits } from '../../../../shared/port-sharing/machine/environment/limits-variable.ts';

test('reads limits as the environment writes them', () => {
  expect(parseLimits('', 'environment')).toEqual({});
  const limits = { maxDepth: 3, idleExitMs: 0 };
  expect(parseLimits('maxDepth=3, idleExitMs=0,', 'environment')).toEqual(limits);
});

test.for(['maxDepth', 'maxDepth=', 'maxDepth=x', 'maxDepth=1=2', 'nothing=1', '=1'])(
  'refuses %j',
  (text) => {
    expect(() => parseLimits(text, 'environment')).toThrow(
      expect.objectContaining({ code: 'Usage' }),
    );
  },
);
