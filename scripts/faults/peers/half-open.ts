import { sleep } from '../../../shared/time.ts';
import { until } from '../harness/clock.ts';
import type { LoadFigures } from '../harness/figures.ts';
import { summarise } from '../harness/latency.ts';
import type { End } from '../processes/silent.ts';
import type { Fault, Trial } from '../trial.ts';
import { busyStage } from '../loaded-stage.ts';

const DEADLINE_MS = 5_000;
const MAY_DIFFER_MS = 300;
/** What a silent connection may cost the daemon. */
const MAX_KIB_EACH = 16;
/** What a daemon's memory may grow by in any case. */
const MAX_KIB = 8_192;

/** Connections that send nothing, and connections that drip. */
export const halfOpen: Fault = {
  name: 'half-open',
  does: 'connections that send nothing, and connections that drip one byte after the other',
  async play(trial) {
    const deadlineMs = trial.size(DEADLINE_MS, 1_500);
    const { stage, services, pid, load } = await busyStage(trial, 2, {
      preambleTimeoutMs: deadlineMs,
    });
    await sleep(trial.size(4_000, 1_000));
    const watches = trial.watchAll(services);
    await load.ask('phase', 'during');
    const count = trial.size(1_000, 300);
    for (const everyMs of [0, trial.size(250, 100)]) {
      const what = everyMs === 0 ? 'send nothing' : 'drip';
      const daemon = trial.watch(`daemon, ${count} that ${what}`, pid);
      const silent = stage.start('silent', 'silent clients');
      await silent.ask('begin', { port: stage.port, count, everyMs });
      await sleep(deadlineMs / 2);
      const figures = daemon();
      await until(async () => (await silent.ask<number>('open')) === 0, 2 * deadlineMs);
      const ends = await silent.ask<readonly End[]>('ends');
      await silent.end();
      judge(trial, what, ends, count, deadlineMs);
      const grownKiB = figures.after.residentKiB - figures.before.residentKiB;
      trial.promise(
        `memory for those that ${what} is bounded: at most ${MAX_KIB_EACH} KiB each`,
        grownKiB <= Math.max(MAX_KIB_EACH * count, MAX_KIB),
        `${Math.max(0, grownKiB / count).toFixed(1)} KiB each`,
      );
    }
    await load.ask('phase', 'after');
    await sleep(trial.size(2_000, 500));
    trial.figures = await load.ask<LoadFigures>('stop');
    watches();
    trial.promiseNothingLost();
    trial.promiseCalm('new connections of good clients', trial.figures.openLatency);
    const status = await stage.status();
    trial.notes.push(`turned away at random, with ServerTooBusy: ${status?.dropped ?? 0}`);
  },
};

function judge(
  trial: Trial,
  what: string,
  ends: readonly End[],
  count: number,
  deadlineMs: number,
): void {
  const mayDiffer = trial.withinMs(MAY_DIFFER_MS);
  // Those that were turned away got a fault first.
  const kept = ends.filter(({ octets }) => octets === 0);
  const late = kept.filter(({ afterMs }) => Math.abs(afterMs - deadlineMs) > mayDiffer);
  const { p50, max } = summarise(kept.map(({ afterMs }) => afterMs));
  trial.promise(
    `those that ${what} are closed at ${deadlineMs} ms ± ${mayDiffer} ms, or told ServerTooBusy`,
    ends.length === count && late.length === 0 && kept.length > 0,
    `${kept.length} closed (p50 ${p50.toFixed(0)} ms, max ${max.toFixed(0)} ms; ${late.length} at another time), ${ends.length - kept.length} told`,
  );
}
