import { type Case, endAll, finely, interleaved, startAll } from '../case.ts';
import { CALLERS, OWN, RAW } from '../contenders/all.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;

/** One call outstanding: how long until the answer is there. */
export const latency: Case = {
  name: 'latency',
  async run(effort) {
    const names = effort.isQuick ? [RAW, OWN] : CALLERS;
    const { rounds, scale, options } = finely(effort);
    const { contestants, leftOut } = await startAll(names, { ...effort, options });
    for (const contestant of contestants) {
      await contestant.client({ do: 'latency', forMs: WARM_UP_MS * effort.scale });
    }
    const forMs = TURN_MS * scale;
    const measured = await interleaved(contestants, rounds, async (contestant) => {
      const { p50, p99 } = await contestant.client({ do: 'latency', forMs });
      return { p50, p99 };
    });
    await endAll(contestants);
    const of = (name: string, heading: string): readonly number[] =>
      measured.get(name)?.get(heading) ?? [];
    const rows = contestants.map(({ name }) => ({
      name,
      cells: {
        'p50 ÷ raw': ratioOf(of(name, 'p50'), of(RAW, 'p50')),
        'p50 ÷ own port': ratioOf(of(name, 'p50'), of(OWN, 'p50')),
        'p50 µs': spreadOf(of(name, 'p50')),
        'p99 µs': spreadOf(of(name, 'p99')),
      },
    }));
    const columns = ['p50 ÷ raw', 'p50 ÷ own port', 'p50 µs', 'p99 µs'];
    return {
      tables: [
        {
          title: 'latency: one call outstanding, service and client on a core each',
          columns,
          rows,
        },
      ],
      leftOut,
    };
  },
};
