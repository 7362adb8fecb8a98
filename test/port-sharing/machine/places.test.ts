// One user, one daemon: every process of a user finds it, however it was started.
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RunningProcess } from '../../../scripts/process.ts';
import { run } from '../../../scripts/run.ts';
import { loadNative } from '../../../shared/port-sharing/machine/native.ts';
import { tryLock } from '../../../shared/port-sharing/machine/lock.ts';
import { openLogFile } from '../../../shared/port-sharing/machine/log.ts';
import { resolvePaths, secureRunDirectory } from '../../../shared/port-sharing/machine/paths.ts';
import { eventually } from '../../helpers/eventually.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
/** In no list of users, so that no daemon of this machine can be in the way. */
const USER = 54_322;
const RUNTIME = `/run/user/${USER}`;

test('HOME, XDG_RUNTIME_DIR and TMPDIR change nothing for a user that is listed', () => {
  const here = JSON.stringify(resolvePaths({}));
  const env = { HOME: '/elsewhere', XDG_RUNTIME_DIR: '/elsewhere', TMPDIR: '/elsewhere' };
  expect(JSON.stringify(resolvePaths(env))).toBe(here);
});

test('the longest path that is allowed has room for the name that the socket has at first', async () => {
  const base = scratchDirectory();
  const paths = (length: number) => {
    const name = 'x'.repeat(length - base.length - '//control.sock'.length);
    return resolvePaths({ NET_TCP_PORT_SHARING_DIR: path.join(base, name) });
  };
  const longest = process.platform === 'darwin' ? 95 : 99;
  expect(() => secureRunDirectory(paths(longest + 1))).toThrow(`${longest} are allowed`);
  const { controlSocket, runDirectory } = paths(longest);
  expect(controlSocket).toHaveLength(longest);
  secureRunDirectory(paths(longest));
  const name = `${controlSocket}.4194304`;
  const server = createServer().listen(name);
  await once(server, 'listening');
  expect(existsSync(path.join(runDirectory, 'control.sock.4194304'))).toBe(true);
  server.close();
});

describe('before a login, after it, and after logout', () => {
  /** What a user has: a home, and a copy of the suite that it may read. */
  function account(): { as: readonly string[]; env: NodeJS.ProcessEnv; suite: string } {
    const home = scratchDirectory();
    const suite = path.join(home, 'suite');
    for (const name of ['dist', 'package.json']) {
      cpSync(name, path.join(suite, name), { recursive: true });
    }
    cpSync('node_modules/koffi', path.join(suite, 'node_modules/koffi'), { recursive: true });
    cpSync('node_modules/@koromix', path.join(suite, 'node_modules/@koromix'), { recursive: true });
    chmodSync(home, 0o755);
    chownSync(home, USER, USER);
    onTestFinished(async () => {
      rmSync(RUNTIME, { recursive: true, force: true });
      const { stdout: found } = await run(['pgrep', '-u', String(USER)]);
      for (const pid of found.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
    });
    const as = ['setpriv', '--reuid', String(USER), '--regid', String(USER), '--clear-groups'];
    const env = {
      ...process.env,
      HOME: home,
      NET_TCP_PORT_SHARING_DIR: undefined,
      NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=60000',
    };
    return { as: [...as, process.execPath], env, suite };
  }

  function login(): void {
    mkdirSync(RUNTIME, { recursive: true, mode: 0o700 });
    chmodSync(RUNTIME, 0o700);
    chownSync(RUNTIME, USER, USER);
  }

  test('services of all three share a port and a daemon', async ({ skip }) => {
    if (!isLinuxRoot) skip('only root on Linux can be another user');
    const { as, env, suite } = account();
    const start = async (port: string): Promise<{ pid: number; port: string }> => {
      const args = ['--json', '--port', port];
      const command = [...as, path.join(suite, 'dist/service/main.cjs'), ...args];
      const service = new RunningProcess(command, { env });
      onTestFinished(async () => void (await service.end()));
      const { address, pid } = await service.ready();
      return { pid: Number(pid), port: /:(\d+)\//.exec(String(address))?.[1] ?? '' };
    };
    const status = async (): Promise<{ pid: number; registrations: { pid: number }[] }> => {
      const command = [...as, path.join(suite, 'dist/shared/tool/main.cjs'), 'status', '--json'];
      return JSON.parse((await run(command, { env })).stdout) as never;
    };
    rmSync(RUNTIME, { recursive: true, force: true });
    const early = await start('0');
    const { pid } = await status();
    login();
    const late = await start(early.port);
    expect(await status()).toMatchObject({ pid });
    rmSync(RUNTIME, { recursive: true });
    const last = await start(early.port);
    const found = await status();
    expect(found.pid).toBe(pid);
    const pids = [early, late, last].map((one) => one.pid).toSorted((a, b) => a - b);
    expect(found.registrations.map((one) => one.pid).toSorted((a, b) => a - b)).toEqual(pids);
  });

  test('a daemon of the login goes on where it can be found after logout', async ({ skip }) => {
    if (!isLinuxRoot) skip('only root on Linux can be another user');
    const { as, env, suite } = account();
    login();
    const tool = path.join(suite, 'dist/shared/tool/main.cjs');
    const status = async (): Promise<{ running: boolean; pid?: number }> =>
      JSON.parse((await run([...as, tool, 'status', '--json'], { env })).stdout) as never;
    await run([...as, tool, 'start'], { env });
    const { pid } = await status();
    expect(pid).toBeGreaterThan(0);
    expect(existsSync(path.join(RUNTIME, 'net-tcp-port-sharing/control.sock'))).toBe(true);
    rmSync(RUNTIME, { recursive: true });
    await eventually(async () => expect(await status()).toMatchObject({ pid }));
    login();
    expect(await status()).toMatchObject({ pid });
  });
});

test.for<[what: string, make: (file: string) => unknown, text: string]>([
  ['a pipe', (file) => run(['mkfifo', '-m', '600', file]), 'is not a regular file'],
  ['a directory', (file) => mkdirSync(file), 'it is a directory'],
  [
    "somebody else's file",
    (file) => {
      writeFileSync(file, '', { mode: 0o600 });
      chownSync(file, USER, USER);
    },
    `belongs to user ${USER}`,
  ],
  [
    'a file that others write to',
    (file) => {
      writeFileSync(file, '');
      chmodSync(file, 0o666);
    },
    'Other users may write to',
  ],
])('%s in place of a lock or the log is not taken', async ([what, make, text], { skip }) => {
  if (!isLinuxRoot) skip('only root on Linux can give a file away');
  const native = await loadNative();
  const file = path.join(scratchDirectory(), 'start.lock');
  await make(file);
  expect(() => tryLock(file, native), what).toThrow(text);
  expect(() => tryLock(file, native), what).toThrow('Remove it.');
  const log = path.join(scratchDirectory(), 'daemon.log');
  await make(log);
  openLogFile(log, 1_000).write('started');
  if (what.includes('file')) expect(readFileSync(log, 'utf8')).toBe('');
});
