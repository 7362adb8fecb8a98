import { describe, expect, test } from 'vitest';
import { explicitArguments } from '../shared/command-line/explicit-arguments.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  'port-sharing': { type: 'boolean' },
  port: { type: 'number' },
  'log-name': { type: 'string' },
  limit: { type: 'string', array: true },
  encoding: { choices: ['msgpack', 'soap'] },
} as const;

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
])('writes %j out', ([argv, explicit]) => {
  expect(explicitArguments(argv, OPTIONS, true)).toEqual(explicit);
});

test('leaves words where they are when one of them is a command', () => {
  const argv = ['run', '--limit', 'a=1', '-', '--', '--port'];
  expect(explicitArguments(argv, OPTIONS, false)).toEqual([
    'run',
    '--limit=a=1',
    '-',
    '--',
    '--port',
  ]);
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
    [['-x'], '"-x" is not an option.'],
    [['-\x1b[31m'], '"-\\u001b[31m" is not an option.'],
  ])('%j', ([argv, text]) => {
    expect(() => explicitArguments(argv, OPTIONS, true)).toThrow(
      expect.objectContaining({ code: 'Usage', message: expect.stringContaining(text) as string }),
    );
  });
});
