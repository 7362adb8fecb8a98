import { expect, test } from 'vitest';
import { dateTimeOf, decimalOf, guidOf } from '../../../shared/encoding/msgpack/text-forms.ts';

test.for<[string, string | undefined]>([
  ['2001-02-03T04:05:06.789Z', '2001-02-03T04:05:06.789Z'],
  ['2001-02-03T04:05:06Z', '2001-02-03T04:05:06.000Z'],
  ['2001-02-03T04:05Z', '2001-02-03T04:05:00.000Z'],
  ['2001-02-03T04:05:06.7Z', '2001-02-03T04:05:06.700Z'],
  ['2001-02-03T04:05:06.1234567Z', '2001-02-03T04:05:06.123Z'],
  ['2001-02-03T04:05:06.123456789Z', '2001-02-03T04:05:06.123Z'],
  ['2001-02-03T04:05:06.1234567890Z', undefined],
  ['2001-02-03T04:05:06+00:00', '2001-02-03T04:05:06.000Z'],
  ['2001-02-03T04:05:06-23:59', '2001-02-04T04:04:06.000Z'],
  ['2001-02-03T04:05:06+24:00', undefined],
  ['2001-02-03T24:00:00Z', '2001-02-04T00:00:00.000Z'],
  ['2001-02-03T24:00:01Z', undefined],
  ['2001-02-03T04:60:00Z', undefined],
  ['2001-02-03T04:05:60Z', undefined],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['2001-02-29T00:00:00Z', undefined],
  ['2001-04-31T00:00:00Z', undefined],
  ['2001-13-01T00:00:00Z', undefined],
  ['2001-00-01T00:00:00Z', undefined],
  ['2001-01-00T00:00:00Z', undefined],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['+275760-09-13T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'],
  ['+275760-09-13T00:00:00.001Z', undefined],
  ['-000001-01-01T00:00:00Z', '-000001-01-01T00:00:00.000Z'],
  ['-000000-01-01T00:00:00Z', undefined],
  ['2001-02-03T04:05:06', undefined],
  ['2001-02-03', undefined],
  ['2001-02-03 04:05:06Z', undefined],
  ['2001-02-03t04:05:06z', undefined],
  [' 2001-02-03T04:05:06Z', undefined],
  ['2001-02-03T04:05:06Z\n', undefined],
  ['Sat, 03 Feb 2001 04:05:06 GMT', undefined],
  ['', undefined],
])('dateTime %j is %s', ([text, iso]) => {
  expect(dateTimeOf(text)?.toISOString()).toBe(iso);
});

const LARGEST = '79228162514264337593543950335';

test.for<[string, boolean]>([
  ['0', true],
  ['-0', true],
  ['-15.99', true],
  ['1.10', true],
  ['007', true],
  [LARGEST, true],
  [`-${LARGEST}`, true],
  ['79228162514264337593543950336', false],
  [`0.${'0'.repeat(27)}1`, true],
  [`0.${'0'.repeat(28)}1`, false],
  ['.5', false],
  ['5.', false],
  ['+5', false],
  ['1e5', false],
  ['1,5', false],
  ['1_000', false],
  ['0x10', false],
  ['NaN', false],
  ['Infinity', false],
  ['٣', false],
  [' 5', false],
  ['5\n', false],
  ['', false],
  ['9'.repeat(60_000), false],
])('decimal %j: %s', ([text, isDecimal]) => {
  expect(decimalOf(text)).toBe(isDecimal ? text : undefined);
});

test.for<[string, string | undefined]>([
  ['01234567-89ab-cdef-0123-456789abcdef', '01234567-89ab-cdef-0123-456789abcdef'],
  ['01234567-89AB-CDEF-0123-456789ABCDEF', '01234567-89ab-cdef-0123-456789abcdef'],
  ['{01234567-89ab-cdef-0123-456789abcdef}', undefined],
  ['0123456789abcdef0123456789abcdef', undefined],
  ['01234567-89ab-cdef-0123-456789abcdeg', undefined],
  ['01234567-89ab-cdef-0123-456789abcdef0', undefined],
  ['01234567-89ab-cdef-0123-456789abcdef\n', undefined],
  ['', undefined],
])('guid %j is %s', ([text, guid]) => {
  expect(guidOf(text)).toBe(guid);
});
