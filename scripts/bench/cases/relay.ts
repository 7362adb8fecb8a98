import { type Case, endAll, interleaved, startAll } from '../case.ts';
import { HAPROXY, OWN, RELAYED } from '../contenders/all.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
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
    const { contestants, leftOut } = await startAll(names, effort);
    const bulk = { do: 'bulk', octets: OCTETS, inFlight: BULK_IN_FLIGHT } as const;
    const small = { connections: 1, inFlight: SMALL_IN_FLIGHT };
    for (const contestant of contestants) {
      await contestant.client({ ...bulk, forMs: WARM_UP_MS * effort.scale });
      await turn(contestant, small, WARM_UP_MS * effort.scale);
    }
    const measured = await interleaved(contestants, effort.rounds, async (contestant) => {
      const forMs = TURN_MS * effort.scale;
      const { octets, seconds } = await contestant.client({ ...bulk, forMs });
      const { perSecond } = await turn(contestant, small, forMs);
      return { rate: octets / seconds / 1e6, perSecond };
    });
    await endAll(contestants);
    const of = (name: string, heading: string): readonly number[] =>
      measured.get(name)?.get(heading) ?? [];
    const rows = contestants.map(({ name }) => ({
      name,
      cells: {
        'MB/s ÷ HAProxy': ratioOf(of(name, 'rate'), of(HAPROXY, 'rate')),
        'calls/s ÷ HAProxy': ratioOf(of(name, 'perSecond'), of(HAPROXY, 'perSecond')),
        'MB/s': spreadOf(of(name, 'rate')),
        'calls/s': spreadOf(of(name, 'perSecond')),
      },
    }));
    const columns = ['MB/s ÷ HAProxy', 'calls/s ÷ HAProxy', 'MB/s', 'calls/s'];
    const title = `relay: envelopes of 64 KiB one way (${BULK_IN_FLIGHT} in flight), small calls (${SMALL_IN_FLIGHT})`;
    return { tables: [{ title, columns, rows }], leftOut };
  },
};
