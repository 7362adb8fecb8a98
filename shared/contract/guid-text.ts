import { trimXml } from './number-text.ts';

const CANONICAL = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ENCLOSED = /^(?:\{(.*)\}|\((.*)\))$/;
const DIGITS = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/**
 * A GUID in the forms that .NET's `Guid` reads: with hyphens, in braces or parentheses then or not, or 32
 * digits alone; capitals, and white space around it.
 *
 * @returns lower-case `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, as .NET writes it; `undefined` for text
 *   that is none
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
