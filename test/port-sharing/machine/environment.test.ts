// What the machine does to any program: no home, no room, no right. Each command says what, where and what to do, and
// leaves nothing half-written behind.
import { mkdirSync, chownSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finished } from '../../../scripts/process.ts';
import { run } from '../../../scripts/run.ts';
import { tryLock } from '../../../shared/port-sharing/machine/lock.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
} from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const NEEDS_ROOT = 'only root on Linux can make such a machine';
/** A user id that is in no list of users. */
const STRANGER = 54_321;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  service: [SERVICE, '--port', '0'],
  status: [PORT_SHARING, 'status'],
  run: [PORT_SHARING, 'run'],
  start: [PORT_SHARING, 'start'],
  stop: [PORT_SHARING, 'stop'],
  restart: [PORT_SHARING, 'restart'],
  enable: [PORT_SHARING, 'enable'],
  disable: [PORT_SHARING, 'disable'],
  'route add': [PORT_SHARING, 'route', 'add', '/orders', '127.0.0.1:9101'],
  'route list': [PORT_SHARING, 'route', 'list'],
};

function scratch(owner?: number): string {
  const directory = scratchDirectory();
  if (owner !== undefined) chownSync(directory, owner, owner);
  return directory;
}

/** Runs a command of the suite after other commands. */
async function runBehind(
  before: readonly string[],
  name: string,
  directory: string | undefined,
): Promise<Finished> {
  const command = (COMMANDS[name] ?? []).map((word) =>
    word.startsWith('dist/') ? path.resolve(word) : word,
  );
  const env = { ...process.env, NO_COLOR: '1', NET_TCP_PORT_SHARING_DIR: directory };
  return await run([...before, process.execPath, ...command], { env, deadlineMs: 50_000 });
}

/** What must hold of every failure: no bug, no stack, a code and a sentence of its own. */
function expectSaid({ status, stdout, stderr }: Finished, ...texts: readonly string[]): void {
  expect(stderr).not.toMatch(/This is a bug|\n\s+at /);
  expect(stdout).not.toContain('listening');
  for (const text of texts) expect(stderr).toContain(text);
  expect([64, 68, 74, 77], stderr).toContain(status);
}

const asStranger = [
  'setpriv',
  '--reuid',
  String(STRANGER),
  '--regid',
  String(STRANGER),
  '--clear-groups',
  'env',
  '-u',
  'HOME',
];

describe('a user without a home directory', () => {
  test.for(Object.keys(COMMANDS))('%s', async (name, { skip }) => {
    if (!isLinuxRoot) skip(NEEDS_ROOT);
    const finished = await runBehind(asStranger, name, undefined);
    expectSaid(finished, `User ${STRANGER} has no home directory`, 'NET_TCP_PORT_SHARING_DIR');
  });
});

describe("a directory below another user's", () => {
  test.for(Object.keys(COMMANDS))('%s', async (name, { skip }) => {
    if (!isLinuxRoot) skip(NEEDS_ROOT);
    const directory = path.join(scratch(), 'run');
    mkdirSync(directory, { mode: 0o700 });
    const finished = await runBehind(asStranger, name, directory);
    expectSaid(finished, directory, 'this user may not do that', 'NET_TCP_PORT_SHARING_DIR');
    expect(finished.status).toBe(77);
  });
});

/** Runs a command whose directory is a small disk; `make` is done to it before. */
async function onDisk(
  name: string,
  make: string,
  options = 'size=64k',
): Promise<Finished & { readonly left: string }> {
  const directory = scratch();
  const script = `
    mount -t tmpfs -o ${options},mode=700 none "$DISK" && cd "$DISK"
    ${make}
    cd / && "$@"; status=$?
    echo "left: $(ls -A "$DISK" | tr '\\n' ' ')"; exit $status`;
  const before = ['unshare', '--mount', 'env', `DISK=${directory}`, 'sh', '-c', script, 'sh'];
  const finished = await runBehind(before, name, directory);
  const left = /^left: (.*)$/m.exec(finished.stdout)?.[1]?.trim() ?? '?';
  return { ...finished, left };
}

describe('a disk that is full', () => {
  test.for<[name: string, options: string, fill: string]>([
    // No inode is free.
    ['service', 'nr_inodes=2', ': > daemon.log'],
    ['run', 'nr_inodes=2', ': > daemon.log'],
    ['start', 'nr_inodes=2', ': > daemon.log'],
    ['enable', 'nr_inodes=2', ': > daemon.log'],
    // No page is free: the file is made, and there is no room for its text.
    ['enable', 'size=64k', 'dd if=/dev/zero of=daemon.log bs=4096 2>/dev/null'],
    ['disable', 'size=64k', 'dd if=/dev/zero of=daemon.log bs=4096 2>/dev/null'],
    ['route add', 'size=64k', 'dd if=/dev/zero of=daemon.log bs=4096 2>/dev/null'],
  ])('%s, with %s', async ([name, options, fill], { skip }) => {
    if (!isLinuxRoot) skip(NEEDS_ROOT);
    const finished = await onDisk(name, `umask 077; ${fill}`, options);
    expectSaid(finished, 'the disk is full (ENOSPC)', 'Free some space');
    expect(finished.left).toBe('daemon.log');
  });
});

describe('a file system that is read-only', () => {
  test.for(['service', 'run', 'start', 'enable', 'disable', 'route add'])(
    '%s',
    async (name, { skip }) => {
      if (!isLinuxRoot) skip(NEEDS_ROOT);
      const finished = await onDisk(name, 'mount -o remount,ro none "$DISK"');
      expectSaid(finished, 'the file system is read-only (EROFS)', 'NET_TCP_PORT_SHARING_DIR');
      expect(finished.status).toBe(74);
      expect(finished.left).toBe('');
    },
  );
});

test.for(['service', 'start', 'run'])('%s with 64 descriptors does not serve', async (name) => {
  const directory = privateDirectory();
  const [entry = '', ...args] = COMMANDS[name] ?? [];
  const finished = await runCommand(entry, args, { directory, descriptors: 64 });
  expectSaid(finished, 'The port-sharing daemon may have 64 files and connections open', 'ulimit');
});

test('a service alone with 40 descriptors does not serve', async () => {
  const args = ['--port', '0', '--no-port-sharing'];
  expectSaid(
    await runCommand(SERVICE, args, { descriptors: 40 }),
    'This service may have 40 files and connections open',
    'ulimit -n',
  );
});

test('a name server that does not answer is not a mistake in the name', async ({ skip }) => {
  if (!isLinuxRoot) skip(NEEDS_ROOT);
  const name = 'net.tcp://host.example:9000/calculator/1';
  const command = [process.execPath, path.resolve(CLIENT), '--address', name];
  const finished = await run(['unshare', '--net', ...command], { deadlineMs: 50_000 });
  expectSaid(finished, 'no name server answers');
  expect(finished.stderr).not.toContain('spelling');
});

test.for<[entry: string, args: readonly string[]]>([
  [CLIENT, ['--address', 'net.tcp://[fe80::1]:9000/calculator/1']],
  [SERVICE, ['--port', '0', '--bind', 'fe80::1', '--security', 'none', '--no-port-sharing']],
  [SERVICE, ['--port', '0', '--bind', 'fe80::1', '--security', 'none']],
])('%s %o: an address of one network needs its interface', async ([entry, args]) => {
  const directory = privateDirectory();
  expectSaid(await runCommand(entry, args, { directory }), 'address of one network only', '%eth0');
});

test.for([-60_000, 60_000])('without libc, a lock of %i ms from now is stale', (offset) => {
  const file = path.join(scratch(), 'start.lock');
  writeFileSync(file, '');
  expect(tryLock(file, undefined)).toBeUndefined();
  const time = new Date(Date.now() + offset);
  utimesSync(file, time, time);
  expect(tryLock(file, undefined)).toBeDefined();
});
