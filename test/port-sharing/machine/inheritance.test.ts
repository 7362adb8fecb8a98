// What a daemon inherits from whoever started it: nothing that would outlast them.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RunningProcess } from '../../../scripts/process.ts';
import { run } from '../../../scripts/run.ts';
import { cleanEnvironment } from '../../../shared/port-sharing/machine/inheritance.ts';
import { PORT_SHARING, privateDirectory, runCommand, SERVICE } from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';
import { statusOf } from '../../helpers/status.ts';

const hasProc = existsSync('/proc/self/fdinfo');
const KOFFI = path.resolve('node_modules/koffi');

/** A service started by a shell that does something before. @returns the service, and its daemon's process id */
async function startBy(
  shell: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ service: RunningProcess; daemon: number; directory: string }> {
  const directory = privateDirectory();
  const command = `'${process.execPath}' '${path.resolve(SERVICE)}' --json --port 0`;
  const service = new RunningProcess(
    ['bash', '-c', shell.replace('SERVICE', command).replaceAll('DIR', directory)],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: undefined,
        ...env,
        NET_TCP_PORT_SHARING_DIR: directory,
        NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=60000',
      },
    },
  );
  onTestFinished(async () => void (await service.end()));
  await service.ready();
  return { service, daemon: (await statusOf(directory)).pid, directory };
}

const canLock = async (file: string): Promise<boolean> =>
  (await run(['flock', '--nonblock', file, 'true'])).status === 0;

test('a lock that a service was started under is free when the service has ended', async ({
  skip,
}) => {
  if (!hasProc) skip('the system does not list descriptors');
  const { service, daemon, directory } = await startBy(
    '( flock 200; SERVICE ) 200>DIR/../$$.lock; exit 0',
  );
  const lock = path.join(directory, '..', `${service.pid}.lock`);
  expect(await canLock(lock)).toBe(false);
  service.type('\n');
  expect(await service.finished).toMatchObject({ status: 0 });
  expect(await canLock(lock)).toBe(true);
  expect((await statusOf(directory)).pid).toBe(daemon);
});

/** What a process has open, by name. */
const openIn = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).map((each) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${each}`);
    } catch {
      return '';
    }
  });

test.for(['9', '16 17 18 19', '40', '200 201 1000'])(
  'descriptors %s are not inherited',
  async (numbers, { skip }) => {
    if (!hasProc) skip('the system does not list descriptors');
    const opened = numbers.split(' ').map((each) => `exec ${each}</etc/passwd`);
    const { daemon } = await startBy(`${opened.join('; ')}; exec SERVICE`);
    expect(openIn(daemon)).not.toContain('/etc/passwd');
  },
);

// The last is above the limit of open files that comes after it.
const OPENED = ['200 201 5000', 'ulimit -n 4096'] as const;

test.for<[what: string, hidden: readonly string[], closed: string]>([
  ['descriptors are not inherited', ['/proc'], 'closedDescriptors=[1-9]\\d*'],
  [
    'and koffi the log says that nobody knows which, nor how many there may be',
    ['/proc', KOFFI],
    'descriptors=unknown (?:.* )?closedDescriptors=unknown',
  ],
])('without /proc %s', async ([, hidden, closed], { skip }) => {
  const [numbers, limit] = OPENED;
  const opened = numbers.split(' ').map((each) => `exec ${each}</etc/passwd`);
  const { directory } = await without(hidden, skip, [...opened, limit]);
  const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
  expect(log).toMatch(new RegExp(` inherited (?:.* )?${closed}$`, 'm'));
  expect(log).not.toMatch(/ descriptors=\d/);
  const transfer = hidden.includes(KOFFI)
    ? 'relay because="koffi cannot be loaded: Cannot find .*"'
    : 'hand-over';
  expect(log).toMatch(new RegExp(` started (?:.* )?transfer=${transfer}$`, 'm'));
  const daemon = Number(/ started pid=(\d+)/.exec(log)?.[1]);
  // It goes on for a while, for the next service.
  expect(openIn(daemon).includes('/etc/passwd')).toBe(closed.endsWith('unknown'));
});

test('a daemon whose process cannot be started says which file is missing', async ({ skip }) => {
  const { stderr } = await without(['/dev'], skip);
  expect(stderr).toContain('its process cannot be started: /dev/null does not exist');
});

/** Starts and ends a service, after `before`, where directories of the system are empty. */
async function without(
  hidden: readonly string[],
  skip: (reason: string) => void,
  before: readonly string[] = [],
): Promise<{ readonly directory: string; readonly stderr: string }> {
  const directory = privateDirectory();
  const empty = scratchDirectory();
  const mounts = hidden.map((each) => `mount --bind '${empty}' '${each}'`).join(' && ');
  if ((await run(['unshare', '--mount', 'bash', '-c', mounts])).status !== 0) {
    skip('only root on Linux can hide a directory');
  }
  const service = `exec '${process.execPath}' '${path.resolve(SERVICE)}' --port 0`;
  const script = [...before, mounts, service].join('; ');
  const { stderr } = await run(['unshare', '--mount', 'bash', '-c', script], {
    env: {
      ...process.env,
      NODE_OPTIONS: undefined,
      NET_TCP_PORT_SHARING_DIR: directory,
      NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=60000',
    },
    input: '\n',
  });
  return { directory, stderr };
}

test('of the environment, only what a daemon needs', async ({ skip }) => {
  if (!hasProc) skip('the system does not show the environment of a process');
  const env = { SECRET: 'x', LISTEN_FDS: '1', LISTEN_PID: '1', LISTEN_FDNAMES: 'a', LANG: 'C' };
  const { daemon } = await startBy('exec SERVICE', env);
  const names = readFileSync(`/proc/${daemon}/environ`, 'utf8')
    .split('\0')
    .map((each) => each.split('=', 1)[0] ?? '')
    .filter((each) => each !== '');
  expect(names).toContain('LANG');
  expect(
    names.filter((each) => !/^(?:NET_TCP_PORT_SHARING_\w+|PATH|HOME|LANG|LC_\w+|TZ)$/.test(each)),
  ).toEqual([]);
});

test('Windows keeps what its programs do not start without', () => {
  const env = { Path: 'C:\\x', SystemRoot: 'C:\\Windows', LOCALAPPDATA: 'C:\\l', Secret: 'x' };
  expect(cleanEnvironment(env)).toEqual({
    Path: 'C:\\x',
    SystemRoot: 'C:\\Windows',
    LOCALAPPDATA: 'C:\\l',
  });
});

test('a limit of descriptors that is inherited is in the log, and in the status', async ({
  skip,
}) => {
  if (!hasProc) skip('the system has no ulimit');
  const { directory } = await startBy('ulimit -n 700; exec SERVICE');
  const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
  expect(log).toMatch(/ inherited descriptors=700 /);
  expect(await statusOf(directory)).toMatchObject({ descriptors: 700 });
});

test('limits of processor time and of memory that are inherited are in the log, and in the status', async ({
  skip,
}) => {
  if (!hasProc) skip('the system has no ulimit');
  const { directory } = await startBy('ulimit -t 3600; ulimit -v 16000000; exec SERVICE');
  const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
  expect(log).toMatch(/ inherited cpuSeconds=3600 memoryBytes=16384000000 /);
  const limits = { cpuSeconds: 3_600, memoryBytes: 16_384_000_000 };
  expect(await statusOf(directory)).toMatchObject(limits);
  const { stdout } = await runCommand(PORT_SHARING, ['status'], { directory });
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'from whoever started it: it ends after 3600 s of processor time, it may use 15625 MiB of memory',
  );
});

test('a daemon is the first that a short memory ends only where it has to be', async ({ skip }) => {
  if (!hasProc) skip('the system has no such score');
  const { daemon, directory } = await startBy('echo 500 >/proc/self/oom_score_adj; exec SERVICE');
  // Only an administrator may lower it again.
  const left = process.getuid?.() === 0 ? 0 : 500;
  expect(Number(readFileSync(`/proc/${daemon}/oom_score_adj`, 'utf8'))).toBe(left);
  expect((await statusOf(directory)).oomScoreAdj ?? 0).toBe(left);
});

test('a daemon undoes the low priority of whoever started it, as far as it may', async ({
  skip,
}) => {
  if (!hasProc) skip('the system does not show priorities so');
  const { daemon } = await startBy('exec nice -n 7 SERVICE');
  const fields = readFileSync(`/proc/${daemon}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const nice = Number(fields[16]);
  // Only an administrator may raise a priority again.
  expect(nice).toBe(process.getuid?.() === 0 ? 0 : 7);
});
