import type { Cursor } from './cursor.ts';
import { type Decimal, MAX_DECIMAL_SCALE } from './lexical-numbers.ts';
import { MAX_DATE_TICKS } from './lexical-times.ts';

/** The values of fixed width of which some octets are not allowed. */

/** A .NET `DateTime` without its kind: ticks since 0001-01-01, up to the end of the year 9999. */
export function dateTicksAt(cursor: Cursor, at: number): bigint {
  const ticks = cursor.view.getBigUint64(at, true) & 0x3fff_ffff_ffff_ffffn;
  return ticks > MAX_DATE_TICKS ? cursor.malformed(`a date is ${ticks} ticks`) : ticks;
}

/** A .NET `decimal`: 2 unused octets, scale, sign, the upper 32 and the lower 64 bits of the digits. */
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
