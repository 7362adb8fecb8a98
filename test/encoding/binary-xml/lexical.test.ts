import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatDecimal,
  formatDouble,
  formatFloat,
  parseBoolean,
  parseDecimal,
  parseDouble,
  parseInteger,
  trimXml,
} from '../../../shared/encoding/binary-xml/lexical-numbers.ts';
import {
  formatBase64,
  formatGuid,
  guidOctets,
  parseBase64,
  parseGuid,
} from '../../../shared/encoding/binary-xml/lexical-octets.ts';
import {
  dateTicksToMs,
  durationTicksToMs,
  formatDateTime,
  formatDuration,
  msToDateTicks,
  msToDurationTicks,
  parseDateTime,
  parseDuration,
} from '../../../shared/encoding/binary-xml/lexical-times.ts';

test.each([
  ['1.5', 1.5],
  [' 1.5\r\n\t', 1.5],
  ['+1.5e-3', 0.0015],
  ['.5', 0.5],
  ['5.', 5],
  ['-0', -0],
  ['INF', Infinity],
  ['-INF', -Infinity],
  ['NaN', NaN],
  ['1E400', Infinity],
  ['', undefined],
  ['.', undefined],
  ['Infinity', undefined],
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
  ['1.0', undefined],
  ['1e3', undefined],
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
  ['', undefined],
])('boolean %j', (text, value) => {
  expect(parseBoolean(text)).toBe(value);
});

test.each([
  ['15.99', '15.99'],
  ['-0015.990', '-15.990'],
  ['+.5', '0.5'],
  ['5.', '5'],
  ['0', '0'],
  [`0.${'0'.repeat(27)}1`, `0.${'0'.repeat(27)}1`],
  ['79228162514264337593543950335', '79228162514264337593543950335'],
  ['79228162514264337593543950336', undefined],
  [`0.${'0'.repeat(28)}1`, undefined],
  ['', undefined],
  ['.', undefined],
  ['1e3', undefined],
])('decimal %j', (text, value) => {
  const decimal = parseDecimal(text);
  expect(decimal && formatDecimal(decimal)).toBe(value);
});

test.each([
  ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.000Z'],
  ['2020-02-29T23:59:59.9999999Z', '2020-02-29T23:59:59.999Z'],
  ['2020-01-01T12:00:00.5+02:00', '2020-01-01T10:00:00.500Z'],
  ['2020-01-01T12:00:00-01:30', '2020-01-01T13:30:00.000Z'],
  ['2020-01-01T12:00:00', '2020-01-01T12:00:00.000Z'],
  ['2020-01-01', '2020-01-01T00:00:00.000Z'],
  ['0001-01-01T00:00:00', '0001-01-01T00:00:00.000Z'],
  ['2021-02-29T00:00:00Z', undefined],
  ['2020-13-01T00:00:00Z', undefined],
  ['2020-01-01T25:00:00Z', undefined],
  ['2020-01-01T00:00:00+15:00', undefined],
  ['2020-01-01 00:00:00Z', undefined],
  ['yesterday', undefined],
])('date %j', (text, value) => {
  const date = parseDateTime(text);
  expect(date && new Date(dateTicksToMs(date.ticks)).toISOString()).toBe(value);
});

test.each([
  ['2020-02-29T23:59:59.1234567Z', 1_234_567n, 'utc'],
  ['2020-02-29T23:59:59.12345678', 1_234_567n, 'unspecified'],
  ['2020-02-29T23:59:59.1-09:30', 1_000_000n, 'local'],
])('%j keeps its ticks and is of a kind', (text, fraction, kind) => {
  const date = parseDateTime(text);
  expect(date?.kind).toBe(kind);
  expect((date?.ticks ?? 0n) % 10_000_000n).toBe(fraction);
});

test.each([[2n ** 63n - 1n], [-(2n ** 63n)], [1n], [-1n]])(
  '%d ticks of a duration come back from milliseconds',
  (ticks) => {
    expect(msToDurationTicks(durationTicksToMs(ticks))).toBe(ticks);
  },
);

test.each([
  ['PT1H', 3_600_000],
  ['P1DT2H3M4.5S', 93_784_500],
  ['-PT0.0015S', -1.5],
  ['PT0S', 0],
  ['P1Y1M', 395 * 86_400_000],
  [' P2D ', 172_800_000],
  ['P', undefined],
  ['PT', undefined],
  ['P1DT', undefined],
  ['PT1.S', undefined],
  ['1H', undefined],
])('duration %j', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  [0n, 'PT0S'],
  [36_000_000_000n, 'PT1H'],
  [-15_000n, '-PT0.0015S'],
  [937_845_000_000n, 'P1DT2H3M4.5S'],
  [864_000_000_000n, 'P1D'],
  [600_000_000n, 'PT1M'],
  [1n, 'PT0.0000001S'],
  [-(2n ** 63n), '-P10675199DT2H48M5.4775808S'],
])('%d ticks are the duration %j', (ticks, text) => {
  expect(formatDuration(ticks)).toBe(text);
});

test.each([
  ['11223344-5566-7788-99aa-bbccddeeff00', true],
  [' {11223344-5566-7788-99AA-BBCCDDEEFF00} ', true],
  ['11223344556677889­9aabbccddeeff00', false],
  ['11223344-5566-7788-99aa-bbccddeeff0', false],
  ['', false],
])('guid %j', (text, isGuid) => {
  expect(parseGuid(text)).toBe(isGuid ? '11223344-5566-7788-99aa-bbccddeeff00' : undefined);
});

test.each(['A', 'AA', 'AAA', 'AA=A', 'AAA==', 'A===', 'AAAA=', '=', 'AA-A', 'AAAA====', 'AÄAA'])(
  '%j is not base64',
  (text) => {
    expect(parseBase64(text)).toBeUndefined();
  },
);

test('doubles and floats come back from their text', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(parseDouble(formatDouble(value))).toBe(value);
      const float = Math.fround(value);
      expect(Math.fround(parseDouble(formatFloat(float)) ?? 0)).toBe(float);
    }),
  );
});

test('octets come back from base64, which is that of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = formatBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(parseBase64(`\n ${text}\t`)).toEqual(bytes);
    }),
  );
});

test('guids come back from their octets', () => {
  fc.assert(
    fc.property(fc.uuid(), (guid) => {
      expect(formatGuid(guidOctets(guid), 0)).toBe(guid);
    }),
  );
});

test('instants of the years 1 to 9999 come back from ticks and text, to the millisecond', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (value) => {
      const ticks = msToDateTicks(value.getTime()) ?? -1n;
      expect(dateTicksToMs(ticks)).toBe(value.getTime());
      expect(parseDateTime(formatDateTime(ticks, 1))).toEqual({ ticks, kind: 'utc' });
    }),
  );
});

test('durations come back from ticks and text', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 }), (ms) => {
      const ticks = msToDurationTicks(ms) ?? -1n;
      expect(durationTicksToMs(ticks)).toBe(ms + 0);
      expect(parseDuration(formatDuration(ticks))).toBe(ms + 0);
    }),
  );
});

test.each([NaN, Infinity, -62_135_596_800_001, 253_402_300_800_000])('%d is no .NET date', (ms) => {
  expect(msToDateTicks(ms)).toBeUndefined();
});

test.each([NaN, -Infinity, 1e15])('%d ms are no .NET duration', (ms) => {
  expect(msToDurationTicks(ms)).toBeUndefined();
});

test('white space of XML is trimmed in time that grows with its length only', () => {
  const inside = `a${' '.repeat(200_000)}b`;
  expect(trimXml(` ${inside} \n`)).toBe(inside);
});
