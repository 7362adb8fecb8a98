import { sleep } from '../../../shared/time.ts';
import { now } from '../harness/clock.ts';
import { kill } from '../harness/stage.ts';
import { Waiters } from '../harness/waiters.ts';
import { calmDown, loadedStage } from '../loaded-stage.ts';
import type { Fault } from '../trial.ts';

const CALLERS = 50;
const HOUR_MS = 3_600_000;
const TOLD_WITHIN_MS = 100;

/** `kill -9` of one service among others. */
export const killService: Fault = {
  name: 'kill-service',
  does: 'kill -9 of one service while its callers wait',
  isSecurable: true,
  async play(trial) {
    const { stage, load, watched } = await loadedStage(trial, 3);
    const rounds = trial.rounds(20, 2);
    let slowest = 0;
    const codes = new Set<string>();
    const later = new Set<string>();
    let told = 0;
    for (let round = 0; round < rounds; round++) {
      const victim = await stage.service([9]);
      const waiters = new Waiters(stage.start('waiters', 'callers of the dead service'));
      const address = stage.address(9, 'fixture');
      await waiters.child.ask('open', { address, count: CALLERS });
      await waiters.child.ask('call', { ms: HOUR_MS });
      await sleep(100);
      const killedAt = now();
      kill(victim.pid);
      await waiters.collect(2_000);
      told += waiters.all.length;
      for (const { at, code } of waiters.all) {
        slowest = Math.max(slowest, at - killedAt);
        codes.add(code);
      }
      await waiters.child.ask('begin', { address, count: 10, ms: 0 });
      const before = waiters.all.length;
      await waiters.collect(2_000);
      for (const { code } of waiters.all.slice(before)) later.add(code);
      await waiters.child.end();
    }
    await calmDown(trial, load);
    watched();
    const within = trial.withinMs(TOLD_WITHIN_MS);
    trial.promise(
      `its callers get a typed error within ${within} ms`,
      slowest <= within && told === rounds * CALLERS && isOnly(codes, 'Communication'),
      `${told} of ${rounds * CALLERS} told, the last after ${slowest.toFixed(0)} ms: ${[...codes].join(', ')}`,
    );
    trial.promise(
      'its number is EndpointNotFound from then on',
      isOnly(later, 'EndpointNotFound'),
      [...later].join(', '),
    );
    trial.promiseNothingLost();
  },
};

function isOnly(codes: ReadonlySet<string>, code: string): boolean {
  return codes.size === 1 && codes.has(code);
}
