/**
 * Values that travel as text because MessagePack has no type for them that every library reads:
 * each function gives the text's value, or `undefined` when it is none.
 */

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DECIMAL = /^-?(\d{1,29})(?:\.\d{1,28})?$/;
const DATE_TIME =
  /^((?:\d{4}|[+-]\d{6})-\d\d-(\d\d))T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** In lower case. */
export function guidOf(text: string): string | undefined {
  return GUID.test(text) ? text.toLowerCase() : undefined;
}

/** As it came: .NET's `decimal` keeps zeros at the end, so "1.10" is not "1.1". */
export function decimalOf(text: string): string | undefined {
  const [, whole] = DECIMAL.exec(text) ?? [];
  return whole !== undefined && BigInt(whole) < 2n ** 96n ? text : undefined;
}

/**
 * ISO 8601 with `T` and an offset (a time without one is no instant), seconds and fraction optional;
 * digits beyond the millisecond are cut off.
 */
export function dateTimeOf(text: string): Date | undefined {
  const [, day, dayOfMonth] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  // Date takes 30 February for 1 March.
  if (new Date(`${day}T00:00:00Z`).getUTCDate() !== Number(dayOfMonth)) return undefined;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
