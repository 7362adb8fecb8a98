import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, printable, printableLines, quoted } from '../shared/printable.ts';

// prettier-ignore
test.for<[string, string, string]>([
  ['plain text',              'Add 1 + 2 = 3',     'Add 1 + 2 = 3'],
  ['every script',            'Größe 数 ж א 😀',    'Größe 数 ж א 😀'],
  ['joined emoji',            '👩\u200d🔬',         '👩\u200d🔬'],
  ['a terminal escape',       '\u001b[2J',         '\\u001b[2J'],
  ['an 8-bit escape',         '\u009b2J',          '\\u009b2J'],
  ['line ends and tabs',      'a\r\nb\tc',         'a\\u000d\\u000ab\\u0009c'],
  ['NUL and DEL',             '\0\u007f',          '\\u0000\\u007f'],
  ['turned writing',          '\u202egpj.exe',     '\\u202egpj.exe'],
  ['isolates',                '\u2066a\u2069',     '\\u2066a\\u2069'],
  ['separators',              '\u2028\u2029',      '\\u2028\\u2029'],
  ['a byte order mark',       '\ufeffa',           '\\ufeffa'],
  ['tag characters',          '\u{e0041}',         '\\u{e0041}'],
  ['a lone surrogate',        'a\ud800b',          'a\\ud800b'],
])('%s', ([, text, shown]) => {
  expect(printable(text, 100)).toBe(shown);
});

describe('printableLines', () => {
  test('keeps line feeds and tabs, and nothing else that a terminal obeys', () => {
    expect(printableLines('a\r\nb\n\tc\rd\u001b', 100)).toBe('a\nb\n\tc\\u000dd\\u001b');
  });
});

test.for<[string, number, string]>([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc…'],
  ['abcd', 0, '…'],
  ['ab😀', 4, 'ab😀'],
  ['ab😀', 3, 'ab…'],
  ['ab😀c', 4, 'ab😀…'],
  ['', 0, ''],
])('%j cut at %d is %j', ([text, maxChars, kept]) => {
  expect(cut(text, maxChars)).toBe(kept);
});

test('quoted is one short line in quotation marks', () => {
  expect(quoted('a\nb')).toBe('"a\\u000ab"');
  expect(quoted('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
  expect(quoted('x'.repeat(65))).toBe(`"${'x'.repeat(64)}…"`);
});

test('whatever comes in, no control character and no lone surrogate comes out', () => {
  const anything = fc.string({
    unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  });
  fc.assert(
    fc.property(anything, fc.nat({ max: 40 }), (text, maxChars) => {
      expect(printable(text, maxChars)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});
