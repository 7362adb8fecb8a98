import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDouble, jsonDouble, parseDouble } from '../../shared/command-line/number-format.ts';

// What .NET Framework prints, format "G15", invariant culture.
test.for<[value: number, text: string]>([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [-1.5, '-1.5'],
  [100, '100'],
  [115.99, '115.99'],
  [145 - 76.54, '68.46'],
  [731.25, '731.25'],
  [22 / 7, '3.14285714285714'],
  [0.1 + 0.2, '0.3'],
  [1 / 3, '0.333333333333333'],
  [2 / 3, '0.666666666666667'],
  [123456789012345, '123456789012345'],
  [999999999999999.4, '999999999999999'],
  [999999999999999.5, '1E+15'],
  [1e14, '100000000000000'],
  [1e15, '1E+15'],
  [1.5e15, '1.5E+15'],
  [-1e15, '-1E+15'],
  [1e100, '1E+100'],
  [2 ** 53, '9.00719925474099E+15'],
  [0.0001, '0.0001'],
  [0.00012345, '0.00012345'],
  [0.00001, '1E-05'],
  [0.000015, '1.5E-05'],
  [5e-324, '4.94065645841247E-324'],
  [Number.MAX_VALUE, '1.79769313486232E+308'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
  [NaN, 'NaN'],
])('%d is printed as %s', ([value, text]) => {
  expect(formatDouble(value)).toBe(text);
});

test('never loses more than the sixteenth digit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const read = Number(formatDouble(value));
      if (Number.isFinite(read)) {
        expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-14 + 5e-324);
      }
    }),
  );
});

test('JSON keeps every double to the bit', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      const shown: unknown = JSON.parse(JSON.stringify(jsonDouble(value)));
      expect(parseDouble(String(shown))).toBe(value);
      expect(Number(shown)).toBe(value);
    }),
  );
  expect(jsonDouble(-0)).toBe('-0');
  expect(Number(jsonDouble(-0))).toBe(-0);
});

test.for<[text: string, value: number | undefined]>([
  ['1', 1],
  ['-0', -0],
  ['+1.5e-5', 1.5e-5],
  ['.5', 0.5],
  ['5.', 5],
  ['Infinity', Infinity],
  ['-infinity', -Infinity],
  ['NaN', NaN],
  ['1e999', Infinity],
  ['', undefined],
  [' 1', undefined],
  ['0x10', undefined],
  ['1,5', undefined],
  ['1_000', undefined],
  ['twelve', undefined],
])('%j is read as %d', ([text, value]) => {
  expect(parseDouble(text)).toBe(value);
});
