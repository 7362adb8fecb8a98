import { sleep } from '../../../shared/time.ts';
import { until } from '../harness/clock.ts';
import type { LoadFigures } from '../harness/figures.ts';
import { isAlive } from '../../proc.ts';
import type { Outcomes } from '../processes/flood.ts';
import { kinds } from '../processes/garbage.ts';
import type { Fault, Trial } from '../trial.ts';
import { busyStage } from '../loaded-stage.ts';

const LINES_PER_SECOND = 5;
const MAX_GROWTH_KIB = 24_576;

/** Clients that send ten kinds of garbage. */
export const flood: Fault = {
  name: 'flood',
  does: 'connection attempts with garbage of ten kinds',
  async play(trial) {
    const { stage, services, pid, load } = await busyStage(trial, 2);
    const attacker = stage.start('flood', 'attacker');
    const options = { port: stage.port, atOnce: 200, seed: trial.options.seed };
    // Code that is loaded and compiled for the first time is no growth.
    await attacker.ask('flood', { ...options, count: trial.size(4_000, 500) });
    await sleep(trial.size(2_000, 1_000));
    const watches = trial.watchAll(services);
    const daemon = trial.watch('daemon', pid);
    const before = await stage.status();
    const linesBefore = stage.log().split('\n').length;

    await load.ask('phase', 'during');
    const begunAt = performance.now();
    const count = trial.size(20_000, 1_500);
    const outcomes = await attacker.ask<Outcomes>('flood', { ...options, count });
    const seconds = (performance.now() - begunAt) / 1_000;
    await load.ask('phase', 'after');
    await until(async () => (await stage.status())?.pending === 0, 8_000, 100);
    await sleep(trial.size(3_000, 1_500));
    trial.figures = await load.ask<LoadFigures>('stop');
    watches();
    const usage = daemon();

    const after = await stage.status();
    trial.promise('no crash', isAlive(pid) && after?.pid === pid, `daemon ${after?.pid}`);
    trial.promiseNothingLost();
    judge(trial, outcomes, stage.port);
    const lines = stage.log().split('\n').length - linesBefore;
    const most = LINES_PER_SECOND * (seconds + 2) * 2;
    trial.promise('no log flood', lines <= most, `${lines} lines in ${seconds.toFixed(1)} s`);
    const more = usage.after.descriptors - usage.before.descriptors;
    trial.promise('descriptors back to the start', more <= 2, `${more} more`);
    const grown = usage.after.residentKiB - usage.before.residentKiB;
    trial.promise(
      `memory back to the start (${MAX_GROWTH_KIB / 1_024} MiB for what a collector leaves)`,
      grown <= MAX_GROWTH_KIB,
      `${(grown / 1_024).toFixed(1)} MiB more`,
    );
    const rate = (count / seconds).toFixed(0);
    const dropped = (after?.dropped ?? 0) - (before?.dropped ?? 0);
    trial.notes.push(`${count} attempts, ${rate} a second; ${dropped} turned away unheard`);
  },
};

/** Each kind is answered with the fault that belongs to it, or with ServerTooBusy. */
function judge(trial: Trial, outcomes: Outcomes, port: number): void {
  for (const { name, faults } of kinds(port)) {
    const seen = outcomes[name] ?? {};
    const expected = faults.length === 0 ? ['closed', 'reset'] : [...faults, 'ServerTooBusy'];
    const others = Object.keys(seen).filter((outcome) => !expected.includes(outcome));
    const shown = Object.entries(seen).map(([outcome, times]) => `${times} x ${outcome}`);
    trial.promise(`${name}: ${expected.join(' or ')}`, others.length === 0, shown.join(', '));
  }
}
