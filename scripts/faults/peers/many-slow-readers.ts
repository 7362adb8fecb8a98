import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { sleep } from '../../../shared/time.ts';
import { usageOf } from '../../proc.ts';
import { until } from '../harness/clock.ts';
import { showFailures } from '../harness/figures.ts';
import { standardLoad, calmDown } from '../loaded-stage.ts';
import type { Fault } from '../trial.ts';

const TIMEOUT_MS = 4_000;
/** What all of them may leave unread, and as much again for garbage and for their sessions. */
const MAX_GROWTH_KIB = (2 * DEFAULT_LIMITS.maxTotalUnsentBytes) / 1_024;

/** Clients that never read, each within its own limit. */
export const manySlowReaders: Fault = {
  name: 'many-slow-readers',
  does: '1,000 clients that ask for 6 MB each and never read an answer',
  async play(trial) {
    const stage = await trial.stage();
    const timeoutMs = trial.size(TIMEOUT_MS, 1_000);
    const service = await stage.service([1], { limits: { slowReaderTimeoutMs: timeoutMs } });
    const { pid } = await stage.ready(2);
    const load = await stage.load({ ...standardLoad(trial, stage, [1]), opensPerSecond: 10 });
    await sleep(trial.size(3_000, 1_000));
    const watches = [trial.watch('service 1', service.pid), trial.watch('daemon', pid)];
    await load.ask('phase', 'during');
    const before = usageOf(service.pid).residentKiB;
    let most = before;
    const looking = setInterval(
      () => (most = Math.max(most, usageOf(service.pid).residentKiB)),
      20,
    );
    const clients = trial.size(1_000, 150);
    const readers = stage.start('slow-reader', 'slow readers');
    await readers.ask('begin', {
      port: stage.port,
      address: stage.address(1, 'fixture'),
      clients,
      requests: 100,
      octets: 64_000,
    });
    const endedMs = await until(
      async () => (await readers.ask<number>('closedAt')) > 0,
      trial.withinMs(4 * timeoutMs + 10_000),
    );
    clearInterval(looking);
    await readers.end();
    await calmDown(trial, load);
    for (const watch of watches) watch();
    const { connectionErrors } = await service.ask<{ readonly connectionErrors: string[] }>(
      'observed',
    );
    trial.promise(
      `memory for all of them is bounded (${MAX_GROWTH_KIB / 1_024} MiB)`,
      most - before <= MAX_GROWTH_KIB,
      `${((most - before) / 1_024).toFixed(1)} MiB at most, for ${clients}`,
    );
    const isSaid = (text: string): boolean =>
      text.includes('has read none') || text.includes('maxTotalUnsentBytes');
    const said = connectionErrors.filter(isSaid).length;
    trial.promise(
      'all of them are cut off, each with a reason',
      endedMs !== undefined && said >= clients,
      `${said} of ${clients} after ${endedMs?.toFixed(0) ?? 'more than all the time that was given'} ms`,
    );
    const { calls, connections, failures } = trial.figures;
    // ServerTooBusy is right while memory is short, as answering so many takes the service seconds.
    const others = failures.filter(({ code }) => code !== 'ServerTooBusy');
    trial.promise(
      'calls of others are neither lost nor wrong; new channels open, or are told ServerTooBusy',
      calls.wrong === 0 && connections.refused === 0 && others.length === 0,
      `${calls.made} calls, ${calls.wrong} wrong; errors: ${showFailures(failures)}`,
    );
  },
};
