import { existsSync } from 'node:fs';
import { LIMITS_VARIABLE } from '../../../shared/port-sharing/machine/environment/limits-variable.ts';
import { sleep } from '../../../shared/time.ts';
import { now, until } from '../harness/clock.ts';
import type { LoadFigures } from '../harness/figures.ts';
import { kill, type Stage } from '../harness/stage.ts';
import { calmDown, loadedStage } from '../loaded-stage.ts';
import type { Fault, Trial } from '../trial.ts';
import { promiseOneDaemon } from './kill-daemon.ts';

const BETWEEN_MS = 100;
const APPEARS_WITHIN_MS = 10_000;
/** After this time a daemon that hangs is given up. */
const HANGS_AFTER_MS = 3_000;

/** `net-tcp-port-sharing restart`, again and again; then with a new daemon that crashes or hangs. */
export const upgrade: Fault = {
  name: 'upgrade',
  does: 'a new daemon takes over from the old one under load, or fails to',
  isSecurable: true,
  async play(trial) {
    const { stage, load, watched } = await loadedStage(trial);
    let succeeded = 0;
    const rounds = trial.rounds(100, 3);
    for (let round = 0; round < rounds; round++) {
      const { status } = await stage.command(['restart']);
      succeeded += status === 0 ? 1 : 0;
      await sleep(BETWEEN_MS * trial.random());
    }
    trial.promise('every upgrade succeeds', succeeded === rounds, `${succeeded} of ${rounds}`);
    const resets = async (): Promise<number> =>
      (await load.ask<LoadFigures>('figures')).connections.reset;
    const excused =
      (await failToStart(trial, stage, 'SIGKILL', trial.size(20, 2), resets)) +
      (await failToStart(trial, stage, 'SIGSTOP', trial.size(3, 1), resets));
    await twoAtOnce(trial, stage, trial.size(5, 1));

    await calmDown(trial, load);
    const { pid } = await stage.ready(8);
    watched(pid);
    if (trial.isHandOver) {
      trial.promiseNothingLost();
      const reset = trial.figures.connections.reset - excused;
      trial.promise('0 connections reset by an upgrade', reset === 0, reset);
      trial.notes.push(
        `${excused} connections reset by daemons that died when they had taken over`,
      );
    }
    await promiseOneDaemon(trial, stage, 8);
  },
};

/**
 * Kills the new daemon, or stops it for good, at some moment while it starts.
 *
 * @param resets how many connections have been reset so far
 * @returns connections reset in rounds where the new daemon had already taken over: as in `kill-daemon`, nothing
 *   is promised about those whose preamble a daemon has half read
 */
async function failToStart(
  trial: Trial,
  stage: Stage,
  signal: 'SIGKILL' | 'SIGSTOP',
  rounds: number,
  resets: () => Promise<number>,
): Promise<number> {
  let served = 0;
  let told = 0;
  let excused = 0;
  for (let round = 0; round < rounds; round++) {
    const before = await stage.ready(8);
    const resetsBefore = await resets();
    // With relay, earlier daemons may still run for what they relay.
    const others = new Set(stage.daemons());
    const limits = signal === 'SIGSTOP' ? `daemonStartTimeoutMs=${HANGS_AFTER_MS}` : '';
    const ended = stage.command(['restart'], { [LIMITS_VARIABLE]: limits });
    let newcomer = 0;
    await until(
      () => {
        newcomer = stage.daemons().find((pid) => !others.has(pid)) ?? 0;
        return newcomer > 0;
      },
      APPEARS_WITHIN_MS,
      1,
    );
    if (round % 2 === 0) {
      // Strike when it has made its control socket, a moment before or after it takes over.
      await until(
        () => existsSync(`${stage.paths.controlSocket}.${newcomer}`),
        APPEARS_WITHIN_MS,
        0,
      );
      await sleep(3 * trial.random());
    } else await sleep(80 * trial.random());
    if (newcomer > 0) kill(newcomer, signal);
    const { status } = await ended;
    told += status !== 0 ? 1 : 0;
    // It may have taken over just before; then the services start another, or it goes on.
    if (status === 0 && signal === 'SIGSTOP') kill(newcomer, 'SIGCONT');
    const { pid } = await stage.ready(8);
    if (pid !== before.pid) excused += (await resets()) - resetsBefore;
    served += pid === before.pid || status === 0 || pid !== newcomer ? 1 : 0;
  }
  const what = signal === 'SIGKILL' ? 'crashes' : 'hangs';
  trial.promise(
    `a daemon serves when the new one ${what}`,
    served === rounds,
    `${served} of ${rounds}`,
  );
  trial.notes.push(
    `new daemon ${what} while it starts: ${told} of ${rounds} times before it had taken over`,
  );
  return excused;
}

/** Of two restarts at once one wins, and the other says so. */
async function twoAtOnce(trial: Trial, stage: Stage, rounds: number): Promise<void> {
  let asPromised = 0;
  const begun = now();
  for (let round = 0; round < rounds; round++) {
    const both = await Promise.all([stage.command(['restart']), stage.command(['restart'])]);
    const statuses = both.map(({ status }) => status).sort((a, b) => a - b);
    // If one begins a moment after the other, both may win.
    asPromised += statuses[0] === 0 && (statuses[1] === 80 || statuses[1] === 0) ? 1 : 0;
  }
  trial.promise(
    'of two upgrades at once one wins, and the other waits for it or says so (status 80)',
    asPromised === rounds,
    `${asPromised} of ${rounds}, ${((now() - begun) / rounds).toFixed(0)} ms each`,
  );
}
