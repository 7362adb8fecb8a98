import {
  DateTime,
  DateTimeOffset,
  dateTicksOf,
  dateTicksToMs,
  type DateTicks,
  isDateTicks,
  MAX_DATE_TICKS,
  msToDateTicks,
} from './date-time.ts';
import { trimXml } from './number-text.ts';

/**
 * Instants and durations as text, in the forms of XML Schema part 2: written as .NET writes them, read
 * as leniently as .NET reads them. Each `parse…` returns `undefined` for text that is not such a value;
 * `check` says whether .NET has a value of that size.
 */

const TICKS_PER_MS = 10_000n;
const TICKS_PER_SECOND = 10_000_000n;
const TICKS_PER_MINUTE = 600_000_000n;

const MAX_DURATION_TICKS = 2n ** 63n - 1n;
const MIN_DURATION_TICKS = -(2n ** 63n);

/**
 * As `2020-01-01T00:00:00.1234567Z`; an unspecified kind has no `Z`, and a local time an offset: `+00:00`,
 * or the least one that brings its clock into the years 1 to 9999.
 *
 * @param date one for which `isDateTicks` holds
 */
export function formatDateTime({ ticks, kind }: DateTicks): string {
  if (kind !== 'local') return `${formatClock(ticks)}${kind === 'utc' ? 'Z' : ''}`;
  const minutes = minutesIntoRange(ticks);
  return `${formatClock(ticks + BigInt(minutes) * TICKS_PER_MINUTE)}${formatOffset(minutes)}`;
}

/** As `2020-01-01T00:00:00.1234567+01:30`. @param date one for which `offsetTicksOf` gives ticks */
export function formatDateTimeOffset(date: DateTimeOffset): string {
  const { offsetMinutes } = date;
  const clock = dateTicksOf(date).ticks + BigInt(offsetMinutes) * TICKS_PER_MINUTE;
  return `${formatClock(clock)}${formatOffset(offsetMinutes)}`;
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.trunc(size / 60))}:${twoDigits(size % 60)}`;
}

function minutesIntoRange(ticks: bigint): number {
  if (ticks < 0n) return Number((TICKS_PER_MINUTE - 1n - ticks) / TICKS_PER_MINUTE);
  const over = ticks - MAX_DATE_TICKS;
  return over > 0n ? -Number((TICKS_PER_MINUTE - 1n + over) / TICKS_PER_MINUTE) : 0;
}

function formatClock(ticks: bigint): string {
  const seconds = new Date(dateTicksToMs(ticks)).toISOString().slice(0, 19);
  return `${seconds}${formatFraction(ticks % TICKS_PER_SECOND)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,64}))?)?)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * Text with an offset is a local time, as in .NET: its ticks are those of UTC. What is finer than a
 * tick is rounded. 24:00:00 is the start of the next day, and seconds may be left out, which .NET does
 * not read.
 */
export function parseDateTime(text: string): DateTicks | undefined {
  const match = DATE_TIME.exec(trimXml(text));
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] =
    match;
  const iso = `${year}-${month}-${day}T00:00:00.000Z`;
  const date = new Date(iso);
  // Date accepts 31 April, as 1 May: only what it would write the same way was a real date.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) return undefined;
  const seconds = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  const isClock = Number(hour) < 24 || (seconds === 86_400 && Number(fraction) === 0);
  const offset = offsetMinutes(zone);
  if (!isClock || Number(minute) > 59 || Number(second) > 59 || offset === undefined) {
    return undefined;
  }
  const wall =
    msToDateTicks(date.getTime()) + BigInt(seconds) * TICKS_PER_SECOND + roundedTicks(fraction);
  const kind = zone === undefined ? 'unspecified' : zone === 'Z' ? 'utc' : 'local';
  // The clock itself must be one that .NET has: its UTC may be a day away.
  if (!isDateTicks({ ticks: wall, kind: 'unspecified' })) return undefined;
  return { ticks: wall - BigInt(offset) * TICKS_PER_MINUTE, kind };
}

/** The form in which JavaScript writes a Date, and most peers theirs. */
const PLAIN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** As {@link parseDateTime}, but as a Date, or a DateTime where a Date cannot hold it all. */
export function parseDate(text: string): Date | undefined {
  if (PLAIN.test(text)) {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime()) && date.toISOString() === text) return date;
  }
  const date = parseDateTime(text);
  return date && DateTime.of(date.ticks, date.kind);
}

const OFFSET = /[+-]\d\d:\d\d$/;

/** `undefined` also for text without an offset. */
export function parseDateTimeOffset(text: string): DateTimeOffset | undefined {
  const date = parseDateTime(text);
  if (date === undefined || date.kind === 'unspecified') return undefined;
  const [zone] = OFFSET.exec(trimXml(text)) ?? [];
  return new DateTimeOffset(date.ticks, offsetMinutes(zone) ?? 0);
}

/** @param fraction digits of a second */
function roundedTicks(fraction: string): bigint {
  return BigInt(fraction.padEnd(7, '0').slice(0, 7)) + (fraction.charAt(7) >= '5' ? 1n : 0n);
}

/** @returns `undefined` for more than 14 hours: no clock is further from UTC */
function offsetMinutes(zone = 'Z'): number | undefined {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(4));
  const size = Number(zone.slice(1, 3)) * 60 + minutes;
  if (size > 14 * 60 || minutes > 59) return undefined;
  return zone.startsWith('-') ? -size : size;
}

/** Ticks to milliseconds, as exactly as a double can hold them. */
export function durationTicksToMs(ticks: bigint): number {
  return Number(ticks / TICKS_PER_MS) + Number(ticks % TICKS_PER_MS) / 10_000;
}

/**
 * Milliseconds to ticks, rounded.
 *
 * @param ms as `check` takes a duration; the doubles next to its ends stand for the ends
 */
export function msToDurationTicks(ms: number): bigint {
  const whole = Math.trunc(ms);
  const ticks = BigInt(whole) * TICKS_PER_MS + BigInt(Math.round((ms - whole) * 10_000));
  if (ticks > MAX_DURATION_TICKS) return MAX_DURATION_TICKS;
  return ticks < MIN_DURATION_TICKS ? MIN_DURATION_TICKS : ticks;
}

/** As `-P1DT2H3M4.5S`; zero is `PT0S`. */
export function formatDuration(ticks: bigint): string {
  const rest = ticks < 0n ? -ticks : ticks;
  const seconds = rest / TICKS_PER_SECOND;
  const parts = [seconds / 86_400n, (seconds / 3_600n) % 24n, (seconds / 60n) % 60n];
  const [days, hours, minutes] = parts.map((count, index) =>
    count === 0n ? '' : `${count}${'DHM'.charAt(index)}`,
  );
  const small = `${seconds % 60n}${formatFraction(rest % TICKS_PER_SECOND)}`;
  const time = `${hours}${minutes}${small === '0' ? '' : `${small}S`}`;
  const date = `P${days}`;
  if (time === '' && days === '') return 'PT0S';
  return `${ticks < 0n ? '-' : ''}${date}${time === '' ? '' : `T${time}`}`;
}

const DURATION =
  /^(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})D)?(T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(?=\.?\d)(\d{0,12})(?:\.(\d{0,64}))?S)?)?$/;

/** Milliseconds. As in .NET a year is 365 days and a month 30; what is finer than a tick is cut off. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(trimXml(text));
  if (match === null) return undefined;
  const [, sign, years, months, days, time, hours, minutes, seconds, fraction = ''] = match;
  const counts = [years, months, days, hours, minutes, seconds];
  if (counts.every((count) => count === undefined) || time === 'T') return undefined;
  const units = [31_536_000n, 2_592_000n, 86_400n, 3_600n, 60n, 1n];
  const total = units.reduce((sum, unit, index) => sum + unit * BigInt(counts[index] ?? 0), 0n);
  const ticks = total * TICKS_PER_SECOND + BigInt(fraction.padEnd(7, '0').slice(0, 7));
  return durationTicksToMs(sign === '-' ? -ticks : ticks);
}

/** Ticks below a second as `.5`, or nothing. */
function formatFraction(ticks: bigint): string {
  return ticks === 0n ? '' : `.${String(ticks).padStart(7, '0').replace(/0+$/, '')}`;
}
