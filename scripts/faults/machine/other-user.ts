import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { encodeMessage } from '../../../shared/port-sharing/handshake/codec.ts';
import { PROTOCOL_VERSION } from '../../../shared/port-sharing/handshake/messages.ts';
import { DIRECTORY_VARIABLE } from '../../../shared/port-sharing/machine/paths.ts';
import type { Worker } from '../../worker.ts';
import type { Stage } from '../harness/stage.ts';
import { isAlive } from '../../proc.ts';
import type { Fault, Trial } from '../trial.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';

const NOBODY = 65_534;
const HELLO = encodeMessage({
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  version: '0',
  pid: 1,
  role: 'service',
  handOver: false,
  newline: '\n',
});
const REGISTER = encodeMessage({
  type: 'register',
  request: 1,
  address: 'net.tcp://localhost:0/calculator/1',
  hosts: ['127.0.0.1'],
  queueLength: 1,
});

/** A second user of the machine. */
export const otherUser: Fault = {
  name: 'other-user',
  does: 'another user connects, registers, reads, squats a path, plants links',
  async play(trial) {
    if (process.getuid?.() !== 0) {
      trial.skipped = 'only root can become another user';
      return;
    }
    const stage = await trial.stage();
    await stage.service([1]);
    const { pid } = await stage.ready(2);
    const intruder = stage.start('other-user', 'intruder');
    await intruder.ask('become', { uid: NOBODY });
    await reach(trial, stage, intruder, pid);
    await squat(trial, stage, intruder);
    trial.promise('the daemon runs as before', isAlive(pid), `pid ${pid}`);
    const status = await stage.status();
    const registered = status?.registrations.length ?? 0;
    trial.promise('and has the same registrations', registered === 2, registered);
  },
};

/** Tries to reach files, sockets and processes of the first user. */
async function reach(trial: Trial, stage: Stage, intruder: Worker, pid: number): Promise<void> {
  const { controlSocket, log, runDirectory } = stage.paths;
  const tries: readonly (readonly [what: string, task: string, options: object])[] = [
    ['list the directory', 'list', { path: runDirectory }],
    ['read the log', 'read', { path: log }],
    ['write the log', 'write', { path: log }],
    ['put a file there', 'write', { path: path.join(runDirectory, 'x') }],
    ['put a link there', 'link', { path: path.join(runDirectory, 'y'), target: '/etc/hostname' }],
    ['end the daemon', 'signal', { pid }],
  ];
  for (const [what, task, options] of tries) {
    const outcome = await intruder.ask<string>(task, options);
    trial.promise(`cannot ${what}`, outcome === 'EACCES' || outcome === 'EPERM', outcome);
  }
  const say = (messages: readonly Uint8Array[]) =>
    intruder.ask<{ readonly outcome: string; readonly octets: string }>('say', {
      path: controlSocket,
      base64: Buffer.concat(messages).toString('base64'),
    });
  const closed = await say([HELLO]);
  trial.promise(
    'cannot connect to the control socket',
    closed.outcome === 'EACCES',
    closed.outcome,
  );

  // Even where the directory lets it in, the daemon checks whose process connects.
  chmodSync(runDirectory, 0o755);
  chmodSync(controlSocket, 0o777);
  const open = await say([HELLO, REGISTER]);
  if (trial.isHandOver) {
    trial.promise(
      'cannot register, nor read anything, when the directory was opened',
      open.outcome !== 'EACCES' && open.octets === '',
      `${open.outcome}, ${open.octets.length} bytes read`,
    );
  } else trial.notes.push('without libc nobody can ask who is there: the directory is the guard');
  chmodSync(runDirectory, 0o700);
  chmodSync(controlSocket, 0o600);
}

/** Takes places where the first user's directory is to be. */
async function squat(trial: Trial, stage: Stage, intruder: Worker): Promise<void> {
  const shared = temporaryDirectory();
  try {
    chmodSync(shared, 0o1777);
    const target = path.join(shared, 'target');
    mkdirSync(target);
    const link = path.join(shared, 'link');
    await intruder.ask('link', { path: link, target });
    const taken = path.join(shared, 'taken');
    mkdirSync(taken);
    chownSync(taken, NOBODY, NOBODY);
    for (const [what, directory, text] of [
      ['a planted link in the place of the directory is refused', link, 'symbolic link'],
      ['a directory that is squatted is refused', taken, 'belongs to user'],
      ['a directory that all share is refused', shared, 'Other users can enter'],
    ] as const) {
      const env = { [DIRECTORY_VARIABLE]: directory };
      const { status, output } = await stage.command(['start'], env);
      const isRefused = status === 77 && output.includes(text);
      trial.promise(`${what}, with a sentence (status 77)`, isRefused, `${status}: ${output}`);
    }
    const touched = [...readdirSync(target), ...readdirSync(taken)];
    trial.promise(
      'nothing is written there',
      touched.length === 0,
      touched.join(', ') || 'nothing',
    );
  } finally {
    removeDirectory(shared);
  }
}
