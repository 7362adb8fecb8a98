import { type Case, endAll, interleaved, startAll } from '../case.ts';
import {
  CLUSTER,
  GRPC,
  HANDED_OVER,
  HAPROXY,
  OWN,
  RAW,
  RAW_SESSION,
  RELAYED,
} from '../contenders/all.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

const TURN_MS = 250;
const WARM_UP_MS = 2_500;
// A closed connection keeps its port for a minute: all turns together stay far from running out.
const MAX_CONNECTIONS = 800;
// Opening is compiled late: it takes thousands of connections until their cost stays the same.
const WARM_UP_CONNECTIONS = 8_000;

/** Connect, one call, close; one after the other. */
export const connect: Case = {
  name: 'connect',
  async run(effort) {
    const all = [RAW, RAW_SESSION, OWN, HANDED_OVER, RELAYED, CLUSTER, HAPROXY, GRPC];
    const names = effort.isQuick ? [RAW, OWN, HANDED_OVER] : all;
    const { contestants, leftOut } = await startAll(names, effort);
    const count = Math.ceil(MAX_CONNECTIONS * effort.scale);
    for (const contestant of contestants) {
      await contestant.client({
        do: 'connect',
        forMs: WARM_UP_MS * effort.scale,
        count: WARM_UP_CONNECTIONS * effort.scale,
      });
    }
    const measured = await interleaved(contestants, effort.rounds, async (contestant) => {
      const forMs = TURN_MS * effort.scale;
      const { p50, p99, connections, seconds } = await contestant.client({
        do: 'connect',
        forMs,
        count,
      });
      return { p50, p99, perSecond: connections / seconds };
    });
    await endAll(contestants);
    const of = (name: string, heading: string): readonly number[] =>
      measured.get(name)?.get(heading) ?? [];
    const rows = contestants.map(({ name }) => ({
      name,
      cells: {
        'p50 ÷ raw': ratioOf(of(name, 'p50'), of(RAW, 'p50')),
        'p50 ÷ raw session': ratioOf(of(name, 'p50'), of(RAW_SESSION, 'p50')),
        'p50 ÷ HAProxy': ratioOf(of(name, 'p50'), of(HAPROXY, 'p50')),
        'p50 µs': spreadOf(of(name, 'p50')),
        'p99 µs': spreadOf(of(name, 'p99')),
        'connections/s': spreadOf(of(name, 'perSecond')),
      },
    }));
    const columns = [
      'p50 ÷ raw',
      'p50 ÷ raw session',
      'p50 ÷ HAProxy',
      'p50 µs',
      'p99 µs',
      'connections/s',
    ];
    return { tables: [{ title: 'connect: connect, one call, close', columns, rows }], leftOut };
  },
};
