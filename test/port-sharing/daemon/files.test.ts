// Who may touch what: the run directory, the control socket and the log.
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../../scripts/run.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';
import { nativeFor } from '../../../shared/port-sharing/machine/load-native.ts';
import { tryLock } from '../../../shared/port-sharing/machine/lock.ts';
import { limited, openLogFile } from '../../../shared/port-sharing/machine/log.ts';
import { formatEvent } from '../../../shared/port-sharing/machine/log-format.ts';
import {
  resolvePaths,
  secureDirectory,
  secureRunDirectory,
} from '../../../shared/port-sharing/machine/paths.ts';
import {
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

test('a missing directory is made, for its user alone, whatever the umask', () => {
  for (const mask of [0o000, 0o022, 0o077, 0o177]) {
    const directory = path.join(scratchDirectory(), 'run');
    const before = process.umask(mask);
    try {
      secureDirectory(directory);
    } finally {
      process.umask(before);
    }
    expect(lstatSync(directory).mode & 0o077, mask.toString(8)).toBe(0);
  }
});

test.for([0o777, 0o755, 0o710, 0o701])('a directory of mode %o is closed to others', (mode) => {
  const directory = scratchDirectory();
  chmodSync(directory, mode);
  secureDirectory(directory);
  expect(lstatSync(directory).mode & 0o777).toBe(0o700);
});

test.for<[what: string, make: (at: string) => void, text: string]>([
  ['a symbolic link', (at) => symlinkSync(scratchDirectory(), at), 'is a symbolic link'],
  ['a dangling link', (at) => symlinkSync('/nonexistent/x', at), 'is a symbolic link'],
  ['a file', (at) => writeFileSync(at, 'mine'), 'is not a directory'],
])('%s in its place is refused and not touched', async ([, make, text]) => {
  const directory = path.join(scratchDirectory(), 'run');
  make(directory);
  const service = await runCommand(SERVICE, ['--port', '0'], { directory });
  expect(service).toMatchObject({ status: 77, stdout: '' });
  expect(service.stderr).toContain(text);
  expect(service.stderr).toContain('NET_TCP_PORT_SHARING_DIR');
  if (text === 'is not a directory') expect(readFileSync(directory, 'utf8')).toBe('mine');
  else expect(lstatSync(directory).isSymbolicLink()).toBe(true);
});

test("somebody else's directory is refused", async ({ skip }) => {
  if (!isRoot) skip('only root can give a directory away');
  const directory = scratchDirectory();
  chownSync(directory, NOBODY, NOBODY);
  const service = await runCommand(SERVICE, ['--port', '0'], { directory });
  expect(service).toMatchObject({ status: 77, stdout: '' });
  expect(service.stderr).toContain(`belongs to user ${NOBODY}`);
});

test('a path that is too long for a socket is refused before it is used', () => {
  const directory = path.join(scratchDirectory(), 'x'.repeat(90));
  const paths = resolvePaths({ NET_TCP_PORT_SHARING_DIR: directory });
  expect(() => secureRunDirectory(paths)).toThrow(/has \d+ bytes; \d+ are allowed/);
  expect(existsSync(directory)).toBe(false);
});

test('the socket of a daemon that was killed is replaced', async () => {
  const directory = privateDirectory();
  const daemon = new Command(PORT_SHARING, ['run'], { directory });
  await daemon.said(' started ');
  daemon.kill('SIGKILL');
  await daemon.finished;
  expect(existsSync(path.join(directory, 'control.sock'))).toBe(true);
  await startService(directory);
});

// One that only relays has no lock, for want of libc.
test.for([
  ['hand-over', 'hand-over'],
  ['hand-over', 'relay'],
  ['relay', 'hand-over'],
  ['relay', 'relay'],
] as const)('beside a daemon by %s, one by %s does not start', async ([first, second]) => {
  const directory = privateDirectory();
  const daemon = new Command(PORT_SHARING, ['run', '--transfer', first], { directory });
  await daemon.said(' started ');
  const other = new Command(PORT_SHARING, ['run', '--transfer', second], { directory });
  expect(await other.finished).toMatchObject({
    status: 73,
    stderr: expect.stringContaining('is already running'),
  });
  expect(await statusOf(directory)).toMatchObject({ pid: daemon.pid });
});

test('a run directory that is removed is made again, and services go on', async () => {
  const directory = privateDirectory();
  const daemon = new Command(PORT_SHARING, ['run'], { directory });
  await daemon.said(' started ');
  const { number, port } = await startService(directory);
  rmSync(directory, { recursive: true });
  await daemon.said('control socket is gone');
  await eventually(async () => {
    const { registrations } = await statusOf(directory);
    expect(registrations).toMatchObject([{ address: expect.stringContaining(`/${number}`) }]);
  });
  const second = await startService(directory, ['--port', port]);
  expect(second.port).toBe(port);
  daemon.kill('SIGTERM');
  await daemon.finished;
});

test('log and lock come back with a run directory that is removed', async () => {
  const directory = privateDirectory();
  await startService(directory);
  const { pid } = await statusOf(directory);
  rmSync(directory, { recursive: true });
  const log = (): string => readFileSync(path.join(directory, 'daemon.log'), 'utf8');
  await eventually(() => expect(log()).toContain('control socket is gone'));
  await eventually(async () => expect(await statusOf(directory)).toMatchObject({ pid }));
  const other = new Command(PORT_SHARING, ['run'], { directory });
  expect(await other.finished).toMatchObject({ status: 73 });
  // Without libc there is no lock that a daemon holds.
  const native = await nativeFor();
  if (native !== undefined) {
    expect(tryLock(path.join(directory, 'daemon.lock'), native)).toBeUndefined();
  }
});

test('another user cannot connect, register, or read', async ({ skip }) => {
  if (!isRoot) skip('only root can become another user');
  const directory = privateDirectory();
  await startService(directory);
  const as = async (script: string): Promise<string> => {
    // It becomes the other user by itself: that one need not be able to run this Node.
    const become = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});`;
    const { stdout, stderr } = await run([process.execPath, '-e', become + script, directory], {
      env: { PATH: process.env['PATH'] },
      cwd: '/',
    });
    return stdout + stderr;
  };
  const connecting = `require('net').connect(process.argv[1] + '/control.sock').on('error', e => console.log(e.code)).on('connect', () => console.log('connected'))`;
  expect((await as(connecting)).trim()).toBe('EACCES');
  for (const call of [
    "readFileSync(d + '/daemon.log')",
    'readdirSync(d)',
    "writeFileSync(d + '/x', '')",
  ]) {
    const said = await as(
      `const d = process.argv[1]; try { require('fs').${call}; console.log('done') } catch (e) { console.log(e.code) }`,
    );
    expect(said.trim(), call).toBe('EACCES');
  }
  // Even where the directory is open to all, the daemon checks who connects.
  chmodSync(directory, 0o755);
  chmodSync(path.join(directory, 'control.sock'), 0o777);
  const answer = await as(
    `const s = require('net').connect(process.argv[1] + '/control.sock'); s.write('{"type":"status"}\\n'); s.on('data', d => console.log('read', String(d))).on('close', () => console.log('closed')).on('error', () => {})`,
  );
  expect(answer.trim()).toBe('closed');
  expect(readFileSync(path.join(directory, 'daemon.log'), 'utf8')).toContain(
    `control connection refused uid=${NOBODY}`,
  );
});

test('the log keeps to its size, and to one line an event', () => {
  const file = path.join(scratchDirectory(), 'log', 'daemon.log');
  const log = openLogFile(file, 2_000);
  for (let count = 0; count < 200; count++)
    log.write('registered', { count, text: 'two\nlines "quoted"' });
  expect(statSync(file).size).toBeLessThanOrEqual(2_000);
  expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(2_000);
  expect(statSync(file).mode & 0o077).toBe(0);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^\S+ registered count=\d+ text=".*"$/);
});

test('a log that cannot be written loses lines and nothing else', () => {
  const directory = scratchDirectory();
  const target = path.join(directory, 'target');
  symlinkSync(target, path.join(directory, 'daemon.log'));
  openLogFile(path.join(directory, 'daemon.log'), 1_000).write('started');
  expect(existsSync(target)).toBe(false);
});

test('a flood of events becomes a few lines, which say how many there were', () => {
  const lines: string[] = [];
  const log = limited({ write: (event, details) => lines.push(formatEvent(event, details)) }, 3);
  for (let count = 0; count < 1_000; count++) log.write('connection refused', { from: '\x1b[2J' });
  expect(lines.length).toBeLessThanOrEqual(6); // a second may end in between
  expect(lines.join()).not.toContain('\x1b');
});

test.for(['hand-over', 'relay'])('one lock, one owner (%s)', async (transfer) => {
  const native = await nativeFor(transfer);
  const file = path.join(scratchDirectory(), 'lock');
  const lock = tryLock(file, native);
  expect(lock).toBeDefined();
  expect(tryLock(file, native)).toBeUndefined();
  lock?.release();
  const again = tryLock(file, native);
  expect(again).toBeDefined();
  again?.release();
});

test('an unknown transfer is refused by name', async () => {
  await expect(nativeFor('teleport')).rejects.toMatchObject({ code: 'Usage' });
  const directory = path.join(scratchDirectory(), 'run');
  mkdirSync(directory);
  const env = { NET_TCP_PORT_SHARING_TRANSFER: 'teleport' };
  expect(await runCommand(SERVICE, ['--port', '0'], { directory, env })).toMatchObject({
    status: 64,
  });
});

test('a directory that is named by a relative path is refused', async () => {
  const refused = await runCommand(PORT_SHARING, ['status'], { directory: 'relative/path' });
  expect(refused).toMatchObject({ status: 64, stdout: '' });
  expect(refused.stderr).toContain('NET_TCP_PORT_SHARING_DIR is "relative/path"');
});

test.runIf(process.platform === 'linux')('a directory that cannot be made is said', async () => {
  const refused = await runCommand(PORT_SHARING, ['start'], { directory: '/proc/nowhere/at/all' });
  expect(refused).toMatchObject({ status: 74, stdout: '' });
  expect(refused.stderr).toContain('/proc/nowhere/at/all cannot be made: ');
  expect(refused.stderr).toContain('(ENOENT)');
});

test('a limit that the daemon would not start with is named to who starts it', async () => {
  const env = { NET_TCP_PORT_SHARING_LIMITS: 'nonsense=1' };
  const refused = await runCommand(SERVICE, ['--port', '0'], {
    directory: privateDirectory(),
    env,
  });
  expect(refused).toMatchObject({ status: 64, stdout: '' });
  expect(refused.stderr).toContain('there is no limit "nonsense"');
});
