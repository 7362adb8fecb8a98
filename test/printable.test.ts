import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageOf } from '../shared/errors.ts';
import { printable, shown } from '../shared/printable.ts';

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

/** Runs code of its own wherever it can, and says that it did. */
const TRAP = {
  get: () => expect.fail('was read'),
  getPrototypeOf: () => expect.fail('was asked for its prototype'),
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

test.for<[what: string, value: unknown, text: string]>([
  ['text', 'a\nb', '"a\\u000ab"'],
  ['long text', 'x'.repeat(1e6), `"${'x'.repeat(64)}…"`],
  ['a number', 1.5, '1.5'],
  ['minus zero', -0, '-0'],
  ['no number', NaN, 'NaN'],
  ['a bigint', 5n, 'the bigint 5'],
  ['a huge bigint', 1n << 30_000_000n, 'a bigint of more than 128 bits'],
  ['a truth', true, 'true'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a symbol', Symbol('x'), 'a symbol'],
  ['a function', () => 1, 'a function'],
  ['an array', [1], 'an array'],
  ['bytes', new Uint8Array(1), 'a Uint8Array'],
  ['a Date', new Date(0), 'the Date 1970-01-01T00:00:00.000Z'],
  ['an invalid Date', new Date(NaN), 'an invalid Date'],
  [
    'a Date with a will of its own',
    Object.assign(new Date(0), { toISOString: () => expect.fail('was called') }),
    'the Date 1970-01-01T00:00:00.000Z',
  ],
  ['what only looks like a Date', Object.create(Date.prototype), 'an object'],
  ['what only looks like bytes', Object.create(Uint8Array.prototype), 'an object'],
  ['an object without a prototype', Object.create(null), 'an object'],
  ['an object that cannot be text', { toString: () => expect.fail('was called') }, 'an object'],
  ['a proxy', new Proxy({}, TRAP), 'an object'],
  ['a revoked proxy', revoked.proxy, 'an object'],
])('in a message, %s is shown for what it is', ([, value, text]) => {
  expect(shown(value)).toBe(text);
});

test.for<[what: string, caught: unknown, message: string]>([
  ['an error', new Error('why'), 'why'],
  ['text', 'why', 'why'],
  ['a number', 5, '5'],
  [
    'an object without a prototype',
    Object.create(null),
    'an object was thrown, which has no message',
  ],
  ['a revoked proxy', revoked.proxy, 'an object was thrown, which has no message'],
  [
    'an error without text',
    Object.assign(new Error(), { message: 5 }),
    'an object was thrown, which has no message',
  ],
])('the message of %s that was thrown', ([, caught, message]) => {
  expect(messageOf(caught)).toBe(message);
});
