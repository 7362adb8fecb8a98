import { NetTcpError } from '../errors.ts';
import { foldCase } from './fold-case.ts';

/**
 * A file of names, each with a value (a hash): one `name:value` per line; lines that begin with `#` and empty
 * ones are kept. Changing one name leaves every other line as it is.
 */
export interface NameFile {
  readonly lines: readonly NameLine[];
}

type NameLine = { readonly text: string } | { readonly name: string; readonly value: string };

/** A service has thousands of users at most; the file is read as a whole. */
const MAX_LINES = 100_000;
const MAX_NAME_CHARS = 256;

/**
 * @param file  what the error calls the file
 * @param check returns what is wrong with a value, or `undefined`
 * @throws {NetTcpError} `Usage` for an invalid line, a name that is there twice, or too many lines; the value is
 *   never shown
 */
export function parseNameFile(
  text: string,
  file: string,
  check: (value: string) => string | undefined,
): NameFile {
  const rows = text.split(/\r?\n/);
  if (rows.at(-1) === '') rows.pop();
  if (rows.length > MAX_LINES) throw unusable(file, `it has over ${MAX_LINES} lines`);
  const seen = new Set<string>();
  const lines = rows.map((row, index): NameLine => {
    if (row.trim() === '' || row.startsWith('#')) return { text: row };
    const where = `line ${index + 1}`;
    const colon = row.indexOf(':');
    if (colon < 0) throw unusable(file, `${where} is not of the form name:hash`);
    const name = row.slice(0, colon);
    const value = row.slice(colon + 1);
    const wrong = nameFault(name) ?? check(value);
    if (wrong !== undefined) throw unusable(file, `${where}: ${wrong}`);
    if (seen.has(foldCase(name))) throw unusable(file, `${where} names "${name}" again`);
    seen.add(foldCase(name));
    return { name, value };
  });
  return { lines };
}

/**
 * Refuses a file without a name in it: nobody could call the service that goes by it. A file that is being written
 * is empty for a moment, too.
 *
 * @param file what the error calls the file
 * @throws {NetTcpError} `Usage`
 */
export function requireNames(names: NameFile, file: string): NameFile {
  if (names.lines.some((line) => 'name' in line)) return names;
  const why = 'it names nobody, so nobody could call; net-tcp-port-sharing user add adds a name';
  throw unusable(file, why);
}

export function writeNameFile({ lines }: NameFile): string {
  return lines
    .map((line) => `${'text' in line ? line.text : `${line.name}:${line.value}`}\n`)
    .join('');
}

/**
 * The file with `value` in place of the name's old one, or in a new line at the end.
 *
 * @throws {NetTcpError} `Usage` for a name that cannot be in such a file
 */
export function withName({ lines }: NameFile, name: string, value: string): NameFile {
  const wrong = nameFault(name);
  if (wrong !== undefined) throw new NetTcpError('Usage', `"${name}" cannot be a user: ${wrong}.`);
  const isNamed = (line: NameLine): boolean =>
    'name' in line && foldCase(line.name) === foldCase(name);
  if (!lines.some(isNamed)) return { lines: [...lines, { name, value }] };
  return { lines: lines.map((line) => (isNamed(line) ? { name, value } : line)) };
}

/** Names and values, by name in capitals: case has no meaning in names. */
export function namesOf({ lines }: NameFile): ReadonlyMap<string, { name: string; value: string }> {
  const named = lines.filter((line) => 'name' in line);
  return new Map(named.map((line) => [foldCase(line.name), line]));
}

function nameFault(name: string): string | undefined {
  if (name === '' || name !== name.trim())
    return 'a name must not be empty, nor begin or end with a space';
  if (name.length > MAX_NAME_CHARS) return `a name has at most ${MAX_NAME_CHARS} characters`;
  if (name.startsWith('#')) return 'a name must not begin with "#"';
  if (/[:\p{Cc}]/u.test(name)) return 'a name must have neither ":" nor control characters';
  return undefined;
}

function unusable(file: string, why: string): NetTcpError {
  return new NetTcpError('Usage', `${file} cannot be used: ${why}.`);
}
