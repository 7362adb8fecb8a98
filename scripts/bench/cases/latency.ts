import { type Case, finely, measureAll } from '../case.ts';
import { CALLERS, OWN, RAW } from '../contenders/all.ts';
import { tableOf } from '../table.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;

/** One call outstanding: how long until the answer is there. */
export const latency: Case = {
  name: 'latency',
  async run(effort) {
    const names = effort.isQuick ? [RAW, OWN] : CALLERS;
    const fine = finely(effort);
    const { measured, leftOut } = await measureAll(
      names,
      fine,
      (contestant) => contestant.client({ do: 'latency', forMs: WARM_UP_MS * effort.scale }),
      async (contestant) => {
        const { p50, p99 } = await contestant.client({
          do: 'latency',
          forMs: TURN_MS * fine.scale,
        });
        return { p50, p99 };
      },
    );
    const title = 'latency: one call outstanding, service and client on a core each';
    const table = tableOf(title, measured, [
      { heading: 'p50 ÷ raw', of: 'p50', base: RAW },
      { heading: 'p50 ÷ own port', of: 'p50', base: OWN },
      { heading: 'p50 µs', of: 'p50' },
      { heading: 'p99 µs', of: 'p99' },
    ]);
    return { tables: [table], leftOut };
  },
};
