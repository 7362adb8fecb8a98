import { sleep } from '../../../shared/time.ts';
import { until } from '../harness/clock.ts';
import type { LoadFigures } from '../harness/figures.ts';
import { summarise } from '../harness/latency.ts';
import { standardLoad } from '../loaded-stage.ts';
import type { HandshakeEnd, Stop } from '../processes/half-handshakes.ts';
import type { Fault, Trial } from '../trial.ts';

const DEADLINE_MS = 5_000;
const MAY_DIFFER_MS = 300;
const TIMES = 3;
const STOPS: readonly Stop[] = [
  'silence',
  'dripping ClientHello',
  'TLS without end',
  'half a token',
];
/** Its number; the service with TLS has 1. */
const WINDOWS = 2;

/** Handshakes that are begun, and never finished. */
export const halfOpenHandshakes: Fault = {
  name: 'half-open-handshakes',
  does: 'a thousand handshakes at a time that stop in the middle, of every kind',
  isSecurable: true,
  async play(trial) {
    // On a busy machine good clients need longer, too.
    const deadlineMs = trial.size(DEADLINE_MS, 2 * DEADLINE_MS);
    const stage = await trial.stage({}, 'tls');
    const limits = { preambleTimeoutMs: deadlineMs };
    const service = await stage.service([1], { limits });
    // In the same process: what one costs, the other's clients would notice.
    await service.ask('openForWindows', { port: stage.port, numbers: [WINDOWS], limits });
    await stage.ready(4);
    const watched = trial.watchAll([service]);
    const load = await stage.load(standardLoad(trial, stage, [1]));
    await sleep(trial.size(4_000, 1_000));
    await load.ask('phase', 'during');
    const count = trial.size(1_000, 50);
    const play = async (stop: Stop): Promise<void> => {
      const halves = stage.start('half-handshakes', `handshakes: ${stop}`);
      const via = stage.address(stop === 'half a token' ? WINDOWS : 1);
      await halves.ask('begin', { port: stage.port, via, count, stop });
      await until(async () => (await halves.ask<number>('open')) === 0, 3 * deadlineMs);
      judge(trial, stop, await halves.ask('ends'), count, deadlineMs);
      await halves.end();
    };
    // A quick trial has no time for one after the other.
    if (trial.options.quick) await Promise.all(STOPS.map(play));
    else for (const stop of STOPS) await play(stop);
    await load.ask('phase', 'after');
    await sleep(trial.size(2_000, 500));
    trial.figures = await load.ask<LoadFigures>('stop');
    watched();
    trial.promiseNothingLost();
    trial.promiseCalm('calls of other clients', trial.figures.callLatency, TIMES);
  },
};

function judge(
  trial: Trial,
  stop: Stop,
  ends: readonly HandshakeEnd[],
  count: number,
  deadlineMs: number,
): void {
  // On a busy machine it takes seconds until a connection is taken.
  const mayDiffer = trial.size(MAY_DIFFER_MS, deadlineMs);
  // Those that found no room were told so at once.
  const begun = ends.filter(({ isAgreed }) => isAgreed);
  const late = begun.filter(({ afterMs }) => Math.abs(afterMs - deadlineMs) > mayDiffer);
  const { p50, max } = summarise(begun.map(({ afterMs }) => afterMs));
  trial.promise(
    `${stop}: ended at ${deadlineMs} ms ± ${mayDiffer} ms, or told ServerTooBusy`,
    ends.length === count && late.length === 0 && begun.length > count / 2,
    `${begun.length} of ${count} begun (p50 ${p50.toFixed(0)} ms, max ${max.toFixed(0)} ms; ${late.length} at another time)`,
  );
}
