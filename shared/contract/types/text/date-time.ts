/** Whose clock a .NET `DateTime` was read from. */
export type DateTimeKind = 'unspecified' | 'utc' | 'local';

/** All that a .NET `DateTime` is: 100 ns since 0001-01-01 (of UTC for `utc` and `local`), and a kind. */
export interface DateTicks {
  readonly ticks: bigint;
  readonly kind: DateTimeKind;
}

const TICKS_PER_MS = 10_000n;
const TICKS_PER_MINUTE = 600_000_000n;
/** No clock on earth is further away from UTC: 14 hours, which .NET enforces, too. */
const MAX_OFFSET_TICKS = 504_000_000_000n;
/** Milliseconds from 0001-01-01, where .NET counts from, to 1970-01-01, where JavaScript does. */
const EPOCH_MS = 62_135_596_800_000;
/** The last millisecond of the year 9999, as JavaScript counts. */
const MAX_DATE_MS = 253_402_300_799_999;
/** .NET's `DateTime.MaxValue`. */
export const MAX_DATE_TICKS = 3_155_378_975_999_999_999n;

/**
 * A .NET `DateTime` that a Date alone cannot carry: one finer than a millisecond, or one whose kind
 * is not UTC. A value of the type `dateTime` is read as a plain Date where that says it all,
 * and as this class otherwise; sent on, it is the same to the tick.
 *
 * As a Date it is the instant, cut to the millisecond; an unspecified kind counts as UTC, because
 * nobody knows whose wall clock it was.
 *
 * A local time of the first or last day that .NET has can be an instant of the year 0 or 10000:
 * `DateTime.MinValue` of kind Local in Tokyo is 0000-12-31T14:42Z. It stays that instant.
 */
export class DateTime extends Date {
  readonly #ticks: bigint;
  /** Whether it is a time in UTC, by a local clock, or by one that is not said. */
  readonly kind: DateTimeKind;

  /** @param ticks 100 ns since 0001-01-01, of UTC for the kinds `utc` and `local` */
  constructor(ticks: bigint, kind: DateTimeKind) {
    super(dateTicksToMs(ticks));
    this.#ticks = ticks;
    this.kind = kind;
  }

  /** 100 ns since 0001-01-01; `undefined` after a change by one of Date's own methods. */
  get ticks(): bigint | undefined {
    return dateTicksToMs(this.#ticks) === this.getTime() ? this.#ticks : undefined;
  }

  /** A Date where that says it all, otherwise a DateTime. */
  static of(ticks: bigint, kind: DateTimeKind): Date {
    const isPlain = kind === 'utc' && ticks % TICKS_PER_MS === 0n;
    return isPlain ? new Date(dateTicksToMs(ticks)) : new DateTime(ticks, kind);
  }
}

/** Ticks since 0001-01-01 to milliseconds since 1970, rounded down; for any year. */
export function dateTicksToMs(ticks: bigint): number {
  const isCutUp = ticks % TICKS_PER_MS < 0n; // bigints are cut towards zero
  return Number(ticks / TICKS_PER_MS) - (isCutUp ? 1 : 0) - EPOCH_MS;
}

/** Milliseconds since 1970 to ticks. @param ms a whole number */
export function msToDateTicks(ms: number): bigint {
  return BigInt(ms + EPOCH_MS) * TICKS_PER_MS;
}

/** Ticks and kind of a valid Date. */
export function dateTicksOf(date: Date): DateTicks {
  const exact = date instanceof DateTime ? date.ticks : undefined;
  return {
    ticks: exact ?? msToDateTicks(date.getTime()),
    kind: date instanceof DateTime ? date.kind : 'utc',
  };
}

/**
 * Whether .NET has such a `DateTime`: in the years 1 to 9999, by the clock that its kind names. For a
 * local time that is a clock up to 14 hours away from UTC.
 */
export function isDateTicks({ ticks, kind }: DateTicks): boolean {
  if (kind !== 'local') return ticks >= 0n && ticks <= MAX_DATE_TICKS;
  return ticks >= -MAX_OFFSET_TICKS && ticks <= MAX_DATE_TICKS + MAX_OFFSET_TICKS;
}

/** The same for a Date; `false` for an invalid one. */
export function isDotnetDate(date: Date): boolean {
  const ms = date.getTime();
  if (ms >= -EPOCH_MS && ms <= MAX_DATE_MS) return true;
  return date instanceof DateTime && !Number.isNaN(ms) && isDateTicks(dateTicksOf(date));
}

/** Minutes: no clock on earth is further away from UTC. */
const MAX_OFFSET_MINUTES = 840;

/**
 * A .NET `DateTimeOffset`: an instant, and the offset of the clock that it was read from. As a Date it is
 * the instant, cut to the millisecond.
 */
export class DateTimeOffset extends DateTime {
  /** Minutes by which the clock is ahead of UTC; negative west of Greenwich. */
  readonly offsetMinutes: number;

  /**
   * @param instant ticks of 100 ns since 0001-01-01 of UTC, or a Date
   * @param offsetMinutes a whole number from −840 to 840
   */
  constructor(instant: bigint | Date, offsetMinutes: number) {
    super(typeof instant === 'bigint' ? instant : dateTicksOf(instant).ticks, 'local');
    this.offsetMinutes = offsetMinutes;
  }
}

/** Ticks of UTC; `undefined` for a value unknown to .NET: both clocks must be in the years 1 to 9999. */
export function offsetTicksOf(date: DateTimeOffset): bigint | undefined {
  const { offsetMinutes } = date;
  if (Number.isNaN(date.getTime()) || !Number.isInteger(offsetMinutes)) return undefined;
  if (Math.abs(offsetMinutes) > MAX_OFFSET_MINUTES) return undefined;
  const { ticks } = dateTicksOf(date);
  const clock = ticks + BigInt(offsetMinutes) * TICKS_PER_MINUTE;
  const isIn = (count: bigint): boolean => isDateTicks({ ticks: count, kind: 'utc' });
  return isIn(ticks) && isIn(clock) ? ticks : undefined;
}
