import { tableCase } from '../case.ts';
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

const TURN_MS = 250;
// A bound for those that take milliseconds for each, on a slow machine.
const WARM_UP_MS = 30_000;
// A closed connection keeps its port for a minute: all turns together stay far from running out.
const MAX_CONNECTIONS = 800;
// The code that opens is compiled late: only after thousands of connections does their cost stay the same. By time
// alone the slower contenders would still be compiling when they are measured, and seem slower than they are.
const WARM_UP_CONNECTIONS = 8_000;

/** Connect, one call, close; one after the other. */
export const connect = tableCase({
  name: 'connect',
  title: 'connect: connect, one call, close',
  contenders: [RAW, RAW_SESSION, OWN, HANDED_OVER, RELAYED, CLUSTER, HAPROXY, GRPC],
  quickly: [RAW, OWN, HANDED_OVER],
  columns: [
    { heading: 'p50 ÷ raw', of: 'p50', base: RAW },
    { heading: 'p50 ÷ raw session', of: 'p50', base: RAW_SESSION },
    { heading: 'p50 ÷ HAProxy', of: 'p50', base: HAPROXY },
    { heading: 'p50 µs', of: 'p50' },
    { heading: 'p99 µs', of: 'p99' },
    { heading: 'connections/s', of: 'perSecond' },
  ],
  warmUp: (contestant, scale) =>
    contestant.client({
      do: 'connect',
      forMs: WARM_UP_MS * scale,
      count: Math.ceil(WARM_UP_CONNECTIONS * scale),
    }),
  async turn(contestant, scale) {
    const count = Math.ceil(MAX_CONNECTIONS * scale);
    const turn = await contestant.client({ do: 'connect', forMs: TURN_MS * scale, count });
    return { p50: turn.p50, p99: turn.p99, perSecond: turn.connections / turn.seconds };
  },
});
