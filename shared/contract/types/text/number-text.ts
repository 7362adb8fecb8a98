/**
 * Numbers and GUIDs as text, in the forms of XML Schema part 2: written as .NET writes them, read as
 * leniently as .NET reads them. Each `parse…` returns `undefined` for text that is not such a value, and all
 * but `parseVersion` allow white space around it, as XML Schema does.
 */

const DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITY = /^([+-]?)(?:INF|Infinity)$/;
const INTEGER = /^[+-]?\d{1,40}$/;
const DECIMAL = /^([+-]?)(\d{0,64})(?:\.(\d{0,64}))?$/;

export const MAX_DECIMAL_SCALE = 28;
const MAX_DECIMAL = 2n ** 96n - 1n;

/** `INF`, `-INF`, `NaN`, or the shortest digits that give the same double back; −0 is `-0`. */
export function formatDouble(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value).toUpperCase();
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'INF' : '-INF';
}

/** As {@link formatDouble}, with no more digits than binary32 needs. */
export function formatFloat(value: number): string {
  for (let digits = 1; digits <= 9 && value !== 0; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(short), value)) return formatDouble(short);
  }
  return formatDouble(value);
}

/** Digits before the point up to which .NET writes no exponent: as many as the type can need. */
const POSITIONAL = { double: 17, float: 9 } as const;

/** The same digits as .NET's `R`: with an exponent where the number is large or small, as `1E+17` or `1E-05`. */
export function formatRoundTrip(value: number, kind: 'double' | 'float'): string {
  const text = kind === 'float' ? formatFloat(value) : formatDouble(value);
  if (!Number.isFinite(value) || value === 0) return text;
  const [mantissa = '', power = '0'] = Math.abs(Number(text)).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  const sign = value < 0 ? '-' : '';
  if (exponent >= POSITIONAL[kind] || exponent < -4) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}E${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, '0');
  const fraction = whole.slice(exponent + 1);
  return `${sign}${whole.slice(0, exponent + 1)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The nearest double; `INF`, `Infinity` and `NaN` are read, too. */
export function parseDouble(text: string): number | undefined {
  const trimmed = trimXml(text);
  if (DOUBLE.test(trimmed)) return Number(trimmed);
  const [, sign] = INFINITY.exec(trimmed) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return trimmed === 'NaN' ? NaN : undefined;
}

export function parseInteger(text: string): bigint | undefined {
  const trimmed = trimXml(text);
  if (!INTEGER.test(trimmed)) return undefined;
  return BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
}

export function parseBoolean(text: string): boolean | undefined {
  const trimmed = trimXml(text);
  if (trimmed === 'true' || trimmed === '1') return true;
  return trimmed === 'false' || trimmed === '0' ? false : undefined;
}

/** A .NET `decimal`: `digits` · 10^−`scale`; digits under 2^96, scale 0 to 28. */
export interface Decimal {
  readonly isNegative: boolean;
  readonly digits: bigint;
  readonly scale: number;
}

/**
 * Zeros at the end are kept, as in .NET, unless there is no room for them. Text with more digits than a
 * .NET `decimal` holds is refused: .NET would round it silently.
 */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(trimXml(text)) ?? [];
  if (whole === '' && fraction === '') return undefined;
  let digits = BigInt(whole + fraction);
  let scale = fraction.length;
  while (scale > 0 && (digits > MAX_DECIMAL || scale > MAX_DECIMAL_SCALE) && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  if (digits > MAX_DECIMAL || scale > MAX_DECIMAL_SCALE) return undefined;
  return { isNegative: sign === '-', digits, scale };
}

/**
 * As `-15.99`: no exponent, no superfluous zeros in front, every digit of the scale after the point.
 * Zero has no sign, as in .NET.
 */
export function formatDecimal({ isNegative, digits, scale }: Decimal): string {
  const all = String(digits).padStart(scale + 1, '0');
  const point = all.length - scale;
  const text = scale === 0 ? all : `${all.slice(0, point)}.${all.slice(point)}`;
  return isNegative && digits > 0n ? `-${text}` : text;
}

/** Removes XML's white space on both sides (`trim` removes more kinds of it). */
export function trimXml(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/(?<![ \t\r\n])[ \t\r\n]+$/, '');
}

const VERSION = /^\d{1,10}(?:\.\d{1,10}){1,3}$/;

/** Two to four numbers up to 2^31 − 1, zeros in front removed; `undefined` for other text. */
export function parseVersion(text: string): string | undefined {
  if (!VERSION.test(text)) return undefined;
  const numbers = text.split('.').map(Number);
  return numbers.every((number) => number <= 0x7fff_ffff) ? numbers.join('.') : undefined;
}

const CANONICAL = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ENCLOSED = /^(?:\{(.*)\}|\((.*)\))$/;
const DIGITS = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/**
 * A GUID in the forms D, B, P and N of .NET's `Guid`: with hyphens, bare, in braces or in parentheses, or
 * 32 digits alone. Capitals are read, too, and white space around it.
 *
 * @returns lower-case `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, as .NET writes it; `undefined` for other text
 */
export function parseGuid(text: string): string | undefined {
  if (CANONICAL.test(text)) return text;
  const lower = trimXml(text).toLowerCase();
  const [, braced, bracketed] = ENCLOSED.exec(lower) ?? [];
  const guid = braced ?? bracketed ?? lower;
  if (CANONICAL.test(guid)) return guid;
  const groups = DIGITS.exec(lower);
  return groups === null ? undefined : groups.slice(1).join('-');
}
