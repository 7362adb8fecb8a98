import { type Case, type Effort, endAll, interleaved, startAll, type Table } from '../case.ts';
import { CALLERS, LEAN, LIBRARIES, OWN, RAW } from '../contenders/all.ts';
import type { Contestant } from '../contestant.ts';
import { tableOf } from '../table.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;

interface Load {
  readonly connections: number;
  readonly inFlight: number;
}

const LOADS: readonly Load[] = [
  { connections: 1, inFlight: 1 },
  { connections: 1, inFlight: 64 },
  { connections: 1, inFlight: 1_000 },
  { connections: 16, inFlight: 64 },
];

/** Title of a load's table; the goals look the tables up by it. */
export function titleOf({ connections, inFlight }: Load): string {
  const calls = `${inFlight} ${inFlight === 1 ? 'call' : 'calls'} in flight`;
  return connections === 1 ? `throughput: ${calls}` : `throughput: ${connections} × ${calls}`;
}

/** Many calls in flight. */
export const throughput: Case = {
  name: 'throughput',
  async run(effort) {
    const names = effort.isQuick ? [LEAN, OWN] : CALLERS;
    const { contestants, leftOut } = await startAll(names, effort);
    const tables: Table[] = [];
    for (const load of effort.isQuick ? LOADS.slice(2, 3) : LOADS) {
      tables.push(await measureLoad(contestants, load, effort));
    }
    await endAll(contestants);
    return { tables, leftOut };
  },
};

/** One turn of one contestant: calls a second, and the service's CPU time in seconds for 100,000 of them. */
export async function turn(
  contestant: Contestant,
  load: Load,
  forMs: number,
): Promise<{ readonly perSecond: number; readonly cpu: number }> {
  const before = await contestant.service({ do: 'cpu' });
  const { calls, seconds } = await contestant.client({ do: 'throughput', ...load, forMs });
  const spent = (await contestant.service({ do: 'cpu' })) - before;
  return { perSecond: calls / seconds, cpu: (spent / calls) * 100_000 };
}

async function measureLoad(
  contestants: readonly Contestant[],
  load: Load,
  effort: Effort,
): Promise<Table> {
  const { scale } = effort;
  for (const contestant of contestants) await turn(contestant, load, WARM_UP_MS * scale);
  const measured = await interleaved(contestants, effort, (contestant) =>
    turn(contestant, load, TURN_MS * scale).then((result) => ({ ...result })),
  );
  const of = (name: string): readonly number[] => measured.get(name)?.get('perSecond') ?? [];
  const libraries = LIBRARIES.map(of);
  const best = of(OWN).map((_, round) =>
    Math.max(...libraries.map((values) => values[round] ?? -Infinity)),
  );
  return tableOf(titleOf(load), measured, [
    { heading: '÷ raw', of: 'perSecond', base: RAW },
    { heading: '÷ leanest', of: 'perSecond', base: LEAN },
    { heading: '÷ best library', of: 'perSecond', base: best },
    { heading: 'calls/s', of: 'perSecond' },
    { heading: 'service CPU s/100k', of: 'cpu' },
  ]);
}
