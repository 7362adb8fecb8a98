import type { DateTimeKind } from '../../contract/date-time.ts';
import { trimXml } from './lexical-numbers.ts';

/**
 * Instants and durations: .NET ticks (100 ns), milliseconds, and the text forms of XML Schema part
 * 2. Each `parse…` answers `undefined` for text that is no such value.
 */

const TICKS_PER_MS = 10_000n;
/** Milliseconds from 0001-01-01, where .NET counts from, to 1970-01-01, where JavaScript does. */
const EPOCH_MS = 62_135_596_800_000;
const MAX_DATE_MS = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z
/** .NET's `DateTime.MaxValue`. */
export const MAX_DATE_TICKS = 3_155_378_975_999_999_999n;
/** .NET's `default(DateTime)`, 0001-01-01. */
export const MIN_DATE_MS = -EPOCH_MS;

const MAX_DURATION_TICKS = 2n ** 63n - 1n;
const MIN_DURATION_TICKS = -(2n ** 63n);
/** The double next to the ends of .NET's `TimeSpan`, ± (2^63 − 1) ticks, stands for them. */
const MAX_DURATION_MS = 922_337_203_685_477.6;

/** What the top two bits of a DateTime record say: whose clock it was read from. */
export const DATE_KIND = { unspecified: 0, utc: 1, local: 2 } as const;
/** The inverse; 3 is a local time in the hour that comes twice when summer ends. */
const KINDS = ['unspecified', 'utc', 'local', 'local'] as const;

/** All that a .NET `DateTime` is. */
export interface DateTicks {
  readonly ticks: bigint;
  readonly kind: DateTimeKind;
}

/** @param record the top two bits of a DateTime record */
export function dateKind(record: number): DateTimeKind {
  return KINDS[record & 3] ?? 'unspecified';
}

/** Ticks since 0001-01-01 to milliseconds since 1970; what is finer than 1 ms is cut off. */
export function dateTicksToMs(ticks: bigint): number {
  return Number(ticks / TICKS_PER_MS) - EPOCH_MS;
}

/** @returns `undefined` outside of the years 1 to 9999, which is all that .NET has */
export function msToDateTicks(ms: number): bigint | undefined {
  if (!(ms >= MIN_DATE_MS && ms <= MAX_DATE_MS)) return undefined;
  return BigInt(Math.trunc(ms) + EPOCH_MS) * TICKS_PER_MS;
}

/** As `2020-01-01T00:00:00.1234567Z`; an unspecified kind has no `Z`. */
export function formatDateTime(ticks: bigint, kind: number): string {
  const seconds = new Date(dateTicksToMs(ticks)).toISOString().slice(0, 19);
  const fraction = formatFraction(ticks % 10_000_000n);
  return `${seconds}${fraction}${kind === DATE_KIND.unspecified ? '' : 'Z'}`;
}

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,32}))?)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * Text with an offset is a local time, as in .NET: its ticks are those of UTC. What is finer than a
 * tick is cut off.
 */
export function parseDateTime(text: string): DateTicks | undefined {
  const match = DATE_TIME.exec(trimXml(text));
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] =
    match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const date = new Date(iso);
  // Date accepts 31 April, as 1 May: only what it would write the same way was a real date.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) return undefined;
  const ms = date.getTime() - offsetMs(zone);
  const ticks = msToDateTicks(ms);
  if (ticks === undefined) return undefined;
  const fine = BigInt(fraction.padEnd(7, '0').slice(3, 7));
  if (zone === undefined) return { ticks: ticks + fine, kind: 'unspecified' };
  return { ticks: ticks + fine, kind: zone === 'Z' ? 'utc' : 'local' };
}

/** @returns NaN for more than 14 hours */
function offsetMs(zone = 'Z'): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return minutes > 14 * 60 ? NaN : (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Ticks to milliseconds, as exactly as a double can hold them. */
export function durationTicksToMs(ticks: bigint): number {
  return Number(ticks / TICKS_PER_MS) + Number(ticks % TICKS_PER_MS) / 10_000;
}

/** @returns `undefined` for what .NET's `TimeSpan` cannot hold: ± 29,000 years, NaN */
export function msToDurationTicks(ms: number): bigint | undefined {
  if (!(Math.abs(ms) <= MAX_DURATION_MS)) return undefined;
  const whole = Math.trunc(ms);
  const ticks = BigInt(whole) * TICKS_PER_MS + BigInt(Math.round((ms - whole) * 10_000));
  if (ticks > MAX_DURATION_TICKS) return MAX_DURATION_TICKS;
  return ticks < MIN_DURATION_TICKS ? MIN_DURATION_TICKS : ticks;
}

/** As `-P1DT2H3M4.5S`; zero is `PT0S`. */
export function formatDuration(ticks: bigint): string {
  const rest = ticks < 0n ? -ticks : ticks;
  const seconds = rest / 10_000_000n;
  const parts = [seconds / 86_400n, (seconds / 3_600n) % 24n, (seconds / 60n) % 60n];
  const [days, hours, minutes] = parts.map((count, index) =>
    count === 0n ? '' : `${count}${'DHM'.charAt(index)}`,
  );
  const small = `${seconds % 60n}${formatFraction(rest % 10_000_000n)}`;
  const time = `${hours}${minutes}${small === '0' ? '' : `${small}S`}`;
  const date = `P${days}`;
  if (time === '' && days === '') return 'PT0S';
  return `${ticks < 0n ? '-' : ''}${date}${time === '' ? '' : `T${time}`}`;
}

const DURATION =
  /^(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})D)?(T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{1,32}))?S)?)?$/;

/** Milliseconds. As in .NET a year is 365 days and a month 30; what is finer than a tick is cut off. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(trimXml(text));
  if (match === null) return undefined;
  const [, sign, years, months, days, time, hours, minutes, seconds, fraction = ''] = match;
  const counts = [years, months, days, hours, minutes, seconds];
  if (counts.every((count) => count === undefined) || time === 'T') return undefined;
  const units = [31_536_000n, 2_592_000n, 86_400n, 3_600n, 60n, 1n];
  const total = units.reduce((sum, unit, index) => sum + unit * BigInt(counts[index] ?? 0), 0n);
  const ticks = total * 10_000_000n + BigInt(fraction.padEnd(7, '0').slice(0, 7));
  return durationTicksToMs(sign === '-' ? -ticks : ticks);
}

/** Ticks below a second as `.5`, or nothing. */
function formatFraction(ticks: bigint): string {
  return ticks === 0n ? '' : `.${String(ticks).padStart(7, '0').replace(/0+$/, '')}`;
}
