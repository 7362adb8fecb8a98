import { type Case, finely, measureAll } from '../case.ts';
import { HANDED_OVER, MANY } from '../contenders/all.ts';
import { tableOf } from '../table.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;
const MAX_CONNECTIONS = 800;

/** What many registrations cost connections and calls. */
export const registry: Case = {
  name: 'registry',
  async run(effort) {
    const fine = finely(effort);
    const count = Math.ceil(MAX_CONNECTIONS * fine.scale);
    const forMs = TURN_MS * fine.scale;
    const { measured, leftOut } = await measureAll(
      effort.isQuick ? [HANDED_OVER] : [HANDED_OVER, MANY],
      fine,
      async (contestant) => {
        const warmUp = { forMs: WARM_UP_MS * effort.scale, count: MAX_CONNECTIONS };
        await contestant.client({ do: 'connect', ...warmUp });
        await contestant.client({ do: 'latency', ...warmUp });
      },
      async (contestant) => ({
        connect: (await contestant.client({ do: 'connect', forMs, count })).p50,
        call: (await contestant.client({ do: 'latency', forMs })).p50,
      }),
    );
    const table = tableOf('registry: dispatch and calls behind many registrations', measured, [
      { heading: 'connect ÷ 1', of: 'connect', base: HANDED_OVER },
      { heading: 'call ÷ 1', of: 'call', base: HANDED_OVER },
      { heading: 'connect p50 µs', of: 'connect' },
      { heading: 'call p50 µs', of: 'call' },
    ]);
    return { tables: [table], leftOut };
  },
};
