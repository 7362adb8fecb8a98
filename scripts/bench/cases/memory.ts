import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, type Effort, interleaved, startAll } from '../case.ts';
import { GRPC, HANDED_OVER, OWN, RAW } from '../contenders/all.ts';
import { usageOf } from '../../proc.ts';
import type { Contestant } from '../contestant.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

const KIB = 1_024;

/** What a connection costs its service while nothing happens on it; a call was made on each. */
export const memory: Case = {
  name: 'memory',
  async run(effort) {
    const [few, many] = effort.isQuick ? [20, 40] : [1_000, 10_000];
    const names = effort.isQuick ? [RAW, OWN] : [RAW, OWN, HANDED_OVER, GRPC];
    const results = new Map<string, Map<string, number[]>>();
    const leftOut = [];
    // Fresh processes for each round: memory that was once taken is not given back for sure.
    for (let round = 0; round < Math.min(effort.rounds, MAX_ROUNDS); round++) {
      for (const name of names) {
        const started = await startAll([name], effort);
        if (round === 0) leftOut.push(...started.leftOut);
        const one = await interleaved(started.contestants, 1, (contestant) =>
          measureOne(contestant, few, many, effort),
        );
        for (const [heading, values] of one.get(name) ?? []) {
          const into = results.get(name) ?? new Map<string, number[]>();
          into.set(heading, [...(into.get(heading) ?? []), ...values]);
          results.set(name, into);
        }
        for (const contestant of started.contestants) await contestant.end();
      }
    }
    const of = (name: string, heading: string): readonly number[] =>
      results.get(name)?.get(heading) ?? [];
    const columns = [
      `÷ raw at ${few}`,
      `÷ raw at ${many}`,
      `KiB each at ${few}`,
      `KiB each at ${many}`,
      `heap KiB each at ${few}`,
      `heap KiB each at ${many}`,
      'daemon KiB before',
      'daemon KiB after',
      'daemon KiB after as many again',
    ];
    const rows = [...results.keys()].map((name) => ({
      name,
      cells: {
        [`÷ raw at ${few}`]: ratioOf(of(name, 'few'), of(RAW, 'few')),
        [`÷ raw at ${many}`]: ratioOf(of(name, 'many'), of(RAW, 'many')),
        [`KiB each at ${few}`]: spreadOf(of(name, 'few')),
        [`KiB each at ${many}`]: spreadOf(of(name, 'many')),
        [`heap KiB each at ${few}`]: spreadOf(of(name, 'heapOfFew')),
        [`heap KiB each at ${many}`]: spreadOf(of(name, 'heap')),
        'daemon KiB before': spreadOf(of(name, 'before')),
        'daemon KiB after': spreadOf(of(name, 'after')),
        'daemon KiB after as many again': spreadOf(of(name, 'again')),
      },
    }));
    return { tables: [{ title: TITLE, columns, rows }], leftOut };
  },
};

export const TITLE = 'memory: idle connections, resident memory of the service';
const MAX_ROUNDS = 2;

async function measureOne(
  contestant: Contestant,
  few: number,
  many: number,
  { scale }: Effort,
): Promise<Readonly<Record<string, number>>> {
  // Code that is compiled, and pools that are filled once, belong to no connection.
  await contestant.client({ do: 'hold', connections: few / 2 });
  await contestant.client({ do: 'release' });
  await sleep(500 * scale);
  const empty = await contestant.service({ do: 'memory' });
  const before = daemonKib(contestant);
  await contestant.client({ do: 'hold', connections: few });
  const atFew = await contestant.service({ do: 'memory' });
  await contestant.client({ do: 'hold', connections: many - few });
  const atMany = await contestant.service({ do: 'memory' });
  await sleep(500 * scale);
  const after = daemonKib(contestant);
  // What V8 makes room for once it keeps; what each connection left behind would come on top of that again.
  if (contestant.between !== undefined) {
    await contestant.client({ do: 'release' });
    await contestant.client({ do: 'hold', connections: many });
    await sleep(500 * scale);
  }
  return {
    few: (atFew.resident - empty.resident) / few / KIB,
    many: (atMany.resident - empty.resident) / many / KIB,
    heapOfFew: (atFew.heap - empty.heap) / few / KIB,
    heap: (atMany.heap - empty.heap) / many / KIB,
    before,
    after,
    again: daemonKib(contestant),
  };
}

function daemonKib({ between }: Contestant): number {
  const kib = between === undefined ? 0 : usageOf(between).residentKiB;
  return kib === 0 ? NaN : kib;
}
