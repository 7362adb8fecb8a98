// Text that stands for values: what is read, and what is written for it. .NET's side of the tables is
// what .NET 10 reads (XmlDictionaryReader and DataContractSerializer) and writes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DateTicks,
  dateTicksToMs,
  isDateTicks,
  MAX_DATE_TICKS,
  msToDateTicks,
} from '../../shared/contract/types/text/date-time.ts';
import {
  formatDecimal,
  formatDouble,
  formatFloat,
  parseBoolean,
  parseDecimal,
  parseDouble,
  parseInteger,
  trimXml,
  parseGuid,
} from '../../shared/contract/types/text/number-text.ts';
import {
  durationTicksToMs,
  formatDateTime,
  formatDuration,
  msToDurationTicks,
  parseDateTime,
  parseDuration,
} from '../../shared/contract/types/text/time-text.ts';

describe('numbers', () => {
  test.each([
    ['1.5', 1.5],
    [' 1.5\r\n\t', 1.5],
    ['+1.5e-3', 0.0015],
    ['.5', 0.5],
    ['5.', 5],
    ['-0', -0],
    ['INF', Infinity],
    ['+INF', Infinity],
    ['-INF', -Infinity],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['NaN', NaN],
    ['1E400', Infinity],
    ['', undefined],
    ['.', undefined],
    ['inf', undefined],
    ['0x10', undefined],
    ['1,5', undefined],
    ['1 5', undefined],
    ['\u00a01', undefined],
  ])('double %j', (text, value) => {
    expect(parseDouble(text)).toBe(value);
  });

  test.each([
    ['42', 42n],
    ['-42', -42n],
    ['+42', 42n],
    [' 007 ', 7n],
    ['-0', 0n],
    ['1.0', undefined],
    ['1e3', undefined],
    ['0x1', undefined],
    ['1,000', undefined],
    ['١', undefined],
    ['', undefined],
    ['9'.repeat(41), undefined],
  ])('integer %j', (text, value) => {
    expect(parseInteger(text)).toBe(value);
  });

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    [' 0 ', false],
    ['True', undefined],
    ['01', undefined],
    ['', undefined],
  ])('boolean %j', (text, value) => {
    expect(parseBoolean(text)).toBe(value);
  });

  const LARGEST = '79228162514264337593543950335';
  test.each([
    ['15.99', '15.99'],
    ['+1', '1'],
    [' 1.5 ', '1.5'],
    ['1.', '1'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['-0015.990', '-15.990'],
    ['1.10', '1.10'],
    ['007', '7'],
    ['0', '0'],
    ['-0.0', '0.0'],
    ['\t1\n', '1'],
    [`0.${'0'.repeat(27)}1`, `0.${'0'.repeat(27)}1`],
    [LARGEST, LARGEST],
    [`-${LARGEST}`, `-${LARGEST}`],
    [`${LARGEST}.00`, LARGEST],
    [`1.${'0'.repeat(40)}`, `1.${'0'.repeat(28)}`],
    ['79228162514264337593543950336', undefined],
    [`${LARGEST}.4`, undefined], // .NET rounds these two
    [`0.${'0'.repeat(28)}1`, undefined],
    [`${'1'.repeat(29)}.${'1'.repeat(28)}`, undefined],
    ['9'.repeat(60_000), undefined],
    ['', undefined],
    ['-', undefined],
    ['.', undefined],
    ['--1', undefined],
    ['1e3', undefined],
    ['1,5', undefined],
    ['1 000', undefined],
    ['(1)', undefined],
    ['0x10', undefined],
    ['NaN', undefined],
    ['٣', undefined],
    ['\u00a01', undefined],
  ])('decimal %j', (text, value) => {
    const decimal = parseDecimal(text);
    expect(decimal && formatDecimal(decimal)).toBe(value);
  });

  test('doubles and floats come back from their text', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseDouble(formatDouble(value))).toBe(value);
        const float = Math.fround(value);
        expect(Math.fround(parseDouble(formatFloat(float)) ?? 0)).toBe(float);
      }),
    );
  });

  test('white space within a text takes no longer to pass over than its length', () => {
    expect(trimXml(`1${' '.repeat(60_000)}1`)).toHaveLength(60_002);
  });
});

describe('guids', () => {
  const GUID = '11223344-5566-7788-99aa-bbccddeeff00';
  test.each([
    [GUID, true],
    [GUID.toUpperCase(), true],
    [` ${GUID}\n`, true],
    [`{${GUID}}`, true],
    [` {${GUID.toUpperCase()}} `, true],
    [`(${GUID})`, true],
    [GUID.replaceAll('-', ''), true],
    [`{${GUID.replaceAll('-', '')}}`, false],
    [`{${GUID}`, false],
    [`{${GUID})`, false],
    [`{ ${GUID} }`, false],
    [`urn:uuid:${GUID}`, false],
    [GUID.slice(1), false],
    [`${GUID}0`, false],
    [GUID.replace('1', 'g'), false],
    ['11223344556677889­9aabbccddeeff00', false],
    ['', false],
  ])('%j', (text, isGuid) => {
    expect(parseGuid(text)).toBe(isGuid ? GUID : undefined);
  });
});

describe('dates', () => {
  /** As `2020-01-01T10:00:00.500Z utc`, with the ticks below a millisecond before the kind. */
  function shown({ ticks, kind }: DateTicks): string {
    const fine = ((ticks % 10_000n) + 10_000n) % 10_000n;
    return `${new Date(dateTicksToMs(ticks)).toISOString()} ${fine === 0n ? '' : `${fine} `}${kind}`;
  }

  test.each([
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.000Z utc'],
    ['2020-01-01T00:00:00', '2020-01-01T00:00:00.000Z unspecified'],
    ['2020-01-01T12:00:00.5+02:00', '2020-01-01T10:00:00.500Z local'],
    ['2020-01-01T12:00:00-01:30', '2020-01-01T13:30:00.000Z local'],
    ['2020-01-01T12:00:00-00:00', '2020-01-01T12:00:00.000Z local'],
    ['2020-01-01', '2020-01-01T00:00:00.000Z unspecified'],
    ['2020-01-01Z', '2020-01-01T00:00:00.000Z utc'],
    ['2020-01-01+02:00', '2019-12-31T22:00:00.000Z local'],
    [' 2020-01-01T00:00:00Z\n', '2020-01-01T00:00:00.000Z utc'],
    ['2020-01-01T04:05:06.1234567Z', '2020-01-01T04:05:06.123Z 4567 utc'],
    ['2020-01-01T00:00:00.12345678Z', '2020-01-01T00:00:00.123Z 4568 utc'],
    ['2020-01-01T00:00:00.99999999Z', '2020-01-01T00:00:01.000Z utc'],
    [`2020-01-01T00:00:00.${'0'.repeat(33)}1Z`, '2020-01-01T00:00:00.000Z utc'],
    ['2020-01-01T00:00:00+14:00', '2019-12-31T10:00:00.000Z local'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z utc'],
    ['0001-01-01T00:00:00', '0001-01-01T00:00:00.000Z unspecified'],
    ['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.999Z 9999 utc'],
    // DateTime.MinValue and MaxValue of kind Local, as .NET writes them in Tokyo and New York
    ['0001-01-01T00:00:00+09:18', '0000-12-31T14:42:00.000Z local'],
    ['9999-12-31T23:59:59.9999999-05:00', '+010000-01-01T04:59:59.999Z 9999 local'],
    // not read by .NET, but what XML Schema and JavaScript have
    ['2020-01-01T24:00:00Z', '2020-01-02T00:00:00.000Z utc'],
    ['2020-01-01T04:05Z', '2020-01-01T04:05:00.000Z utc'],
    ['2020-01-01T24:00:01Z', undefined],
    ['9999-12-31T24:00:00', undefined],
    ['9999-12-31T23:59:59.99999999Z', undefined],
    ['0000-01-01T00:00:00Z', undefined],
    ['2020-01-01T25:00:00Z', undefined],
    ['2020-01-01T00:60:00Z', undefined],
    ['2020-01-01T23:59:60Z', undefined],
    ['2021-02-29T00:00:00Z', undefined],
    ['2020-04-31T00:00:00Z', undefined],
    ['2020-13-01T00:00:00Z', undefined],
    ['2020-00-01T00:00:00Z', undefined],
    ['2020-01-00T00:00:00Z', undefined],
    ['2020-01-01T00:00:00+14:01', undefined], // .NET reads offsets up to 99:99
    ['2020-01-01T00:00:00+01:60', undefined],
    ['2020-01-01T00:00:00+0100', undefined],
    ['2020-01-01T00:00:00+01', undefined],
    ['2020-01-01T00:00:00.', undefined],
    ['2020-01-01T00:00:00,5Z', undefined],
    ['2020-01-01T00:00:00 Z', undefined],
    ['2020-01-01 00:00:00Z', undefined],
    ['2020-01-01t00:00:00z', undefined],
    ['2020-1-1T00:00:00Z', undefined],
    ['12020-01-01T00:00:00Z', undefined],
    ['+275760-09-13T00:00:00.000Z', undefined],
    ['-000001-01-01T00:00:00Z', undefined],
    ['2020-01', undefined], // .NET: the first of that month, the first of that year, today
    ['2020', undefined],
    ['12:34:56Z', undefined],
    ['Wed, 01 Jan 2020 00:00:00 GMT', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('%j', (text, value) => {
    const date = parseDateTime(text);
    expect(date && shown(date)).toBe(value);
  });

  test.each<[bigint, DateTicks['kind'], string]>([
    [637_134_336_000_000_000n, 'utc', '2020-01-01T00:00:00Z'],
    [637_134_336_001_234_567n, 'utc', '2020-01-01T00:00:00.1234567Z'],
    [637_134_336_005_000_000n, 'unspecified', '2020-01-01T00:00:00.5'],
    [637_134_336_000_000_000n, 'local', '2020-01-01T00:00:00+00:00'],
    [0n, 'unspecified', '0001-01-01T00:00:00'],
    [MAX_DATE_TICKS, 'utc', '9999-12-31T23:59:59.9999999Z'],
    [-334_800_000_000n, 'local', '0001-01-01T00:00:00+09:18'],
    [-1n, 'local', '0001-01-01T00:00:59.9999999+00:01'],
    [MAX_DATE_TICKS + 180_000_000_000n, 'local', '9999-12-31T23:59:59.9999999-05:00'],
    [MAX_DATE_TICKS + 1n, 'local', '9999-12-31T23:59:00-00:01'],
  ])('%d ticks, %s, are written as %s, and read again', (ticks, kind, text) => {
    expect(formatDateTime({ ticks, kind })).toBe(text);
    expect(parseDateTime(text)).toEqual({ ticks, kind });
  });

  test.each<[bigint, DateTicks['kind'], boolean]>([
    [0n, 'utc', true],
    [-1n, 'utc', false],
    [-1n, 'unspecified', false],
    [MAX_DATE_TICKS, 'utc', true],
    [MAX_DATE_TICKS + 1n, 'utc', false],
    [MAX_DATE_TICKS + 1n, 'unspecified', false],
    [-504_000_000_000n, 'local', true],
    [-504_000_000_001n, 'local', false],
    [MAX_DATE_TICKS + 504_000_000_000n, 'local', true],
    [MAX_DATE_TICKS + 504_000_000_001n, 'local', false],
  ])('%d ticks, %s: .NET has such a DateTime, %s', (ticks, kind, isThere) => {
    expect(isDateTicks({ ticks, kind })).toBe(isThere);
  });

  test('every DateTime that .NET has comes back from its text', () => {
    const ticks = fc.bigInt({ min: 0n, max: MAX_DATE_TICKS });
    const local = fc.bigInt({ min: -504_000_000_000n, max: MAX_DATE_TICKS + 504_000_000_000n });
    const dates = fc.oneof(
      ticks.map((each): DateTicks => ({ ticks: each, kind: 'utc' })),
      ticks.map((each): DateTicks => ({ ticks: each, kind: 'unspecified' })),
      local.map((each): DateTicks => ({ ticks: each, kind: 'local' })),
    );
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseDateTime(formatDateTime(date))).toEqual(date);
      }),
    );
  });

  test('instants come back from ticks, to the millisecond', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (value) => {
        expect(dateTicksToMs(msToDateTicks(value.getTime()))).toBe(value.getTime());
      }),
    );
  });
});

describe('durations', () => {
  test.each([
    ['PT1H', 3_600_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['-PT0.0015S', -1.5],
    ['PT0S', 0],
    ['P1Y1M', 395 * 86_400_000],
    [' P2D ', 172_800_000],
    ['PT60M', 3_600_000],
    ['PT.5S', 500],
    ['PT1.S', 1_000],
    ['PT1.99999999S', 1_999.9999],
    ['P0Y0M0DT0H0M0.0S', 0],
    ['PT2147483648S', 2_147_483_648_000], // .NET counts each part in an Int32
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['PT.S', undefined],
    ['PT1.5H', undefined],
    ['P-1D', undefined],
    ['+PT1S', undefined],
    ['pt1h', undefined],
    ['P1W', undefined],
    ['01:00:00', undefined],
    ['1H', undefined],
    ['', undefined],
  ])('%j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([[2n ** 63n - 1n], [-(2n ** 63n)], [1n], [-1n]])(
    '%d ticks come back from milliseconds',
    (ticks) => {
      expect(msToDurationTicks(durationTicksToMs(ticks))).toBe(ticks);
    },
  );

  test.each([
    [0n, 'PT0S'],
    [36_000_000_000n, 'PT1H'],
    [-15_000n, '-PT0.0015S'],
    [937_845_000_000n, 'P1DT2H3M4.5S'],
    [864_000_000_000n, 'P1D'],
    [600_000_000n, 'PT1M'],
    [1n, 'PT0.0000001S'],
    [-(2n ** 63n), '-P10675199DT2H48M5.4775808S'],
  ])('%d ticks are %j', (ticks, text) => {
    expect(formatDuration(ticks)).toBe(text);
  });

  test('durations come back from ticks and text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 }), (ms) => {
        const ticks = msToDurationTicks(ms);
        expect(durationTicksToMs(ticks)).toBe(ms + 0);
        expect(parseDuration(formatDuration(ticks))).toBe(ms + 0);
      }),
    );
  });
});
