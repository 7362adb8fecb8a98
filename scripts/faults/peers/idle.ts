import type { Worker } from '../../worker.ts';
import { sleep } from '../../../shared/time.ts';
import { usageOf } from '../../proc.ts';
import type { Held } from '../processes/holder.ts';
import type { Fault } from '../trial.ts';

const MAX_KIB_EACH = 8;
// V8 lets garbage grow to 48 MiB before it collects, however many connections there are: that is not weighed here.
const nodeOptions = ['--max-semi-space-size=1'];
const MAX_DAEMON_GROWTH_KIB = 10_240;
// With few connections, growth for other reasons weighs more on each.
const QUICK_ALLOWANCE = 2;

/** Many connections that are open and idle. */
export const idle: Fault = {
  name: 'idle',
  does: 'thousands of idle connections across services',
  async play(trial) {
    const stage = await trial.stage();
    const keeper = stage.start('daemon', 'daemon', { nodeOptions });
    await keeper.ask('run');
    const allowance = trial.size(1, QUICK_ALLOWANCE);
    const count = trial.size(10, 3);
    const services = await Promise.all(
      Array.from({ length: count }, (_, index) => stage.service([index + 1], { nodeOptions })),
    );
    await stage.ready(2 * count);
    const addresses = services.map((_, index) => stage.address(index + 1));
    const holders = [stage.start('holder', 'holder 1'), stage.start('holder', 'holder 2')];
    const all = trial.size(10_000, 1_500);
    const open = (sessions: number): Promise<readonly Held[]> => {
      const options = { port: stage.port, addresses, count: sessions / holders.length, atOnce: 50 };
      return Promise.all(holders.map((holder) => holder.ask<Held>('open', options)));
    };
    // Code that is loaded and compiled for the first ones is not what they cost.
    await open(trial.size(500, 100));
    const before = await weigh(services);
    const daemonBefore = await weigh([keeper]);
    const watches = trial.watchAll(services);
    const daemon = trial.watch('daemon', keeper.pid);
    const held = await open(all);
    const after = await weigh(services);
    const daemonAfter = await weigh([keeper]);
    watches();
    const figures = daemon();

    const opened = held.reduce((sum, one) => sum + one.opened, 0);
    const told = held.map((one) => one.told);
    trial.promise('all are opened', opened === all, `${opened} of ${all}; ${JSON.stringify(told)}`);
    if (trial.isHandOver) {
      const more = figures.after.descriptors - figures.before.descriptors;
      trial.promise("the daemon's descriptors are as before them", more === 0, `${more} more`);
      const daemonKiB = daemonAfter.residentKiB - daemonBefore.residentKiB;
      const maxKiB = MAX_DAEMON_GROWTH_KIB * allowance;
      trial.promise(
        `its memory, too (${maxKiB / 1_024} MiB for what a collector leaves)`,
        daemonKiB <= maxKiB,
        `${(daemonKiB / 1_024).toFixed(1)} MiB more`,
      );
    } else trial.notes.push('relayed connections take two descriptors each in the daemon');
    const residentKiB = (after.residentKiB - before.residentKiB) / opened;
    const heapKiB = (after.heapKiB - before.heapKiB) / opened;
    trial.promise(
      `at most ${MAX_KIB_EACH * allowance} KiB of memory a connection in the services`,
      residentKiB <= MAX_KIB_EACH * allowance,
      `${residentKiB.toFixed(1)} KiB resident, ${heapKiB.toFixed(1)} KiB of it heap`,
    );
  },
};

/** The memory of all of them, after a collection. */
async function weigh(
  services: readonly Worker[],
): Promise<{ readonly residentKiB: number; readonly heapKiB: number }> {
  await sleep(500);
  const heaps = await Promise.all(services.map((service) => service.ask<number>('heap')));
  await sleep(500);
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  return {
    residentKiB: sum(services.map((service) => usageOf(service.pid).residentKiB)),
    heapKiB: sum(heaps),
  };
}
