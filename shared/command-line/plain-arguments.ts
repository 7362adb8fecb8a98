/** As much of an option's declaration for yargs as is needed to read it. */
export interface OptionShape {
  readonly type?: 'string' | 'number' | 'boolean';
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** It may be repeated. */
  readonly array?: boolean;
}

export type OptionShapes = Readonly<Record<string, OptionShape>>;

// Values that everybody reads in the same way: nothing that yargs unquotes, negates or takes for another number.
const PLAIN_VALUE = /^[^-"'\s][^"'\s]*$/;
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/;

/**
 * Reads a command line of the plainest kind: words, and known options that are written out and come once.
 *
 * This is how commands are mostly called, and yargs takes longer to load than Node takes to start: 80 of
 * 170 ms of a call of the client. All else, mistakes and `--help` included, is for yargs.
 *
 * @param takesWords whether there may be words that belong to no option
 * @returns what yargs gives for it, or `undefined`: ask yargs
 */
export function plainArguments(
  argv: readonly string[],
  options: OptionShapes,
  takesWords: boolean,
): Readonly<Record<string, unknown>> | undefined {
  const found = new Map<string, unknown>();
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      if (!takesWords || !PLAIN_VALUE.test(word)) return undefined;
      words.push(word);
      continue;
    }
    const [, no, name = '', equals, inline = ''] = /^--(no-)?([a-z-]+)(=(.*))?$/s.exec(word) ?? [];
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined || found.has(name)) return undefined;
    if (option.type === 'boolean') {
      const isAmbiguous = rest[0] === 'true' || rest[0] === 'false';
      if (equals !== undefined || isAmbiguous) return undefined;
      found.set(name, no === undefined);
      continue;
    }
    const value = valueOf(option, equals === undefined ? (rest.shift() ?? '') : inline);
    if (no !== undefined || value === undefined) return undefined;
    found.set(name, value);
  }
  const result: Record<string, unknown> = { _: words };
  for (const [name, option] of Object.entries(options)) {
    const value = found.has(name) ? found.get(name) : option.default;
    if (value !== undefined) result[camelCase(name)] = value;
  }
  return result;
}

function valueOf({ type, choices }: OptionShape, text: string): string | number | undefined {
  if (!PLAIN_VALUE.test(text)) return undefined;
  if (type === 'number') return PLAIN_NUMBER.test(text) ? Number(text) : undefined;
  return choices === undefined || choices.includes(text) ? text : undefined;
}

/** What yargs calls an option: `logFile` for `log-file`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
