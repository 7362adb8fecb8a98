import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { DIRECTORY_VARIABLE } from '../../../shared/port-sharing/machine/paths.ts';
import { run } from '../../run.ts';
import type { Worker } from '../../worker.ts';
import { sleep } from '../../../shared/time.ts';
import { until } from '../harness/clock.ts';
import type { LoadFigures } from '../harness/figures.ts';
import { type CommandResult, kill, type Stage } from '../harness/stage.ts';
import type { Fault, Trial } from '../trial.ts';

const REFUSED = 77;
/** Status where a file cannot be opened: a lock that is a link. */
const FAILED = 74;
const REPAIRED_WITHIN_MS = 3_000;

/** What can be wrong with the daemon's files. */
export const files: Fault = {
  name: 'files',
  does: 'stale, misplaced, missing, foreign and full files',
  async play(trial) {
    const stage = await trial.stage();
    await refusals(trial, stage);
    await repairs(trial);
    await removedWhileRunning(trial);
    await fullLog(trial);
  },
};

/** A row: what is in the way, how it gets there, part of the error's sentence, and the exit status. */
type Row = readonly [
  what: string,
  put: (directory: string) => void,
  sentence: string,
  status?: number,
];

const ROWS: readonly Row[] = [
  ['a link in the place of the directory', linkTo, 'is a symbolic link'],
  ['a file in the place of the directory', (at) => writeFileSync(at, 'mine'), 'is not a directory'],
  [
    'a directory of others, open to others',
    (at) => {
      mkdirSync(at);
      writeFileSync(path.join(at, 'thesis.txt'), 'mine');
      chmodSync(at, 0o755);
    },
    'has files that do not belong here',
  ],
  [
    'a file in the place of the control socket',
    (at) => {
      mkdirSync(at, { mode: 0o700 });
      writeFileSync(path.join(at, 'control.sock'), 'mine');
    },
    'is not a socket',
  ],
  [
    'a link in the place of the lock',
    (at) => {
      mkdirSync(at, { mode: 0o700 });
      writeFileSync(`${at}-target`, 'mine');
      symlinkSync(`${at}-target`, path.join(at, 'start.lock'));
    },
    'The lock file',
    FAILED,
  ],
];

async function refusals(trial: Trial, stage: Stage): Promise<void> {
  const service = stage.start('service', 'service without a directory');
  await service.end();
  for (const [index, [what, put, sentence, wanted = REFUSED]] of ROWS.entries()) {
    if (sentence === 'The lock file' && !trial.isHandOver) continue; // it has other locks
    const directory = path.join(stage.directory, String(index));
    put(directory);
    const before = fingerprint(stage.directory);
    const env = { ...stage.env, [DIRECTORY_VARIABLE]: directory };
    const { status, output } = await runService(stage, env);
    const isOneSentence = output.split('\n').length === 1 && output.includes(sentence);
    trial.promise(
      `${what} is refused with one sentence, and not touched`,
      status === wanted && isOneSentence && fingerprint(stage.directory) === before,
      `${status}: ${output}`,
    );
  }
  const long = path.join(stage.directory, 'x'.repeat(100));
  const env = { ...stage.env, [DIRECTORY_VARIABLE]: long };
  const { status, output } = await runService(stage, env);
  trial.promise(
    'a path that is too long is refused before anything is made',
    status === REFUSED && output.includes('bytes') && !existsSync(long),
    `${status}: ${output}`,
  );
}

/** Runs the sample's service, which says what is in its way. */
function runService(stage: Stage, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  return stage.run('service', ['--port', '0'], { env, input: '\n' });
}

/** Names, modes and contents of everything below a directory. */
function fingerprint(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const file = path.join(directory, name);
      const stat = lstatSync(file);
      const content = stat.isFile() ? readFileSync(file, 'latin1') : '';
      return `${name} ${stat.mode} ${stat.uid} ${content}`;
    })
    .toSorted()
    .join('\n');
}

function linkTo(at: string): void {
  mkdirSync(`${at}-target`, { mode: 0o700 });
  symlinkSync(`${at}-target`, at);
}

/** What a dead daemon left, and a directory that is open to others. */
async function repairs(trial: Trial): Promise<void> {
  for (const mode of [0o777, 0o755]) {
    const stage = await trial.stage();
    chmodSync(stage.directory, mode);
    await stage.service([1]);
    const now = lstatSync(stage.directory).mode & 0o777;
    trial.promise(
      `a directory of ours with mode ${mode.toString(8)} is closed to others`,
      now === 0o700,
      now.toString(8),
    );
  }
  const stage = await trial.stage();
  const first = await stage.service([1]);
  const { pid } = await stage.ready(2);
  await first.end();
  kill(pid);
  await until(() => stage.daemons().length === 0, 2_000);
  const isStale = existsSync(stage.paths.controlSocket);
  await stage.service([1]);
  const status = await stage.status();
  trial.promise(
    'a stale socket is replaced',
    isStale && status?.registrations.length === 2,
    `${status?.registrations.length ?? 0} registered`,
  );
}

/** The directory is removed while the daemon runs. */
async function removedWhileRunning(trial: Trial): Promise<void> {
  const stage = await trial.stage();
  await stage.service([1]);
  const { pid } = await stage.ready(2);
  const load = await lightLoad(trial, stage);
  await sleep(300);
  rmSync(stage.directory, { recursive: true });
  const tookMs = await until(async () => (await stage.status())?.pid === pid, 10_000);
  const second = stage.start('service', 'service 2');
  await second.ask('open', { port: stage.port, numbers: [2], limits: {} });
  const status = await stage.status();
  trial.figures = await load.ask<LoadFigures>('stop');
  trial.promiseNothingLost();
  const within = trial.withinMs(REPAIRED_WITHIN_MS);
  trial.promise(
    `a directory that is removed is made again within ${within} ms, and services come in`,
    tookMs !== undefined && tookMs <= within && status?.registrations.length === 4,
    `${tookMs?.toFixed(0) ?? 'never'} ms, ${status?.registrations.length ?? 0} registered`,
  );
}

/** Every write to the log fails: the disk is full. */
async function fullLog(trial: Trial): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    trial.notes.push(
      'a full disk was not tried: only root can put /dev/full in the place of the log',
    );
    return;
  }
  const stage = await trial.stage();
  const { status } = await run(['mknod', '-m', '600', stage.paths.log, 'c', '1', '7']);
  if (status !== 0) {
    trial.notes.push('a full disk was not tried: this root cannot make devices');
    return;
  }
  await stage.service([1]);
  const { pid } = await stage.ready(2);
  const load = await lightLoad(trial, stage);
  await sleep(500);
  kill(pid);
  const { pid: next } = await stage.ready(2, pid);
  await sleep(300);
  const { calls } = await load.ask<LoadFigures>('stop');
  const lost = trial.isHandOver ? calls.lost : 0; // what a daemon relays dies with it
  trial.promise(
    'with a full disk calls go on, and a new daemon starts',
    lost + calls.wrong === 0 && next !== pid,
    `${calls.lost} lost of ${calls.made}`,
  );
}

function lightLoad(trial: Trial, stage: Stage): Promise<Worker> {
  const { seed } = trial.options;
  const addresses = [stage.address(1)];
  return stage.load({ addresses, channels: 4, callsPerSecond: 200, opensPerSecond: 20, seed });
}
