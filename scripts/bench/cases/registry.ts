import { makeAddress } from '../../../shared/address.ts';
import { withLimits } from '../../../shared/limits.ts';
import { Registry } from '../../../shared/port-sharing/daemon/registry.ts';
import {
  type Case,
  type Effort,
  endAll,
  finely,
  interleaved,
  startAll,
  type Table,
} from '../case.ts';
import { HANDED_OVER, MANY, MANY_REGISTRATIONS } from '../contenders/all.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

const SIZES = [1, 10, 100, 1_000, MANY_REGISTRATIONS];
const LOOK_UPS = 200_000;
const TURN_MS = 250;
const WARM_UP_MS = 600;
const MAX_CONNECTIONS = 800;

/** What many registrations cost: a look-up by itself, and connections and calls through the daemon. */
export const registry: Case = {
  name: 'registry',
  async run(effort) {
    const lookUps = measureLookUps(effort);
    if (effort.isQuick) return { tables: [lookUps], leftOut: [] };
    const { rounds, scale, options } = finely(effort);
    const { contestants, leftOut } = await startAll([HANDED_OVER, MANY], { ...effort, options });
    for (const contestant of contestants) {
      await contestant.client({ do: 'connect', forMs: WARM_UP_MS, count: MAX_CONNECTIONS });
      await contestant.client({ do: 'latency', forMs: WARM_UP_MS });
    }
    const count = Math.ceil(MAX_CONNECTIONS * scale);
    const forMs = TURN_MS * scale;
    const measured = await interleaved(contestants, rounds, async (contestant) => ({
      connect: (await contestant.client({ do: 'connect', forMs, count })).p50,
      call: (await contestant.client({ do: 'latency', forMs })).p50,
    }));
    await endAll(contestants);
    const of = (name: string, heading: string): readonly number[] =>
      measured.get(name)?.get(heading) ?? [];
    const rows = contestants.map(({ name }) => ({
      name,
      cells: {
        'connect ÷ 1': ratioOf(of(name, 'connect'), of(HANDED_OVER, 'connect')),
        'call ÷ 1': ratioOf(of(name, 'call'), of(HANDED_OVER, 'call')),
        'connect p50 µs': spreadOf(of(name, 'connect')),
        'call p50 µs': spreadOf(of(name, 'call')),
      },
    }));
    const columns = ['connect ÷ 1', 'call ÷ 1', 'connect p50 µs', 'call p50 µs'];
    const title = 'registry: dispatch and calls behind many registrations';
    return { tables: [lookUps, { title, columns, rows }], leftOut };
  },
};

function measureLookUps({ rounds, scale }: Effort): Table {
  const lookUps = Math.ceil(LOOK_UPS * scale);
  const contenders = SIZES.map((size) => ({ size, find: finder(size), took: [] as number[] }));
  for (const { find } of contenders) find(lookUps);
  for (let round = 0; round < rounds; round++) {
    for (const { find, took } of contenders) took.push(find(lookUps));
  }
  const [one] = contenders;
  return {
    title: 'registry: look-up of a via',
    columns: ['÷ 1', 'ns'],
    rows: contenders.map(({ size, took }) => ({
      name: `${size} ${size === 1 ? 'registration' : 'registrations'}`,
      cells: { '÷ 1': ratioOf(took, one?.took ?? []), ns: spreadOf(took) },
    })),
  };
}

/** Looks that many vias up in a registry of `size`. @returns nanoseconds for one */
function finder(size: number): (lookUps: number) => number {
  const PORT = 9_000;
  const HOST = '127.0.0.1';
  const registrations = new Registry<{ readonly pid: number }>(withLimits());
  const owner = { pid: 1 };
  const vias: string[] = [];
  for (let number = 0; number < size; number++) {
    const address = makeAddress('localhost', PORT, ['calculator', String(number)]);
    const counts = { handedOver: 0, relayed: 0, refused: 0 };
    const since = new Date(0);
    registrations.add({ address, hosts: [HOST], queueLength: 1, owner, since, counts });
    vias.push(address.uri);
  }
  // A prime step visits all of them, in no order that a cache would like.
  const STEP = 7_919;
  return (lookUps) => {
    let at = 0;
    const startedAt = performance.now();
    for (let count = 0; count < lookUps; count++) {
      at = (at + STEP) % size;
      const found = registrations.find(PORT, vias[at] ?? '', HOST);
      if (found?.address.uri !== vias[at]) throw new Error('the look-up found another');
    }
    return ((performance.now() - startedAt) * 1e6) / lookUps;
  };
}
