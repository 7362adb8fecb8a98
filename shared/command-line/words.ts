import { NetTcpError } from '../errors.ts';
import { quoted } from '../printable.ts';
import { parseDouble } from './number-format.ts';

/** An option, declared for yargs, with only what can also be read without yargs. */
interface OptionShape {
  readonly describe?: string;
  readonly type?: 'string' | 'number' | 'boolean';
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** Whether it may be repeated. */
  readonly array?: boolean;
}

export type OptionShapes = Readonly<Record<string, OptionShape>>;

/** The result of one pass over a command line. */
interface ScannedWords {
  /**
   * What yargs would return; `undefined` where only yargs can tell: for `--help`, unknown options, and values that
   * have more than one spelling.
   *
   * Most command lines need no yargs, which takes longer to load than Node takes to start.
   */
  readonly values: Readonly<Record<string, unknown>> | undefined;
  /**
   * The words for yargs, with nothing left to guess: every option has its one value after `=`, and numbers
   * (`-1e5`, `-Infinity`) are not taken for bundles of short options, of which there are none.
   */
  readonly explicit: readonly string[];
  /** Words that are not options, in their order. */
  readonly words: readonly string[];
}

// Values that can be read in one way only: nothing that yargs unquotes, negates or takes for another number.
const PLAIN_VALUE = /^[^-"'\s][^"'\s]*$/;
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/;

/**
 * Scans a command line once, for both ways of reading it: with yargs and without.
 *
 * @param takesWords whether words that are not options are operands: they stay text, may stand after `--`, and
 *   come last for yargs. Otherwise one of them may be a command, and yargs gets them where they are.
 * @throws {NetTcpError} `Usage` for a short option, for one without a value or given twice, and for a value
 *   where none is due
 */
export function scanWords(
  argv: readonly string[],
  options: OptionShapes,
  takesWords: boolean,
): ScannedWords {
  const shapes = new Map<string, readonly [name: string, shape: OptionShape]>();
  for (const [name, shape] of Object.entries(options)) shapes.set(camelCase(name), [name, shape]);
  const found = new Map<string, unknown>();
  const explicit: string[] = [];
  const words: string[] = [];
  let isPlain = true;
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      words.push(...rest);
      if (!takesWords) explicit.push('--', ...rest);
      isPlain &&= takesWords;
      break;
    }
    if (!isOption(word)) {
      words.push(word);
      if (!takesWords) explicit.push(word);
      isPlain &&= takesWords;
      continue;
    }
    if (!word.startsWith('--')) {
      throw new NetTcpError('Usage', `${quoted(word)} is not an option. See --help.`);
    }
    const [, no, spelling = '', inline] = /^--(no-)?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const [name, shape] = shapes.get(camelCase(spelling)) ?? [];
    if (name === undefined || shape === undefined) {
      explicit.push(word);
      isPlain = false;
      continue;
    }
    if (shape.type === 'boolean') {
      if (inline !== undefined && inline !== 'true' && inline !== 'false') {
        throw new NetTcpError('Usage', `--${name} is given or not: it takes no value. See --help.`);
      }
      explicit.push(word);
      const hasValue = rest[0] === 'true' || rest[0] === 'false';
      if (hasValue) explicit.push(rest.shift() ?? '');
      isPlain &&= !hasValue && inline === undefined && name === spelling && !found.has(name);
      found.set(name, no === undefined);
      continue;
    }
    const isNext = inline === undefined && rest[0] !== undefined && !isOption(rest[0]);
    const text = inline ?? (isNext ? (rest.shift() ?? '') : '');
    if (no !== undefined || text.trim() === '') {
      throw new NetTcpError('Usage', `--${name} needs a value. See --help.`);
    }
    if (found.has(name) && shape.array !== true) {
      throw new NetTcpError('Usage', `--${name} is given more than once.`);
    }
    const value = name === spelling ? plainValue(shape, text) : undefined;
    isPlain &&= value !== undefined;
    found.set(name, value);
    explicit.push(`--${name}=${text}`);
  }
  if (takesWords && words.length > 0) explicit.push('--', ...words);
  return { values: isPlain ? withDefaults(found, words, options) : undefined, explicit, words };
}

function withDefaults(
  found: ReadonlyMap<string, unknown>,
  words: readonly string[],
  options: OptionShapes,
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { _: words };
  for (const [name, option] of Object.entries(options)) {
    const value = found.has(name) ? found.get(name) : option.default;
    if (value !== undefined) result[camelCase(name)] = value;
  }
  return result;
}

function plainValue(
  { type, choices, array }: OptionShape,
  text: string,
): string | number | undefined {
  if (array === true || !PLAIN_VALUE.test(text)) return undefined;
  if (type === 'number') return PLAIN_NUMBER.test(text) ? Number(text) : undefined;
  return choices === undefined || choices.includes(text) ? text : undefined;
}

/** Whether a word is an option: a lone dash and negative numbers are not. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-' && word !== '--' && parseDouble(word) === undefined;
}

/** What yargs calls an option: `logFile` for `log-file`. */
function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
