import type { CaseResult } from './case.ts';
import { TITLE as LARGE } from './cases/large.ts';
import { DAEMON, IDLE, TITLE as MEMORY } from './cases/memory.ts';
import * as replicas from './cases/replicas.ts';
import * as secured from './cases/secured.ts';
import { TITLE as STREAM } from './cases/stream.ts';
import { titleOf } from './cases/throughput.ts';
import { BESIDE_MONO, pairName, titleOf as wcfTitleOf } from './cases/wcf.ts';
import {
  HANDED_OVER,
  HANDED_OVER_TLS,
  HAPROXY,
  MANY,
  MANY_REPLICAS,
  OUR_STREAM,
  OWN,
  OWN_KERBEROS,
  OWN_TLS,
  RELAYED,
} from './contenders/all.ts';
import { AFTER_KILL, CLIENT, SERVICE, SERVICE_AND_DAEMON } from './starts.ts';

/** A goal, and whether it was reached. `undefined`: this run has not measured it. */
export interface Verdict {
  readonly goal: string;
  readonly wanted: string;
  readonly measured: number | undefined;
  readonly isReached: boolean | undefined;
}

type At = readonly [title: string, row: string, column: string];

interface Goal {
  readonly goal: string;
  /** Beginning of a table's title, name of a row, heading of a column. */
  readonly at: At;
  /** What that is divided by. */
  readonly over?: At;
  readonly from?: number;
  readonly to?: number;
}

const LATENCY = 'latency';
const CONNECT = 'connect';
const RELAY = 'relay';
const REGISTRY = 'registry: dispatch';
const ONE = titleOf({ connections: 1, inFlight: 1 });
const SOME = titleOf({ connections: 1, inFlight: 64 });
const MANY_CALLS = titleOf({ connections: 1, inFlight: 1_000 });

/** What the suite is to reach: ratios within one run. */
const GOALS: readonly Goal[] = [
  { goal: 'latency p50 ÷ raw, own port', at: [LATENCY, OWN, 'p50 ÷ raw'], to: 1.15 },
  {
    goal: 'latency p50, handed over ÷ own port',
    at: [LATENCY, HANDED_OVER, 'p50 ÷ own port'],
    from: 0.97,
    to: 1.03,
  },
  {
    goal: 'throughput, 1,000 in flight ÷ leanest loop',
    at: [MANY_CALLS, OWN, '÷ leanest'],
    from: 1.2,
  },
  { goal: 'throughput, 1,000 in flight ÷ raw echo', at: [MANY_CALLS, OWN, '÷ raw'], from: 0.5 },
  { goal: '1 MiB messages, msgpack ÷ raw', at: [LARGE, OWN, 'MB/s ÷ raw'], from: 0.8 },
  {
    goal: 'stream of 1 GiB up ÷ raw pipeline',
    at: [STREAM, OUR_STREAM, 'up, MB/s ÷ raw'],
    from: 0.7,
  },
  {
    goal: 'stream of 1 GiB down ÷ raw pipeline',
    at: [STREAM, OUR_STREAM, 'down, MB/s ÷ raw'],
    from: 0.7,
  },
  {
    goal: 'streams of 1 GiB, MiB more in the service',
    at: [STREAM, OUR_STREAM, 'service grows by MiB'],
    to: 64,
  },
  {
    goal: 'streams of 1 GiB, MiB more in the client',
    at: [STREAM, OUR_STREAM, 'client grows by MiB'],
    to: 64,
  },
  { goal: 'throughput, 1,000 ÷ best library', at: [MANY_CALLS, OWN, '÷ best library'], from: 15 },
  { goal: 'throughput, 64 ÷ best library', at: [SOME, OWN, '÷ best library'], from: 5 },
  { goal: 'connect ÷ raw, own port', at: [CONNECT, OWN, 'p50 ÷ raw'], to: 1.25 },
  { goal: 'connect ÷ raw, handed over', at: [CONNECT, HANDED_OVER, 'p50 ÷ raw'], to: 1.6 },
  // Compared with as many round trips as net.tcp needs.
  { goal: 'connect ÷ raw session, own port', at: [CONNECT, OWN, 'p50 ÷ raw session'], to: 1.25 },
  {
    goal: 'connect ÷ raw session, handed over',
    at: [CONNECT, HANDED_OVER, 'p50 ÷ raw session'],
    to: 1.3,
  },
  { goal: 'connect, handed over ÷ HAProxy', at: [CONNECT, HANDED_OVER, 'p50 ÷ HAProxy'], to: 0.85 },
  {
    goal: 'latency p50 through HAProxy ÷ raw through HAProxy',
    at: [LATENCY, HAPROXY, 'p50 ÷ raw through HAProxy'],
    to: 1.1,
  },
  {
    goal: 'two replicas ÷ two addresses, calls of 1 ms',
    at: [replicas.CALLS, replicas.TWO, '÷ two addresses'],
    from: 0.95,
  },
  {
    goal: "replicas: the busiest's connections ÷ even",
    at: [replicas.CALLS, replicas.TWO, 'busiest ÷ even'],
    to: 1.1,
  },
  {
    goal: 'connect, 100 replicas ÷ 1',
    at: [replicas.DISPATCH, MANY_REPLICAS, 'connect ÷ 1'],
    to: 1.1,
  },
  { goal: 'relay ÷ HAProxy, small calls', at: [RELAY, RELAYED, 'calls/s ÷ HAProxy'], from: 0.5 },
  { goal: 'relay ÷ HAProxy, 64 KiB', at: [RELAY, RELAYED, 'MB/s ÷ HAProxy'], from: 0.5 },
  { goal: 'memory ÷ raw at 1,000, own port', at: [MEMORY, OWN, '÷ raw at 1000'], to: 1.5 },
  { goal: 'memory ÷ raw at 10,000, own port', at: [MEMORY, OWN, '÷ raw at 10000'], to: 1.5 },
  { goal: 'start ÷ bare Node, client', at: ['start', CLIENT, '÷ bare Node'], to: 1.5 },
  { goal: 'start ÷ bare Node, service', at: ['start', SERVICE, '÷ bare Node'], to: 1.5 },
  {
    goal: 'connection after kill -9 of the daemon ÷ bare Node',
    at: ['start', AFTER_KILL, '÷ bare Node'],
    to: 2,
  },
  { goal: 'memory, idle daemon ÷ bare Node', at: [IDLE, DAEMON, '÷ bare Node'], to: 1.25 },
  {
    goal: 'start ÷ bare Node, service and daemon',
    at: ['start', SERVICE_AND_DAEMON, '÷ bare Node'],
    to: 4.5,
  },
  // Not every machine can get CoreWCF; Mono's service is WCF, too.
  {
    goal: "soap, .NET's client, our service ÷ Mono's, 1 call in flight",
    at: [wcfTitleOf(1), pairName('ours', 'dotnet'), BESIDE_MONO],
    from: 1,
  },
  {
    goal: "soap, .NET's client, our service ÷ Mono's, 64 calls in flight",
    at: [wcfTitleOf(64), pairName('ours', 'dotnet'), BESIDE_MONO],
    from: 1,
  },
  {
    goal: 'TLS, connect ÷ raw tls session, own port',
    at: [secured.CONNECT, OWN_TLS, 'p50 ÷ raw tls session'],
    to: 1.15,
  },
  {
    goal: 'TLS, connect ÷ raw tls session, handed over',
    at: [secured.CONNECT, HANDED_OVER_TLS, 'p50 ÷ raw tls session'],
    to: 1.3,
  },
  {
    goal: 'TLS, 1,000 in flight ÷ in the clear',
    at: [secured.CALLS, OWN_TLS, '÷ in the clear'],
    from: 0.75,
  },
  {
    goal: 'TLS, 1,000 in flight ÷ grpc-js with TLS',
    at: [secured.CALLS, OWN_TLS, '÷ grpc-js with TLS'],
    from: 100,
  },
  { goal: 'TLS, latency p50 ÷ raw tls', at: [secured.LATENCY, OWN_TLS, 'p50 ÷ raw tls'], to: 1.15 },
  {
    goal: 'TLS, memory of an idle connection ÷ raw tls',
    at: [secured.IDLE, OWN_TLS, '÷ raw tls'],
    to: 1.2,
  },
  {
    goal: 'Kerberos, 1,000 in flight ÷ in the clear',
    at: [secured.CALLS, OWN_KERBEROS, '÷ in the clear'],
    from: 0.3,
  },
  {
    goal: "Kerberos, a connection's service CPU ÷ TLS",
    at: [secured.CONNECT, OWN_KERBEROS, 'service CPU ÷ TLS'],
    to: 0.5,
  },
  { goal: 'connect, 10,000 registrations ÷ 1', at: [REGISTRY, MANY, 'connect ÷ 1'], to: 1.1 },
  {
    goal: 'call, 10,000 registrations ÷ 1',
    at: [REGISTRY, MANY, 'call ÷ 1'],
    from: 0.9,
    to: 1.1,
  },
  {
    goal: 'service CPU a call, 1,000 in flight ÷ 1',
    at: [MANY_CALLS, OWN, 'service CPU s/100k'],
    over: [ONE, OWN, 'service CPU s/100k'],
    to: 1.1,
  },
  // The heap, because a process takes memory from the system in steps.
  {
    goal: 'heap a connection, 10,000 ÷ 1,000',
    at: [MEMORY, OWN, 'heap KiB each at 10000'],
    over: [MEMORY, OWN, 'heap KiB each at 1000'],
    from: 0.9,
    to: 1.1,
  },
  // Counted from after the first ones, when V8 has what it needs.
  {
    goal: 'daemon memory after 10,000 more hand-overs ÷ before',
    at: [MEMORY, HANDED_OVER, 'daemon KiB after as many again'],
    over: [MEMORY, HANDED_OVER, 'daemon KiB after'],
    to: 1.1,
  },
];

/** Compares what was measured with the goals. */
export function judge(results: ReadonlyMap<string, CaseResult>): readonly Verdict[] {
  return GOALS.map(({ goal, at, over, from = -Infinity, to = Infinity }) => {
    const ratio = find(results, at) / (over === undefined ? 1 : find(results, over));
    const measured = Number.isFinite(ratio) ? ratio : undefined;
    const isReached = measured === undefined ? undefined : measured >= from && measured <= to;
    return { goal, wanted: wantedOf(from, to), measured, isReached };
  });
}

function wantedOf(from: number, to: number): string {
  if (from === -Infinity) return `≤ ${to}`;
  return to === Infinity ? `≥ ${from}` : `${from} to ${to}`;
}

/** The median of a cell; NaN if it was not measured. */
function find(results: ReadonlyMap<string, CaseResult>, [title, row, column]: At): number {
  for (const { tables } of results.values()) {
    const table = tables.find((one) => one.title.startsWith(title));
    const cells = table?.rows.find(({ name }) => name === row)?.cells;
    if (cells?.[column] !== undefined) return cells[column].median;
  }
  return NaN;
}
