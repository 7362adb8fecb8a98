import type { Worker } from '../../worker.ts';
import { sleep } from '../../../shared/time.ts';
import { usageOf } from '../../proc.ts';
import type { Census } from '../harness/census.ts';
import type { Churned } from '../processes/churn.ts';
import type { Fault, Trial } from '../trial.ts';

const SETTLE_MS = 2_000;
const MAX_HEAP_GROWTH_KIB = 1_024;

/** Connects and closes as fast as it can. */
export const churn: Fault = {
  name: 'churn',
  does: 'connects and closes, as fast as they go',
  async play(trial) {
    const stage = await trial.stage();
    const keeper = stage.start('daemon', 'daemon');
    await keeper.ask('run');
    const services = await stage.services(2);
    await stage.ready(4);
    const client = stage.start('churn', 'client');
    const addresses = [stage.address(1), stage.address(2)];
    const options = { addresses, atOnce: 16 };
    // A first turn, for everything that is made only once.
    await client.ask('churn', { ...options, seconds: trial.size(5, 1) });
    await sleep(SETTLE_MS);
    const all = [keeper, ...services];
    const before = await Promise.all(all.map(takeStock));
    const watches = trial.watchAll(all);

    const seconds = trial.seconds(300, 3);
    const { made, wrong, errors } = await client.ask<Churned>('churn', { ...options, seconds });
    await sleep(SETTLE_MS);
    watches();
    const after = await Promise.all(all.map(takeStock));

    const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
    trial.figures = {
      ...trial.figures,
      calls: { made, lost: failed, wrong },
      connections: { ...trial.figures.connections, made },
    };
    trial.promise('0 calls lost or wrong', failed + wrong === 0, JSON.stringify(errors));
    trial.notes.push(
      `${made} connections in ${seconds} s, ${(made / seconds).toFixed(0)} a second`,
    );
    for (const [index, { name }] of all.entries()) {
      compare(trial, name, before[index], after[index]);
    }
  },
};

interface Stock extends Census {
  readonly descriptors: number;
}

async function takeStock(child: Worker): Promise<Stock> {
  const census = await child.ask<Census>('census');
  return { ...census, descriptors: usageOf(child.pid).descriptors };
}

function compare(trial: Trial, name: string, before?: Stock, after?: Stock): void {
  if (before === undefined || after === undefined) return;
  const rows: readonly (readonly [string, number, number])[] = [
    ['descriptors', before.descriptors, after.descriptors],
    ['timers', before.timers, after.timers],
    ...Object.entries(after.objects).map(
      ([what, count]) => [what, before.objects[what] ?? 0, count] as const,
    ),
  ];
  const grown = rows.filter(([, was, is]) => is > was);
  const shown = rows.map(([what, was, is]) => `${what} ${was} → ${is}`).join(', ');
  trial.promise(`${name}: no growth of descriptors, timers, objects`, grown.length === 0, shown);
  const heap = after.heapKiB - before.heapKiB;
  trial.promise(
    `${name}: no growth of memory (${MAX_HEAP_GROWTH_KIB} KiB of heap)`,
    heap <= MAX_HEAP_GROWTH_KIB,
    `${heap} KiB`,
  );
}
