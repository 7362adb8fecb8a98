import {
  addRound,
  type Case,
  type CaseResult,
  type Effort,
  endAll,
  type LeftOut,
  startAll,
  tableCase,
} from '../case.ts';
import {
  GRPC_TLS,
  HANDED_OVER_TLS,
  KEPT_TLS,
  OWN,
  OWN_KERBEROS,
  OWN_TLS,
  RAW_TLS,
  RAW_TLS_SESSION,
} from '../contenders/all.ts';
import { tableOf } from '../table.ts';
import { turn } from './throughput.ts';

const TURN_MS = 250;
const WARM_UP_MS = 1_000;
// Connections, and a bound in time for a slow machine: see `connect`.
const WARM_UP_CONNECTIONS = 3_000;
const WARM_UP_CONNECTIONS_MS = 30_000;
// A closed connection keeps its port for a minute: all turns together stay far from running out.
const MAX_CONNECTIONS = 400;
const IDLE_CONNECTIONS = 1_000;
const KIB = 1_024;

/** Titles of the tables; the goals look the tables up by them. */
export const CONNECT = 'secured: connect, one call, close';
export const CALLS = 'secured: 1000 calls in flight';
export const LATENCY = 'secured: one call outstanding';
export const IDLE = 'secured: idle connections, resident memory of the service';

const connect = tableCase({
  name: 'connect',
  title: CONNECT,
  contenders: [RAW_TLS_SESSION, OWN_TLS, HANDED_OVER_TLS, KEPT_TLS, OWN_KERBEROS, GRPC_TLS],
  quickly: [RAW_TLS_SESSION, OWN_TLS, KEPT_TLS, OWN_KERBEROS],
  columns: [
    { heading: 'p50 ÷ raw tls session', of: 'p50', base: RAW_TLS_SESSION },
    { heading: 'service CPU ÷ TLS', of: 'cpu', base: OWN_TLS },
    { heading: 'p50 µs', of: 'p50' },
    { heading: 'p99 µs', of: 'p99' },
    { heading: 'service CPU µs', of: 'cpu' },
  ],
  warmUp: (contestant, scale) =>
    contestant.client({
      do: 'connect',
      forMs: WARM_UP_CONNECTIONS_MS * scale,
      count: Math.ceil(WARM_UP_CONNECTIONS * scale),
    }),
  async turn(contestant, scale) {
    const before = await contestant.service({ do: 'cpu' });
    const forMs = TURN_MS * scale;
    const { p50, p99, connections } = await contestant.client({
      do: 'connect',
      forMs,
      count: MAX_CONNECTIONS,
    });
    const spent = (await contestant.service({ do: 'cpu' })) - before;
    return { p50, p99, cpu: (spent / connections) * 1e6 };
  },
});

const calls = tableCase({
  name: 'calls',
  title: CALLS,
  contenders: [OWN, OWN_TLS, OWN_KERBEROS, GRPC_TLS],
  quickly: [OWN, OWN_TLS, OWN_KERBEROS],
  columns: [
    { heading: '÷ in the clear', of: 'perSecond', base: OWN },
    { heading: '÷ grpc-js with TLS', of: 'perSecond', base: GRPC_TLS },
    { heading: 'calls/s', of: 'perSecond' },
    { heading: 'service CPU s/100k', of: 'cpu' },
  ],
  warmUp: (contestant, scale) => turn(contestant, MANY, WARM_UP_MS * scale),
  turn: (contestant, scale) =>
    turn(contestant, MANY, TURN_MS * scale).then((result) => ({ ...result })),
});

const MANY = { connections: 1, inFlight: 1_000 };

const latency = tableCase({
  name: 'latency',
  title: LATENCY,
  contenders: [RAW_TLS, OWN_TLS, OWN_KERBEROS],
  quickly: [RAW_TLS, OWN_TLS],
  isFine: true,
  columns: [
    { heading: 'p50 ÷ raw tls', of: 'p50', base: RAW_TLS },
    { heading: 'p50 µs', of: 'p50' },
    { heading: 'p99 µs', of: 'p99' },
  ],
  warmUp: (contestant, scale) => contestant.client({ do: 'latency', forMs: WARM_UP_MS * scale }),
  turn: (contestant, scale) => contestant.client({ do: 'latency', forMs: TURN_MS * scale }),
});

/** What a connection costs its service while nothing happens on it, after one call on each. */
async function idle(effort: Effort): Promise<CaseResult> {
  const count = effort.isQuick ? 20 : IDLE_CONNECTIONS;
  const results = new Map<string, Map<string, number[]>>();
  const leftOut: LeftOut[] = [];
  for (const name of effort.isQuick ? [RAW_TLS, OWN_TLS] : [RAW_TLS, OWN_TLS, OWN_KERBEROS]) {
    const started = await startAll([name], effort);
    leftOut.push(...started.leftOut);
    for (const contestant of started.contestants) {
      // Compiled code, and pools that are filled once, belong to no connection.
      await contestant.client({ do: 'hold', connections: count / 2 });
      await contestant.client({ do: 'release' });
      const before = await contestant.service({ do: 'memory' });
      await contestant.client({ do: 'hold', connections: count });
      const after = await contestant.service({ do: 'memory' });
      const resident = (after.resident - before.resident) / count / KIB;
      addRound(results, name, { resident, heap: (after.heap - before.heap) / count / KIB });
    }
    await endAll(started.contestants);
  }
  const table = tableOf(IDLE, results, [
    { heading: '÷ raw tls', of: 'resident', base: RAW_TLS },
    { heading: 'KiB each', of: 'resident' },
    { heading: 'heap KiB each', of: 'heap' },
  ]);
  return { tables: [table], leftOut };
}

/** What TLS and Kerberos cost. */
export const secured: Case = {
  name: 'secured',
  async run(effort) {
    const results: CaseResult[] = [];
    for (const { run } of [connect, calls, latency, { run: idle }]) results.push(await run(effort));
    return {
      tables: results.flatMap(({ tables }) => tables),
      leftOut: results.flatMap(({ leftOut }) => leftOut),
    };
  },
};
