// Where results go: screens, pipes, files, and places that take none.
import { existsSync } from 'node:fs';
import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { run } from '../../client/client.ts';
import { CLIENT, Command, PORT_SHARING, privateDirectory, runCommand } from '../helpers/command.ts';

const FULL = '/dev/full';

/** Runs a command with its results written to `file`. */
function runInto(file: string, entry: string, args: readonly string[]): Command {
  const script = `import { openSync, closeSync } from 'node:fs';
    closeSync(1); openSync(${JSON.stringify(file)}, 'w');
    process.argv = [process.argv[0], ...${JSON.stringify([entry, ...args])}];
    await import(${JSON.stringify(`${process.cwd()}/${entry}`)});`;
  return new Command('--input-type=module', ['--eval', script], { directory: privateDirectory() });
}

test.for<[entry: string, args: string[]]>([
  [PORT_SHARING, ['status']],
  [PORT_SHARING, ['--json', 'status']],
  [PORT_SHARING, ['status', '--watch']],
  [CLIENT, ['--version']],
])('%s %o does not end well on a full disk', async ([entry, args]) => {
  if (!existsSync(FULL)) return console.log(`not tested: there is no ${FULL}`);
  const { status, stderr } = await runInto(FULL, entry, args).finished;
  expect(status).toBe(74);
  expect(stderr).toContain('The results could not be written: ENOSPC');
});

test('a watched status ends with its reader, and clears the screen only where there is one', async () => {
  const directory = privateDirectory();
  const watch = new Command(PORT_SHARING, ['status', '--watch'], { directory });
  await watch.said('log: ');
  watch.stopReading();
  const { status, stdout, stderr } = await watch.finished;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toContain('\x1b');
});

test.for<[args: string[], env: NodeJS.ProcessEnv, isColored: boolean]>([
  [['--no-color'], { FORCE_COLOR: '1', NO_COLOR: undefined }, false],
  [['--color'], { FORCE_COLOR: '0' }, true],
  [['--color'], { NO_COLOR: '1' }, true],
  [[], { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [[], { NO_COLOR: undefined, FORCE_COLOR: '1' }, true],
  [[], { NO_COLOR: undefined }, false],
])('%o with %o', async ([args, env, isColored]) => {
  const { stderr } = await runCommand(CLIENT, [...args, 'x'], { env });
  expect(stderr.includes('\x1b[31m')).toBe(isColored);
});

test.for<[hasLineEnd: boolean, shown: string]>([
  [true, '"x" is not a service number'],
  // Ctrl-D after it: the screen has not begun another line.
  [false, '\n"x" is not a service number'],
])('a refused line begins another one (typed with ENTER: %s)', async ([hasLineEnd, shown]) => {
  let text = '';
  const lines = ['x'];
  const terminal = {
    out: (line: string) => void (text += `${line}\n`),
    write: (part: string) => void (text += part),
    err: (line: string) => void (text += `${line}\n`),
    paint: new Chalk({ level: 0 }),
    columns: 80,
    lost: new AbortController().signal,
    written: () => Promise.resolve(undefined),
  };
  const input = {
    isTerminal: true,
    line: () => Promise.resolve(lines.shift()),
    hasLineEnd: () => hasLineEnd,
    close() {},
  };
  expect(await run([], terminal, input)).toBe(64);
  expect(text).toContain(`to test: ${shown}`);
});
