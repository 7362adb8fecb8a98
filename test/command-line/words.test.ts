import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMAND as CLIENT } from '../../client/options.ts';
import { COMMAND as SERVICE } from '../../service/options.ts';
import { type CommandDescription, readWithYargs } from '../../shared/command-line/command.ts';
import { type OptionShapes, scanWords } from '../../shared/command-line/words.ts';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  'port-sharing': { type: 'boolean', default: true },
  port: { type: 'number', default: 9_000 },
  'log-name': { type: 'string' },
  limit: { type: 'string', array: true },
  encoding: { choices: ['msgpack', 'soap'] },
} as const;
const DEFAULTS = { json: false, portSharing: true, port: 9_000 };

describe('without yargs', () => {
  test.for<[words: string, expected: object]>([
    ['', { _: [] }],
    ['4381 add 1 2', { _: ['4381', 'add', '1', '2'] }],
    ['4381 add -1 -1e5', { _: ['4381', 'add', '-1', '-1e5'] }],
    ['add -- -1 --json', { _: ['add', '-1', '--json'] }],
    ['-', { _: ['-'] }],
    ["'quoted'", { _: ["'quoted'"] }],
    ['--json 7', { _: ['7'], json: true }],
    ['--no-port-sharing', { _: [], portSharing: false }],
    ['--port 80 x', { _: ['x'], port: 80 }],
    ['--port=1.5', { _: [], port: 1.5 }],
    ['--log-name a/b=c', { _: [], logName: 'a/b=c' }],
    ['--log-name=x --encoding soap', { _: [], logName: 'x', encoding: 'soap' }],
  ])('"%s" is read', ([words, expected]) => {
    const argv = words.split(' ').filter((word) => word !== '');
    expect(scanWords(argv, OPTIONS, true).values).toEqual({ ...DEFAULTS, ...expected });
  });

  test.for([
    '--help',
    '--version',
    '--unknown x',
    '--__proto__ x',
    '--toString x',
    '--json=true',
    '--json true',
    '--json --json',
    '--port -1',
    '--port 0x10',
    '--port 1e3',
    '--port 007',
    '--logName x',
    '--log-name "x"',
    '--encoding xml',
    '--limit a=1',
  ])('"%s" is left to yargs', (words) => {
    expect(scanWords(words.split(' '), OPTIONS, true).values).toBeUndefined();
  });

  test('words are left to yargs where one of them may be a command', () => {
    expect(scanWords(['4381'], OPTIONS, false).values).toBeUndefined();
    expect(scanWords(['--', '4381'], OPTIONS, false).values).toBeUndefined();
  });
});

describe('for yargs', () => {
  test.for<[argv: string[], explicit: string[]]>([
    [[], []],
    [['--json'], ['--json']],
    [
      ['--json', 'false', '1'],
      ['--json', 'false', '--', '1'],
    ],
    [
      ['--no-port-sharing', '1'],
      ['--no-port-sharing', '--', '1'],
    ],
    [
      ['1', '--port', '80', 'add'],
      ['--port=80', '--', '1', 'add'],
    ],
    [['--port', '-1'], ['--port=-1']],
    [
      ['--port', '-1e5', '-1e5'],
      ['--port=-1e5', '--', '-1e5'],
    ],
    [['--logName', 'a'], ['--log-name=a']],
    [['--log-name', 'a\nb=c'], ['--log-name=a\nb=c']],
    [['--log-name=-'], ['--log-name=-']],
    [
      ['--limit', 'a=1', '--limit=b=2'],
      ['--limit=a=1', '--limit=b=2'],
    ],
    [
      ['add', '-Infinity', '-2.5E-3', '-.5', '-0'],
      ['--', 'add', '-Infinity', '-2.5E-3', '-.5', '-0'],
    ],
    [
      ['add', '--', '-1', '--json'],
      ['--', 'add', '-1', '--json'],
    ],
    [
      ['--unknown', '1'],
      ['--unknown', '--', '1'],
    ],
    [['-'], ['--', '-']],
  ])('%j is written out', ([argv, explicit]) => {
    expect(scanWords(argv, OPTIONS, true).explicit).toEqual(explicit);
  });

  test('words stay where they are when one of them may be a command', () => {
    const argv = ['run', '--limit', 'a=1', '-', '--', '--port'];
    expect(scanWords(argv, OPTIONS, false)).toMatchObject({
      explicit: ['run', '--limit=a=1', '-', '--', '--port'],
      words: ['run', '-', '--port'],
    });
  });
});

describe('refuses', () => {
  test.for<[argv: string[], text: string]>([
    [['--port'], '--port needs a value.'],
    [['--port', '--json'], '--port needs a value.'],
    [['--port='], '--port needs a value.'],
    [['--port', ''], '--port needs a value.'],
    [['--port', ' '], '--port needs a value.'],
    [['--no-port'], '--port needs a value.'],
    [['--logName'], '--log-name needs a value.'],
    [['--encoding'], '--encoding needs a value.'],
    [['--limit'], '--limit needs a value.'],
    [['--port', '80', '--port', '81'], '--port is given more than once.'],
    [['--log-name', 'a', '--logName=b'], '--log-name is given more than once.'],
    [['--json=perhaps'], '--json is given or not: it takes no value.'],
    [['--json='], '--json is given or not: it takes no value.'],
    [['--no-json=1'], '--json is given or not: it takes no value.'],
    [['-x'], '"-x" is not an option.'],
    [['-\x1b[31m'], '"-\\u001b[31m" is not an option.'],
  ])('%j', ([argv, text]) => {
    expect(() => scanWords(argv, OPTIONS, true)).toThrow(
      expect.objectContaining({ code: 'Usage', message: expect.stringContaining(text) as string }),
    );
  });
});

/** Command lines as people and scripts write them, and some that are nearly right. */
const anyArguments = fc.array(
  fc.oneof(
    fc.constantFrom('--json', '--color', '--no-color', '--no-port-sharing', '--port-sharing'),
    fc.constantFrom('--host', '--port', '--address', '--timeout', '--salt', '--bind', '--encoding'),
    fc.constantFrom('add', '4381', '0', '-1', '007', '1e3', '.5', '1.50', '-.5e-3', '-Infinity'),
    fc.constantFrom('true', 'false', '--', '-', 'x=y', '-0', '--no-port', '--portSharing'),
    fc.constantFrom('localhost', '::1', 'net.tcp://h:1/a?b#c', 'msgpack', 'soap', '', "'q'", 'a b'),
    fc
      .tuple(
        fc.constantFrom(
          '--host',
          '--port',
          '--bind',
          '--salt',
          '--json',
          '--encoding',
          '--no-json',
        ),
        fc.constantFrom('=', '=1', '=1.5', '=true', '=soap', '=a=b', '=-1', '="x"', '=99999999999'),
      )
      .map(([name, value]) => name + value),
    fc.string({ maxLength: 6 }),
  ),
  { maxLength: 6 },
);

const COMMANDS: readonly CommandDescription<OptionShapes>[] = [CLIENT, SERVICE];

test.for(COMMANDS)('what is read of a line of $name is what yargs reads', async (command) => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(anyArguments, async (argv) => {
      let values: Readonly<Record<string, unknown>> | undefined;
      try {
        ({ values } = scanWords(argv, command.options, command.takesWords));
      } catch {
        return; // both ways begin with the same pass
      }
      if (values === undefined) return;
      accepted += 1;
      const { $0: _, ...full } = await readWithYargs(argv, command);
      const members = Object.entries(full).filter(
        ([name, value]) => value !== undefined && !name.includes('-'),
      );
      expect(values).toEqual(Object.fromEntries(members));
    }),
    { numRuns: 600 },
  );
  expect(accepted).toBeGreaterThan(30);
});
