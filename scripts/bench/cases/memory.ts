import { sleep } from '../../../shared/time.ts';
import {
  addRound,
  type Case,
  type Effort,
  endAll,
  type Figures,
  type LeftOut,
  startAll,
  type Table,
} from '../case.ts';
import { GRPC, HANDED_OVER, OWN, RAW } from '../contenders/all.ts';
import { usageOf } from '../../proc.ts';
import { RunningProcess } from '../../process.ts';
import { output } from '../../run.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import type { Contestant } from '../contestant.ts';
import { BuiltPackage, environmentOf } from '../package.ts';
import { tableOf } from '../table.ts';

const KIB = 1_024;

/** What a connection costs its service while nothing happens on it, after one call on each. */
export const memory: Case = {
  name: 'memory',
  async run(effort) {
    const [few, many] = effort.isQuick ? [20, 40] : [1_000, 10_000];
    const names = effort.isQuick ? [RAW, OWN] : [RAW, OWN, HANDED_OVER, GRPC];
    const results = new Map<string, Map<string, number[]>>();
    const leftOut: LeftOut[] = [];
    // Fresh processes for each round: a process may never give back memory that it once took.
    for (let round = 0; round < Math.min(effort.rounds, MAX_ROUNDS); round++) {
      for (const name of names) {
        const started = await startAll([name], effort);
        if (round === 0) leftOut.push(...started.leftOut);
        for (const contestant of started.contestants) {
          addRound(results, name, await measureOne(contestant, few, many, effort));
        }
        await endAll(started.contestants);
      }
    }
    const table = tableOf(TITLE, results, [
      { heading: `÷ raw at ${few}`, of: 'few', base: RAW },
      { heading: `÷ raw at ${many}`, of: 'many', base: RAW },
      { heading: `KiB each at ${few}`, of: 'few' },
      { heading: `KiB each at ${many}`, of: 'many' },
      { heading: `heap KiB each at ${few}`, of: 'heapOfFew' },
      { heading: `heap KiB each at ${many}`, of: 'heap' },
      { heading: 'daemon KiB before', of: 'before' },
      { heading: 'daemon KiB after', of: 'after' },
      { heading: 'daemon KiB after as many again', of: 'again' },
    ]);
    return { tables: [table, await idle(effort)], leftOut };
  },
};

export const TITLE = 'memory: idle connections, resident memory of the service';
export const IDLE = 'memory: a process that has done nothing yet';
export const DAEMON = 'daemon';
const BARE = 'node, waiting';
const MAX_ROUNDS = 2;

async function measureOne(
  contestant: Contestant,
  few: number,
  many: number,
  { scale }: Effort,
): Promise<Figures> {
  // Compiled code, and pools that are filled once, belong to no connection.
  await contestant.client({ do: 'hold', connections: few / 2 });
  await contestant.client({ do: 'release' });
  await sleep(500 * scale);
  const empty = await contestant.service({ do: 'memory' });
  const before = daemonKib(contestant);
  await contestant.client({ do: 'hold', connections: few });
  const atFew = await contestant.service({ do: 'memory' });
  await contestant.client({ do: 'hold', connections: many - few });
  const atMany = await contestant.service({ do: 'memory' });
  await sleep(500 * scale);
  const after = daemonKib(contestant);
  // V8 keeps room that it once made; whatever each connection leaves behind would come on top of that again.
  if (contestant.between !== undefined) {
    await contestant.client({ do: 'release' });
    await contestant.client({ do: 'hold', connections: many });
    await sleep(500 * scale);
  }
  return {
    few: (atFew.resident - empty.resident) / few / KIB,
    many: (atMany.resident - empty.resident) / many / KIB,
    heapOfFew: (atFew.heap - empty.heap) / few / KIB,
    heap: (atMany.heap - empty.heap) / many / KIB,
    before,
    after,
    again: daemonKib(contestant),
  };
}

/** What is resident of a daemon that nobody needs yet, and of Node itself. */
async function idle(effort: Effort): Promise<Table> {
  const results = new Map<string, Map<string, number[]>>();
  const suite = new BuiltPackage();
  for (let round = 0; round < Math.min(effort.rounds, MAX_ROUNDS); round++) {
    effort.onStep('an idle daemon');
    const directory = temporaryDirectory();
    const bare = new RunningProcess([process.execPath, '-e', 'setInterval(() => {}, 1e6)']);
    const env = { ...environmentOf(directory), NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=600000' };
    await output(suite.command('tool', 'start'), { env });
    // Until both have what they start with.
    await sleep(1_000);
    addRound(results, BARE, { kib: usageOf(bare.pid).residentKiB });
    addRound(results, DAEMON, { kib: usageOf(await suite.daemonPid(directory)).residentKiB });
    await bare.end();
    await suite.stopDaemon(directory);
    removeDirectory(directory);
  }
  return tableOf(IDLE, results, [
    { heading: '÷ bare Node', of: 'kib', base: BARE },
    { heading: 'KiB', of: 'kib' },
  ]);
}

function daemonKib({ between }: Contestant): number {
  const kib = between === undefined ? 0 : usageOf(between).residentKiB;
  return kib === 0 ? NaN : kib;
}
