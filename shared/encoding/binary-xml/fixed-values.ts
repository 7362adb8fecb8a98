import type { DateTicks, DateTimeKind } from '../../contract/types/text/date-time.ts';
import { type Decimal, MAX_DECIMAL_SCALE } from '../../contract/types/text/number-text.ts';
import type { Cursor } from './cursor.ts';

/** The values of fixed width that are .NET's own: `DateTime` and `decimal`. */

/** The top two bits of a DateTime record: whose clock it was read from. */
export const DATE_KIND = { unspecified: 0, utc: 1, local: 2 } as const;
/** The inverse; 3 is a local time in the hour that repeats when summer time ends. */
const KINDS: readonly DateTimeKind[] = ['unspecified', 'utc', 'local', 'local'];
/** Ticks of a local time just before the year 1 are negative, and stand at the top of the 62 bits. */
const WRAPPED = 2n ** 62n - 864_000_000_000n;

/** A .NET `DateTime`, as `DateTime.FromBinary` reads it. It may be out of .NET's range. */
export function dateTimeAt(cursor: Cursor, at: number): DateTicks {
  const bits = cursor.view.getBigUint64(at, true);
  const kind = KINDS[Number(bits >> 62n)] ?? 'unspecified';
  const ticks = BigInt.asUintN(62, bits);
  const isWrapped = kind === 'local' && ticks > WRAPPED;
  return { ticks: isWrapped ? BigInt.asIntN(62, ticks) : ticks, kind };
}

/** A .NET `decimal`: 2 unused bytes, scale, sign, the upper 32 and the lower 64 bits of the digits. */
export function decimalAt(cursor: Cursor, at: number): Decimal {
  const { view } = cursor;
  const scale = view.getUint8(at + 2);
  const sign = view.getUint8(at + 3);
  if (scale > MAX_DECIMAL_SCALE) cursor.malformed(`a decimal has the scale ${scale}`);
  if ((sign & 0x7f) !== 0) cursor.malformed(`a decimal has the sign ${sign}`);
  const high = BigInt(view.getUint32(at + 4, true));
  const digits = (high << 64n) | view.getBigUint64(at + 8, true);
  return { isNegative: sign !== 0, digits, scale };
}
