// The one way in which scripts and tests start a process, wait for it, and end it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { output, run } from '../../scripts/run.ts';
import { program } from '../helpers/command.ts';

const NODE = process.execPath;
const WAIT = 'setInterval(() => {}, 1000)';

const SOURCES = ['shared', 'service', 'client', 'scripts', 'test']
  .flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => `${root}/${name}`),
  )
  .filter((file) => file.endsWith('.ts') && !/node_modules|scripts\/process\.test\.ts$/.test(file));

test.for<[what: string, pattern: RegExp, where: string[]]>([
  [
    'processes are started',
    /\b(?:spawn|fork|execFile|exec)(?:Sync)?\b.*(?: from |import\()'node:child_process'/,
    ['shared/port-sharing/service/start-daemon.ts', 'scripts/spawn.ts'],
  ],
  ['temporary directories are made', /\bmkdtemp(?:Sync)?\(/, ['scripts/temporary.ts']],
  [
    'time is waited for',
    /\(\(?(\w+)\)? => setTimeout\(\1\b|setTimeout\((?:resolve|wake)|setTimeout.* from 'node:timers\/promises'/,
    ['shared/time.ts'],
  ],
  [
    'signals of a terminal are heeded',
    /process\.on\('SIG(?:INT|HUP)/,
    ['shared/command-line/signals.ts'],
  ],
])('there is one place where %s', ([, pattern, where]) => {
  expect(SOURCES.filter((file) => pattern.test(readFileSync(file, 'utf8')))).toEqual(where);
});

test('what a process says can be waited for, on either output', async () => {
  const code = `console.log('{"a":1}'); console.error('oops'); console.log('two'); ${WAIT}`;
  const one = program([NODE, '-e', code]);
  await one.said('oops');
  await one.said(/^two$/m);
  expect(await one.ready()).toEqual({ a: 1 });
  expect([await one.nextLine(), await one.nextLine()]).toEqual(['{"a":1}', 'two']);
  expect(one.isRunning).toBe(true);
});

test.for<[what: string, code: string, how: RegExp]>([
  ['ends', 'process.exit(3)', /ended with status 3 before it said "ready".*no more/],
  ['is killed', "process.kill(process.pid, 'SIGKILL')", /was ended by SIGKILL before it said/],
])('a process that %s first is reported with what it said', async ([, code, how]) => {
  const one = program([NODE, '-e', `require('fs').writeSync(1, 'no more'); ${code}`]);
  await expect(one.said('ready')).rejects.toThrow(how);
});

test('a process that says nothing is given up', async () => {
  await expect(program([NODE, '-e', WAIT]).said('ready', 50)).rejects.toThrow(
    'took more than 50 ms before it said "ready"',
  );
});

test('a deadline kills it', async () => {
  const one = program([NODE, '-e', WAIT], { deadlineMs: 100 });
  expect(await one.finished).toMatchObject({ status: null, signal: 'SIGKILL' });
  expect([one.isLate, one.how]).toEqual([true, 'did not end within 100 ms']);
});

test('a program that is not there is told by name', async () => {
  expect(await run(['no-such-program'])).toMatchObject({ status: null });
  await expect(output(['no-such-program', 'x'])).rejects.toThrow(
    'no-such-program x is not installed here',
  );
});

test('one that ignores its user is killed', async () => {
  const one = program([NODE, '-e', `process.on('SIGTERM', () => {}); console.log('up'); ${WAIT}`]);
  await one.said('up');
  expect(await one.stop('SIGTERM', 100)).toMatchObject({ signal: 'SIGKILL' });
});

test('its end does not wait for what it has started, which may hold its output open', async () => {
  const one = program(['/bin/sh', '-c', 'sleep 60 & echo $!; wait']);
  const left = Number(await one.nextLine());
  try {
    expect(await one.end()).toMatchObject({ signal: 'SIGKILL', stdout: `${left}\n` });
    expect(process.kill(left, 0)).toBe(true);
  } finally {
    process.kill(left, 'SIGKILL');
  }
});
