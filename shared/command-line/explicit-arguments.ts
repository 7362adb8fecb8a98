import { NetTcpError } from '../errors.ts';
import { parseDouble } from './number-format.ts';
import { camelCase, type OptionShape, type OptionShapes } from './plain-arguments.ts';
import { quoted } from '../printable.ts';

/**
 * A command line as it is given to yargs, which is left nothing to guess: every option has its one value
 * behind `=`, and words that are numbers (`-1e5`, `-Infinity`) are not taken for bundles of short options,
 * of which there are none.
 *
 * @param wordsLast whether words may stand behind `--`, behind all options: not where one of them is a command
 * @throws {NetTcpError} `Usage` for an option without a value or given twice, and for a short one
 */
export function explicitArguments(
  argv: readonly string[],
  options: OptionShapes,
  wordsLast: boolean,
): string[] {
  const shapes = new Map<string, readonly [name: string, shape: OptionShape]>();
  for (const [name, shape] of Object.entries(options)) shapes.set(camelCase(name), [name, shape]);
  const seen = new Set<string>();
  const result: string[] = [];
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      words.push(...(wordsLast ? rest : ['--', ...rest]));
      break;
    }
    if (!isOption(word)) {
      (wordsLast ? words : result).push(word);
      continue;
    }
    if (!word.startsWith('--')) {
      throw new NetTcpError('Usage', `${quoted(word)} is not an option. See --help.`);
    }
    const [, no, found = '', inline] = /^--(no-)?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const [name, shape] = shapes.get(camelCase(found)) ?? [];
    if (name === undefined || shape === undefined || shape.type === 'boolean') {
      result.push(word);
      const isBoolean = shape !== undefined && (rest[0] === 'true' || rest[0] === 'false');
      if (isBoolean) result.push(rest.shift() ?? '');
      continue;
    }
    const isNext = inline === undefined && rest[0] !== undefined && !isOption(rest[0]);
    const value = inline ?? (isNext ? (rest.shift() ?? '') : '');
    if (no !== undefined || value.trim() === '') {
      throw new NetTcpError('Usage', `--${name} needs a value. See --help.`);
    }
    if (seen.has(name) && shape.array !== true) {
      throw new NetTcpError('Usage', `--${name} is given more than once.`);
    }
    seen.add(name);
    result.push(`--${name}=${value}`);
  }
  return wordsLast && words.length > 0 ? [...result, '--', ...words] : [...result, ...words];
}

/** Whether a word is meant as an option: a lone dash and negative numbers are not. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-' && word !== '--' && parseDouble(word) === undefined;
}
