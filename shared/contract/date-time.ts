/** Whose clock a .NET `DateTime` was read from. */
export type DateTimeKind = 'unspecified' | 'utc' | 'local';

const TICKS_PER_MS = 10_000n;
/** Milliseconds from 0001-01-01, where .NET counts from, to 1970-01-01, where JavaScript does. */
const EPOCH_MS = 62_135_596_800_000;

/**
 * A .NET `DateTime` that a Date alone cannot carry: one finer than a millisecond, or one whose kind
 * is not UTC. Values of the type `dateTime` that come from SOAP are plain Dates where that is all
 * there is to them, and of this class otherwise; sent on, they are what they were, to the tick.
 *
 * As a Date it is the instant, cut to the millisecond; an unspecified kind counts as UTC, because
 * nobody knows whose wall clock it was.
 */
export class DateTime extends Date {
  readonly #ticks: bigint;
  readonly kind: DateTimeKind;

  /** @param ticks 100 ns since 0001-01-01, of UTC for the kinds `utc` and `local` */
  constructor(ticks: bigint, kind: DateTimeKind) {
    super(Number(ticks / TICKS_PER_MS) - EPOCH_MS);
    this.#ticks = ticks;
    this.kind = kind;
  }

  /** 100 ns since 0001-01-01; `undefined` behind a change by one of Date's own methods. */
  get ticks(): bigint | undefined {
    const ms = Number(this.#ticks / TICKS_PER_MS) - EPOCH_MS;
    return ms === this.getTime() ? this.#ticks : undefined;
  }

  /** A Date where that says it all, else a DateTime. */
  static of(ticks: bigint, kind: DateTimeKind): Date {
    const dateTime = new DateTime(ticks, kind);
    const isPlain = kind === 'utc' && ticks % TICKS_PER_MS === 0n;
    return isPlain ? new Date(dateTime.getTime()) : dateTime;
  }
}
