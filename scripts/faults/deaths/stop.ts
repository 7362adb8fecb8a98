import { sleep } from '../../../shared/time.ts';
import { now } from '../harness/clock.ts';
import { Waiters } from '../harness/waiters.ts';
import { calmDown, loadedStage, standardLoad } from '../loaded-stage.ts';
import type { Fault } from '../trial.ts';

const CALLERS = 20;
/** More than may wait: 32 that were sent, and 100 behind them. */
const NEWCOMERS = 200;
const MAY_WAIT = 132;

/** SIGSTOP of one service, and SIGCONT. */
export const stopService: Fault = {
  name: 'stop-service',
  does: 'SIGSTOP of one service, SIGCONT later',
  isSecurable: true,
  async play(trial) {
    const stage = await trial.stage();
    const others = await stage.services(3);
    const victim = await stage.service([9]);
    const { pid } = await stage.ready(8);
    const load = await stage.load(standardLoad(trial, stage, [1, 2, 3]));
    await sleep(trial.size(3_000, 1_000));
    const watches = trial.watchAll([...others, victim]);
    const daemon = trial.watch('daemon', pid);
    const waiters = new Waiters(stage.start('waiters', 'callers of the stopped service'));
    const address = stage.address(9, 'fixture');
    await waiters.child.ask('open', { address, count: CALLERS });

    await load.ask('phase', 'during');
    victim.kill('SIGSTOP');
    const stoppedAt = now();
    await waiters.child.ask('call', { ms: 0 });
    await waiters.child.ask('begin', { address, count: NEWCOMERS, ms: 0 });
    await sleep(2_000);
    await waiters.look();
    const refused = [...waiters.all];
    // Clients that come later are told at once.
    const secondsLeft = trial.seconds(30, 3) - (now() - stoppedAt) / 1_000;
    await sleep(secondsLeft * 500);
    await waiters.child.ask('begin', { address, count: 10, ms: 0 });
    await sleep(secondsLeft * 500);
    await waiters.look();
    const late = waiters.all.slice(refused.length);
    victim.kill('SIGCONT');
    const continuedAt = now();
    await waiters.collect(10_000);
    const answeredMs = Math.max(0, ...waiters.all.map(({ at }) => at)) - continuedAt;
    await calmDown(trial, load);
    watches();
    daemon();

    trial.promiseNothingLost();
    trial.promiseCalm('calls of others', trial.figures.callLatency);
    const slowest = Math.max(0, ...refused.map(({ begunAt, at }) => at - begunAt));
    trial.promise(
      `of ${NEWCOMERS} new clients ${MAY_WAIT} wait, the others get ServerTooBusy within ${trial.withinMs(1_250)} ms`,
      refused.length === NEWCOMERS - MAY_WAIT &&
        refused.every(({ code }) => code === 'ServerTooBusy') &&
        slowest <= trial.withinMs(1_250),
      `${refused.length} refused, the last after ${slowest.toFixed(0)} ms`,
    );
    const slowestLate = Math.max(0, ...late.map(({ begunAt, at }) => at - begunAt));
    trial.promise(
      `further clients get ServerTooBusy at once (${trial.withinMs(50)} ms)`,
      late.length === 10 &&
        late.every(({ code }) => code === 'ServerTooBusy') &&
        slowestLate <= trial.withinMs(50),
      `${late.length} of 10, the last after ${slowestLate.toFixed(1)} ms`,
    );
    trial.promise(
      'after SIGCONT everything that waits is answered',
      waiters.counts()['answered'] === CALLERS + MAY_WAIT && waiters.waiting === 0,
      `${waiters.show()}; the last ${answeredMs.toFixed(0)} ms after SIGCONT`,
    );
  },
};

/** SIGSTOP of the daemon, and SIGCONT. */
export const stopDaemon: Fault = {
  name: 'stop-daemon',
  does: 'SIGSTOP of the daemon, SIGCONT later',
  isSecurable: true,
  async play(trial) {
    const { pid, load, watched } = await loadedStage(trial);
    process.kill(pid, 'SIGSTOP');
    await sleep(trial.seconds(10, 2) * 1_000);
    process.kill(pid, 'SIGCONT');
    await sleep(1_000);
    await calmDown(trial, load);
    watched();
    trial.promiseNothingLost();
    if (trial.isHandOver) trial.promiseCalm('calls meanwhile', trial.figures.callLatency);
    else trial.notes.push('calls that are relayed wait until the daemon goes on');
    const { reset } = trial.figures.connections;
    trial.promise('0 connections reset: those that waited are answered', reset === 0, reset);
  },
};
