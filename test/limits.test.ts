import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, withLimits } from '../shared/limits.ts';

test('replaces what is named and keeps the rest', () => {
  expect(withLimits({ maxDepth: 3 })).toEqual({ ...DEFAULT_LIMITS, maxDepth: 3 });
  expect(withLimits()).toEqual(DEFAULT_LIMITS);
});

test.for<[string, unknown, string]>([
  ['maxDept', 3, 'there is no limit "maxDept"'],
  ['toString', 3, 'there is no limit "toString"'],
  ['maxDepth', -1, 'from 0 to 2147483647, not -1'],
  ['maxDepth', 1.5, 'from 0 to 2147483647, not 1.5'],
  ['maxDepth', NaN, 'from 0 to 2147483647, not NaN'],
  // A Node timer of more than this fires at once.
  ['preambleTimeoutMs', 2 ** 31, 'not 2147483648'],
])('refuses %s = %d', ([name, value, text]) => {
  expect(() => withLimits({ [name]: value })).toThrow(text);
});
