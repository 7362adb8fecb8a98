import { sleep } from '../../../shared/time.ts';
import type { Effort, Figures, Setting } from '../case.ts';
import { turn } from '../cases/throughput.ts';
import { HANDED_OVER, OWN, SOAP } from '../contenders/all.ts';
import { Contestant } from '../contestant.ts';
import type { BuiltPackage } from '../package.ts';
import {
  AFTER_KILL,
  BARE,
  CLIENT,
  DAEMON,
  openStarts,
  SERVICE,
  SERVICE_AND_DAEMON,
} from '../starts.ts';

/** Which way a figure gets better. */
type Better = 'low' | 'high';
/** What is measured of two packages in turn. */
export interface Comparison {
  /** Name of the case that it belongs to, for `--case`. */
  readonly name: string;
  /** Names of its rows, and which way each gets better. */
  readonly rows: Readonly<Record<string, Better>>;
  open(suite: BuiltPackage, effort: Effort): Promise<Setting>;
}

const TURN_MS = 250;
const WARM_UP_MS = 600;
// Enough for WARM_UP_CONNECTIONS: up to some thousands each side gets faster from turn to turn, at its own pace.
const CONNECT_WARM_UP_MS = 15_000;
// A closed connection keeps its port for a minute: all turns together stay far from running out.
const MAX_CONNECTIONS = 400;
const WARM_UP_CONNECTIONS = 8_000;
const IDLE_CONNECTIONS = 1_000;
const LARGE_OCTETS = 1_024 * 1_024;
const LARGE_IN_FLIGHT = 2;
const KIB = 1_024;

export const COMPARISONS: readonly Comparison[] = [
  latency('own port', OWN),
  latency('handed over', HANDED_OVER),
  throughput('msgpack', OWN),
  throughput('soap', SOAP),
  {
    name: 'large',
    rows: { 'soap, 1 MiB there and back, MB/s': 'high' },
    open: (suite, effort) =>
      openCalls(SOAP, suite, effort, async (contestant, forMs) => {
        const message = { octets: LARGE_OCTETS, inFlight: LARGE_IN_FLIGHT, isEchoed: true };
        const { octets, seconds } = await contestant.client({ do: 'bulk', ...message, forMs });
        return { 'soap, 1 MiB there and back, MB/s': octets / seconds / 1e6 };
      }),
  },
  connect('own port', OWN),
  connect('handed over', HANDED_OVER),
  memory('own port', OWN),
  memory('handed over', HANDED_OVER),
  {
    name: 'start',
    rows: {
      // The same program for both: a difference here is the machine's.
      [BARE]: 'low',
      [CLIENT]: 'low',
      [SERVICE]: 'low',
      [SERVICE_AND_DAEMON]: 'low',
      [DAEMON]: 'low',
      [AFTER_KILL]: 'low',
    },
    open: openStarts,
  },
];

/** Starts a contestant, and warms it up with one measurement that does not count. */
async function openCalls(
  contender: string,
  suite: BuiltPackage,
  { scale, options }: Effort,
  measure: (contestant: Contestant, forMs: number) => Promise<Figures>,
  warmUpMs = WARM_UP_MS,
): Promise<Setting> {
  const contestant = await Contestant.start(contender, {
    ...options,
    suite,
    onCoresOfTheirOwn: true,
  });
  await measure(contestant, warmUpMs * scale);
  return {
    turn: () => measure(contestant, TURN_MS * scale),
    end: () => contestant.end(),
  };
}

/** One call after the other. */
function latency(how: string, contender: string): Comparison {
  const row = `call, ${how}, p50 µs`;
  return {
    name: 'latency',
    rows: { [row]: 'low' },
    open: (suite, effort) =>
      openCalls(contender, suite, effort, async (contestant, forMs) => ({
        [row]: (await contestant.client({ do: 'latency', forMs })).p50,
      })),
  };
}

/** Many calls in flight, and what they cost the service. */
function throughput(encoding: string, contender: string): Comparison {
  const perSecond = (inFlight: string): string => `${encoding}, ${inFlight} in flight, calls/s`;
  const cpu = (inFlight: string): string =>
    `${encoding}, ${inFlight} in flight, service CPU µs a call`;
  const loads = [
    ['64', 64],
    ['1,000', 1_000],
  ] as const;
  return {
    name: 'throughput',
    rows: Object.fromEntries(
      loads.flatMap(([shown]) => [
        [perSecond(shown), 'high'],
        [cpu(shown), 'low'],
      ]),
    ) as Record<string, Better>,
    open: (suite, effort) =>
      openCalls(contender, suite, effort, async (contestant, forMs) => {
        const figures: Record<string, number> = {};
        for (const [shown, inFlight] of loads) {
          const turned = await turn(contestant, { connections: 1, inFlight }, forMs);
          figures[perSecond(shown)] = turned.perSecond;
          figures[cpu(shown)] = turned.cpu * 10; // µs of a call, from s of 100,000
        }
        return figures;
      }),
  };
}

/** Connect, one call, close; one after the other. */
function connect(how: string, contender: string): Comparison {
  const row = `connect, one call, close, ${how}, p50 µs`;
  return {
    name: 'connect',
    rows: { [row]: 'low' },
    async open(suite, effort) {
      // The code that opens connections is compiled late.
      let count = Math.ceil(WARM_UP_CONNECTIONS * effort.scale);
      const measure = async (contestant: Contestant, forMs: number): Promise<Figures> => ({
        [row]: (await contestant.client({ do: 'connect', forMs, count })).p50,
      });
      const setting = await openCalls(contender, suite, effort, measure, CONNECT_WARM_UP_MS);
      count = Math.ceil(MAX_CONNECTIONS * effort.scale);
      return setting;
    },
  };
}

/** What an idle connection takes of its service. */
function memory(how: string, contender: string): Comparison {
  const resident = `idle connection, ${how}, resident KiB`;
  const heap = `idle connection, ${how}, heap KiB`;
  return {
    name: 'memory',
    rows: { [resident]: 'low', [heap]: 'low' },
    async open(suite, { isQuick, options }) {
      const connections = isQuick ? 20 : IDLE_CONNECTIONS;
      const contestant = await Contestant.start(contender, { ...options, suite });
      // Compiled code, and pools that are filled once, belong to no connection.
      await contestant.client({ do: 'hold', connections: connections / 2 });
      await contestant.client({ do: 'release' });
      return {
        async turn() {
          await sleep(isQuick ? 20 : 300);
          const before = await contestant.service({ do: 'memory' });
          await contestant.client({ do: 'hold', connections });
          const after = await contestant.service({ do: 'memory' });
          return {
            [resident]: (after.resident - before.resident) / connections / KIB,
            [heap]: (after.heap - before.heap) / connections / KIB,
          };
        },
        end: () => contestant.end(),
      };
    },
  };
}
