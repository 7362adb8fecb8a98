import { type Case, endAll, interleaved, type Row, startAll, type Table } from '../case.ts';
import { CALLERS, LEAN, LIBRARIES, OWN } from '../contenders/all.ts';
import type { Contestant } from '../contestant.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

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
      tables.push(await measureLoad(contestants, load, effort.rounds, effort.scale));
    }
    await endAll(contestants);
    return { tables, leftOut };
  },
};

/** One turn of one contestant: calls a second, and what they cost the service. */
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
  rounds: number,
  scale: number,
): Promise<Table> {
  for (const contestant of contestants) await turn(contestant, load, WARM_UP_MS * scale);
  const measured = await interleaved(contestants, rounds, (contestant) =>
    turn(contestant, load, TURN_MS * scale).then((result) => ({ ...result })),
  );
  const of = (name: string, heading: string): readonly number[] =>
    measured.get(name)?.get(heading) ?? [];
  const libraries = LIBRARIES.map((name) => of(name, 'perSecond'));
  const best = of(OWN, 'perSecond').map((_, round) =>
    Math.max(...libraries.map((values) => values[round] ?? -Infinity)),
  );
  const rows: readonly Row[] = contestants.map(({ name }) => ({
    name,
    cells: {
      '÷ leanest': ratioOf(of(name, 'perSecond'), of(LEAN, 'perSecond')),
      '÷ best library': ratioOf(of(name, 'perSecond'), best),
      'calls/s': spreadOf(of(name, 'perSecond')),
      'service CPU s/100k': spreadOf(of(name, 'cpu')),
    },
  }));
  const columns = ['÷ leanest', '÷ best library', 'calls/s', 'service CPU s/100k'];
  return { title: titleOf(load), columns, rows };
}
