import { NetTcpError } from './errors.ts';
import { quoted, shown } from './printable.ts';

// Options may come from JavaScript, where nobody has checked their names and types.

/** A test of a value, and what it has to be, for an error: `a number`. A wrong `secret` is not shown there. */
export type Check = readonly [isRight: (value: unknown) => boolean, what: string, hides?: 'secret'];

/** The largest timeout of Node; a longer timer fires at once. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;

export const BOOLEAN: Check = [(value) => typeof value === 'boolean', 'true or false'];
export const STRING: Check = [(value) => typeof value === 'string', 'a string'];
export const FUNCTION: Check = [(value) => typeof value === 'function', 'a function'];
export const LIST: Check = [(value) => Array.isArray(value), 'an array'];
export const OBJECT: Check = [(value) => typeof value === 'object' && value !== null, 'an object'];
export const ANYTHING: Check = [() => true, 'anything'];
/** Milliseconds, or a count: what a Node timer takes. */
export const WHOLE_NUMBER: Check = [isWholeNumber, `a whole number from 0 to ${MAX_TIMEOUT_MS}`];
export const SIGNAL: Check = [isSignal, 'an AbortSignal'];

/** One of a few texts. */
export function oneOf(...texts: readonly string[]): Check {
  const what = texts.map((text) => `'${text}'`).join(' or ');
  return [(value) => typeof value === 'string' && texts.includes(value), what];
}

/** What has which options: for whoever gives one to another. */
const PLACES = new Map<string, readonly string[]>();

/**
 * Says that all of these are options of one place.
 *
 * @param owner a phrase: `NetTcpBinding`, `the limits of NetTcpBinding`
 * @returns the options as they were given
 */
export function optionsOf<T extends object>(owner: string, known: T): T {
  PLACES.set(owner, Object.keys(known));
  return known;
}

/**
 * Checks the names and values of options. Those that are `undefined` are left to their defaults.
 *
 * @param owner what the options belong to, for the error
 * @param within names of options that are themselves objects, and what those may have: who writes one a level too
 *   high is told where it belongs
 * @throws {NetTcpError} `Usage` for a name that `known` lacks, with the nearest one or with what has it ({@link optionsOf}),
 *   or for a wrong value
 */
export function checkOptions(
  owner: string,
  options: unknown,
  known: Readonly<Record<string, Check>>,
  within: Readonly<Record<string, readonly string[]>> = {},
): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new NetTcpError(
      'Usage',
      `The options of ${owner} must be an object, not ${shown(options)}.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) throw unknownName(owner, name, Object.keys(known), within);
    const [isRight, what, hides] = check;
    if (value !== undefined && !isRight(value)) {
      const but = hides === undefined ? `, not ${shown(value)}` : '';
      throw new NetTcpError('Usage', `The option ${name} of ${owner} must be ${what}${but}.`);
    }
  }
}

function unknownName(
  owner: string,
  name: string,
  known: readonly string[],
  within: Readonly<Record<string, readonly string[]>>,
): NetTcpError {
  const places = [...PLACES]
    .filter(([, names]) => names.includes(name))
    .map(([place]) => place)
    .sort();
  if (places.length > 0 && !Object.values(within).flat().includes(name)) {
    const text = `${owner} has no option ${quoted(name)}: it belongs to ${places.join(', or to ')}.`;
    return new NetTcpError('Usage', text);
  }
  const nearest = nearestName(name, [...known, ...Object.values(within).flat()]);
  const [place] = Object.entries(within).find(([, names]) => names.includes(nearest ?? '')) ?? [];
  const written = place === undefined ? nearest : `${place}: { ${nearest} }`;
  const advice =
    written === undefined ? `It has ${known.join(', ')}.` : `Did you mean "${written}"?`;
  return new NetTcpError('Usage', `${owner} has no option ${quoted(name)}. ${advice}`);
}

/** The name in `known` that `name` most likely stands for; `undefined` if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = name.toLowerCase();
  let nearest: string | undefined;
  let best = Infinity;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const isPart = written.includes(other) || (written.length > 3 && other.includes(written));
    const edits = editDistance(written, other);
    const distance = isPart ? Math.min(edits, 1) : edits;
    if (distance < best && (isPart || distance <= Math.max(2, other.length / 3))) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** How many letters to add, remove or change. [Levenshtein] */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const change = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function isWholeNumber(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TIMEOUT_MS;
}

function isSignal(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function'
  );
}
