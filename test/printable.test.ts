import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../shared/printable.ts';

test.for<[text: string, shown: string]>([
  ['net.tcp://localhost/é漢😀', 'net.tcp://localhost/é漢😀'],
  ['\x1b]0;title\x07', '\\u001b]0;title\\u0007'],
  ['a\r\nb', 'a\\u000d\\u000ab'],
  ['\x7f\x9b', '\\u007f\\u009b'],
  ['\u202Eabc', '\\u202eabc'],
  ['\u2028', '\\u2028'],
  ['\ud800', '\\ud800'],
  ['x'.repeat(300), `${'x'.repeat(256)}…`],
])('%j becomes %s', ([text, shown]) => {
  expect(printable(text)).toBe(shown);
});

test('nothing is left that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      // eslint-disable-next-line no-control-regex
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/u);
    }),
  );
});
