import { pause } from '../harness/clock.ts';
import { usageOf } from '../harness/usage.ts';
import type { Held } from '../processes/holder.ts';
import type { Fault } from '../trial.ts';

const MAX_KIB_EACH = 8;
const MAX_DAEMON_GROWTH_KIB = 10_240;

/** Many connections that are open and idle. */
export const idle: Fault = {
  name: 'idle',
  does: 'idle connections across ten services',
  async play(trial) {
    const stage = await trial.stage();
    const services = await stage.services(10);
    const { pid } = await stage.ready(20);
    const numbers = services.map((_, index) => index + 1);
    const addresses = numbers.map((number) => stage.address(number));
    const holders = [stage.start('holder', 'holder 1'), stage.start('holder', 'holder 2')];
    const each = trial.size(10_000, 1_000) / holders.length;
    const open = (count: number): Promise<readonly Held[]> => {
      const options = { port: stage.port, addresses, count, atOnce: 50 };
      return Promise.all(holders.map((holder) => holder.ask<Held>('open', options)));
    };
    // What is read and compiled for the first connections is not what the others cost.
    await open(trial.size(200, 100));
    await Promise.all(services.map((service) => service.ask('census')));
    await pause(500);
    const watches = trial.watchAll(services);
    const daemon = trial.watch('daemon', pid);
    const before = services.map((service) => usageOf(service.pid).residentKiB);
    const heapBefore = await Promise.all(
      services.map((service) => service.ask<{ heapKiB: number }>('census')),
    );

    const held = await open(each);
    await pause(1_000);
    const heapAfter = await Promise.all(
      services.map((service) => service.ask<{ heapKiB: number }>('census')),
    );
    await pause(500);
    watches();
    const figures = daemon();
    const opened = held.reduce((sum, one) => sum + one.opened, 0);
    const grown = services
      .map((service, index) => usageOf(service.pid).residentKiB - (before[index] ?? 0))
      .reduce((sum, one) => sum + one, 0);
    const heap = heapAfter
      .map(({ heapKiB }, index) => heapKiB - (heapBefore[index]?.heapKiB ?? 0))
      .reduce((sum, one) => sum + one, 0);

    trial.promise(
      'all are opened',
      opened === each * holders.length,
      `${opened}; others: ${JSON.stringify(held.map(({ told }) => told))}`,
    );
    const more = figures.after.descriptors - figures.before.descriptors;
    trial.promise("the daemon's descriptors are as before them", more === 0, `${more} more`);
    const daemonKiB = figures.after.residentKiB - figures.before.residentKiB;
    trial.promise(
      `its memory, too (${MAX_DAEMON_GROWTH_KIB / 1_024} MiB for what a collector leaves)`,
      daemonKiB <= MAX_DAEMON_GROWTH_KIB,
      `${(daemonKiB / 1_024).toFixed(1)} MiB more`,
    );
    trial.promise(
      `at most ${MAX_KIB_EACH} KiB of memory a connection in the services`,
      grown <= MAX_KIB_EACH * opened,
      `${(grown / opened).toFixed(1)} KiB resident, ${(heap / opened).toFixed(1)} KiB of them heap`,
    );
  },
};
