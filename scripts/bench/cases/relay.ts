import { type Case, measureAll } from '../case.ts';
import { HAPROXY, OWN, RELAYED } from '../contenders/all.ts';
import { tableOf } from '../table.ts';
import { turn } from './throughput.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;
/** An envelope of 64 KiB, less room for the MessagePack around it. */
const OCTETS = 65_536 - 32;
const BULK_IN_FLIGHT = 16;
const SMALL_IN_FLIGHT = 64;

/** What it costs to stay in between: big envelopes one way, and small calls. */
export const relay: Case = {
  name: 'relay',
  async run(effort) {
    const names = effort.isQuick ? [RELAYED] : [RELAYED, HAPROXY, OWN];
    const bulk = { do: 'bulk', octets: OCTETS, inFlight: BULK_IN_FLIGHT } as const;
    const small = { connections: 1, inFlight: SMALL_IN_FLIGHT };
    const { measured, leftOut } = await measureAll(
      names,
      effort,
      async (contestant) => {
        await contestant.client({ ...bulk, forMs: WARM_UP_MS * effort.scale });
        await turn(contestant, small, WARM_UP_MS * effort.scale);
      },
      async (contestant) => {
        const forMs = TURN_MS * effort.scale;
        const { octets, seconds } = await contestant.client({ ...bulk, forMs });
        const { perSecond } = await turn(contestant, small, forMs);
        return { rate: octets / seconds / 1e6, perSecond };
      },
    );
    const title = `relay: envelopes of 64 KiB one way (${BULK_IN_FLIGHT} in flight), small calls (${SMALL_IN_FLIGHT})`;
    const table = tableOf(title, measured, [
      { heading: 'MB/s ÷ HAProxy', of: 'rate', base: HAPROXY },
      { heading: 'calls/s ÷ HAProxy', of: 'perSecond', base: HAPROXY },
      { heading: 'MB/s', of: 'rate' },
      { heading: 'calls/s', of: 'perSecond' },
    ]);
    return { tables: [table], leftOut };
  },
};
