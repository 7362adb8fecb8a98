import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPTIONS as CLIENT_OPTIONS, parse as parseClient } from '../client/command.ts';
import { OPTIONS as SERVICE_OPTIONS, parse as parseService } from '../service/command.ts';
import { plainArguments } from '../shared/command-line/plain-arguments.ts';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  sharing: { type: 'boolean', default: true },
  'log-file': { type: 'string' },
  port: { type: 'number', default: 9_000 },
  encoding: { choices: ['msgpack', 'soap'] },
} as const;
const DEFAULTS = { json: false, sharing: true, port: 9_000 };

test.for<[words: string, expected: object]>([
  ['', { _: [] }],
  ['4381 add 1 2', { _: ['4381', 'add', '1', '2'] }],
  ['--json 7', { _: ['7'], json: true }],
  ['--no-sharing', { _: [], sharing: false }],
  ['--port 80 x', { _: ['x'], port: 80 }],
  ['--port=1.5', { _: [], port: 1.5 }],
  ['--log-file a/b=c', { _: [], logFile: 'a/b=c' }],
  ['--log-file=x --encoding soap', { _: [], logFile: 'x', encoding: 'soap' }],
])('reads "%s"', ([words, expected]) => {
  const argv = words.split(' ').filter((word) => word !== '');
  expect(plainArguments(argv, OPTIONS, true)).toEqual({ ...DEFAULTS, ...expected });
});

describe('leaves to yargs', () => {
  test.for([
    '--help',
    '--version',
    '-j',
    '-',
    '--',
    '1 -- -1 0',
    '-1',
    '--unknown x',
    '--__proto__ x',
    '--toString x',
    '--json=true',
    '--json true',
    '--json --json',
    '--port',
    '--port -1',
    '--port 0x10',
    '--port 1e3',
    '--port 007',
    '--port=',
    '--port 80 --port 81',
    '--no-port',
    '--logFile x',
    '--log-file "x"',
    '--encoding xml',
    "'quoted'",
  ])('%s', (words) => {
    expect(plainArguments(words.split(' '), OPTIONS, true)).toBeUndefined();
  });

  test('words, where there can be none, and empty ones', () => {
    expect(plainArguments(['4381'], OPTIONS, false)).toBeUndefined();
    expect(plainArguments([''], OPTIONS, true)).toBeUndefined();
    expect(plainArguments(['--log-file', ''], OPTIONS, true)).toBeUndefined();
  });
});

/** Command lines as people and scripts write them, and close to that. */
const anyArguments = fc.array(
  fc.oneof(
    fc.constantFrom('--json', '--color', '--no-color', '--no-port-sharing', '--port-sharing'),
    fc.constantFrom('--host', '--port', '--address', '--timeout', '--salt', '--bind', '--encoding'),
    fc.constantFrom(
      'add',
      '4381',
      '0',
      '-1',
      '007',
      '1e3',
      '.5',
      '1.50',
      'true',
      'false',
      '--',
      'x=y',
    ),
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

test.for([
  ['client', parseClient, CLIENT_OPTIONS, true],
  ['service', parseService, SERVICE_OPTIONS, false],
] as const)(
  'what is read of a %s command line is what yargs reads',
  async ([, parse, options, takesWords]) => {
    await fc.assert(
      fc.asyncProperty(anyArguments, async (argv) => {
        const plain = plainArguments(argv, options, takesWords);
        if (plain === undefined) return;
        const { $0: _, ...full } = await parse(argv);
        const members = Object.entries(full).filter(
          ([name, value]) => value !== undefined && !name.includes('-'),
        );
        expect(plain).toEqual(Object.fromEntries(members));
      }),
      { numRuns: 400 },
    );
  },
);
