import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunningProcess } from '../../process.ts';
import { run } from '../../run.ts';
import type { Stage } from '../harness/stage.ts';
import type { Fault, Trial } from '../trial.ts';

const SERVICE = fileURLToPath(new URL('../../../service/main.cjs', import.meta.url));

/** A way to start a service, for a shell. `SERVICE` stands for the command, `HERE` for the stage's directory. */
type Way = readonly [what: string, shell: string];

const WAYS: readonly Way[] = [
  ['under a lock of a shell', '( flock 200; SERVICE ) 200>HERE/shell.lock; exit 0'],
  [
    'by cron: hardly any environment, another home',
    'exec env -i PATH="$PATH" HOME=/nonexistent NET_TCP_PORT_SHARING_DIR="$NET_TCP_PORT_SHARING_DIR" NET_TCP_PORT_SHARING_TRANSFER="$NET_TCP_PORT_SHARING_TRANSFER" SERVICE',
  ],
  ['with few open files', 'ulimit -Sn 256; exec SERVICE'],
  ['as one that gives way to others', 'exec nice -n 5 SERVICE'],
  ['by a supervisor that hands sockets over', 'export LISTEN_FDS=1 LISTEN_PID=1; exec SERVICE'],
  ['in a directory that is gone', 'mkdir HERE/gone; cd HERE/gone; rmdir HERE/gone; exec SERVICE'],
];

/** One user's services, started in many ways, share one daemon, which keeps nothing of who started it. */
export const oneUser: Fault = {
  name: 'one-user',
  does: "one user's services, started in as many ways as there are",
  async play(trial) {
    if (process.platform !== 'linux') {
      trial.skipped = 'only Linux shows what a process has of its parent';
      return;
    }
    for (const way of WAYS) await startFirst(trial, way);
    await startTogether(trial);
  },
};

/** A service that was started in that way starts the daemon. */
async function startFirst(trial: Trial, way: Way): Promise<void> {
  const [what] = way;
  const stage = await trial.stage({ idleExitMs: 60_000 });
  const first = start(stage, way);
  await first.ready();
  const { pid } = await stage.ready(1);
  await stage.service([1]);
  const { pid: after } = await stage.ready(3);
  const daemons = stage.daemons().length;
  trial.promise(
    `${what}: others find its daemon`,
    daemons === 1 && pid === after,
    `${daemons} run`,
  );
  const kept = await keptBy(pid, stage);
  trial.promise(
    `${what}: the daemon keeps nothing of that`,
    kept.length === 0,
    kept.join(', ') || 'nothing',
  );
  first.type('\n');
  const { status } = await first.finished;
  const { registrations } = await stage.ready(2);
  const isInOrder = status === 0 && registrations.length === 2;
  trial.promise(`${what}: it ends, and the others stay`, isInOrder, `status ${status}`);
  const { status: locked } = await run(['flock', '--nonblock', lockOf(stage), 'true']);
  trial.promise(`${what}: the lock is free`, locked === 0, `status ${locked}`);
}

/** Starts services in all these ways at once. */
async function startTogether(trial: Trial): Promise<void> {
  const stage = await trial.stage();
  const all = WAYS.map((way) => start(stage, way));
  await Promise.all(all.map((each) => each.ready()));
  await stage.ready(WAYS.length);
  const daemons = stage.daemons().length;
  trial.promise('started in all these ways at once: one daemon', daemons === 1, `${daemons} run`);
  for (const each of all) each.type('\n');
  await Promise.all(all.map((each) => each.finished));
}

function start(stage: Stage, [, shell]: Way): RunningProcess {
  const command = `'${process.execPath}' '${SERVICE}' --json --port ${stage.port}`;
  const words = shell.replace('SERVICE', command).replaceAll('HERE', stage.directory);
  return new RunningProcess(['bash', '-c', words], {
    env: { ...stage.env, FAULTS_SECRET: 'x' },
    deadlineMs: 60_000,
  });
}

/** What a daemon keeps of the process that started it. */
async function keptBy(pid: number, stage: Stage): Promise<readonly string[]> {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const kept: string[] = [];
  if (/\0(?:FAULTS_SECRET|LISTEN_\w+)=/.test(`\0${read('environ')}`)) kept.push('environment');
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(read('limits')) ?? [];
  if (soft !== hard) kept.push(`${soft} of ${hard} open files`);
  const { stdout } = await run(['ls', '-l', `/proc/${pid}/fd`, `/proc/${pid}/cwd`]);
  if (stdout.includes(lockOf(stage))) kept.push('the lock');
  if (!stdout.includes('cwd -> /\n')) kept.push('the directory');
  return kept;
}

const lockOf = ({ directory }: Stage): string => path.join(directory, 'shell.lock');
