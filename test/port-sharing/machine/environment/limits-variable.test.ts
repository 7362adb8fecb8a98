import { expect, test } from 'vitest';
import { parseLimits } from '../../../../shared/port-sharing/machine/environment/limits-variable.ts';

test('reads limits as the environment writes them', () => {
  expect(parseLimits('')).toEqual({});
  expect(parseLimits('maxDepth=3, idleExitMs=0,')).toEqual({ maxDepth: 3, idleExitMs: 0 });
});

test.for(['maxDepth', 'maxDepth=', 'maxDepth=x', 'maxDepth=1=2', 'nothing=1', '=1'])(
  'refuses %j',
  (text) => {
    expect(() => parseLimits(text)).toThrow(expect.objectContaining({ code: 'Usage' }));
  },
);
