import { type Case, measureAll } from '../case.ts';
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
import { tableOf } from '../table.ts';

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
    const forMs = TURN_MS * effort.scale;
    const count = Math.ceil(MAX_CONNECTIONS * effort.scale);
    const { measured, leftOut } = await measureAll(
      names,
      effort,
      (contestant) =>
        contestant.client({
          do: 'connect',
          forMs: WARM_UP_MS * effort.scale,
          count: WARM_UP_CONNECTIONS * effort.scale,
        }),
      async (contestant) => {
        const turn = await contestant.client({ do: 'connect', forMs, count });
        const { p50, p99, connections, seconds } = turn;
        return { p50, p99, perSecond: connections / seconds };
      },
    );
    const table = tableOf('connect: connect, one call, close', measured, [
      { heading: 'p50 ÷ raw', of: 'p50', base: RAW },
      { heading: 'p50 ÷ raw session', of: 'p50', base: RAW_SESSION },
      { heading: 'p50 ÷ HAProxy', of: 'p50', base: HAPROXY },
      { heading: 'p50 µs', of: 'p50' },
      { heading: 'p99 µs', of: 'p99' },
      { heading: 'connections/s', of: 'perSecond' },
    ]);
    return { tables: [table], leftOut };
  },
};
