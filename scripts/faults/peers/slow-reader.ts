import { sleep } from '../../../shared/time.ts';
import { now, until } from '../harness/clock.ts';
import type { LoadFigures } from '../harness/figures.ts';
import { usageOf } from '../../proc.ts';
import type { Fault } from '../trial.ts';
import { standardLoad } from '../loaded-stage.ts';

/** Instead of the default of 30 s, which would show the same and take longer. */
const TIMEOUT_MS = 4_000;
const MAX_GROWTH_KIB = 16_384;

/** A client that never reads its answers. */
export const slowReader: Fault = {
  name: 'slow-reader',
  does: 'a client that asks for 640 MB and never reads an answer',
  async play(trial) {
    const stage = await trial.stage();
    const timeoutMs = trial.size(TIMEOUT_MS, 1_000);
    const limits = { slowReaderTimeoutMs: timeoutMs };
    const service = await stage.service([1], { limits });
    const { pid } = await stage.ready(2);
    const load = await stage.load({
      ...standardLoad(trial, stage, [1]),
      opensPerSecond: 10,
    });
    await sleep(trial.size(3_000, 1_000));
    const watch = trial.watch('service 1', service.pid);
    const daemon = trial.watch('daemon', pid);
    await load.ask('phase', 'during');
    const reader = stage.start('slow-reader', 'slow reader');
    const before = usageOf(service.pid).residentKiB;
    const begunAt = await reader.ask<number>('begin', {
      port: stage.port,
      address: stage.address(1, 'fixture'),
      clients: 1,
      requests: 10_000,
      octets: 64_000,
    });
    let most = before;
    const endedMs = await until(
      async () => {
        most = Math.max(most, usageOf(service.pid).residentKiB);
        return (await reader.ask<number>('closedAt')) > 0;
      },
      4 * timeoutMs + 5_000,
    );
    const closedAt = await reader.ask<number>('closedAt');
    await load.ask('phase', 'after');
    await sleep(trial.size(2_000, 500));
    trial.figures = await load.ask<LoadFigures>('stop');
    watch();
    daemon();
    const { connectionErrors } = await service.ask<{ readonly connectionErrors: string[] }>(
      'observed',
    );
    const reason = connectionErrors.find((text) => text.includes('has read none'));
    trial.promise(
      `memory for it is bounded (${MAX_GROWTH_KIB / 1_024} MiB, with what a collector leaves)`,
      most - before <= MAX_GROWTH_KIB,
      `${((most - before) / 1_024).toFixed(1)} MiB at most`,
    );
    const tookMs = (closedAt > 0 ? closedAt : now()) - begunAt;
    trial.promise(
      `it is closed after ${timeoutMs} ms without reading, with a reason`,
      endedMs !== undefined && reason !== undefined && tookMs >= timeoutMs - 100,
      `${tookMs.toFixed(0)} ms; ${reason ?? 'no reason'}`,
    );
    trial.promiseNothingLost();
    trial.promiseCalm('calls of others', trial.figures.callLatency);
  },
};
