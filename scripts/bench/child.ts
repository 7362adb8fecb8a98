// The process of one contender's service or client: does what the benchmark's process asks.
import { sleep } from '../../shared/time.ts';
import { exitOnSignals } from '../process.ts';
import { serve } from '../serve.ts';
import type { Answers, Command } from './commands.ts';
import type { Caller } from './contender.ts';
import { contenderNamed } from './contenders/all.ts';
import { measureBulk, measureConnect, measureLatency, measureThroughput } from './measure.ts';

const [role, name = '', target = ''] = process.argv.slice(2);
const contender = contenderNamed(name);
const served = role === 'service' ? await contender.serve() : undefined;
const callers: Caller[] = [];
const held: Caller[] = [];
const OPENED_AT_A_TIME = 16;
const LOOK_MS = 10;
/** Resident memory, in bytes. */
let watched = { before: 0, most: 0 };
let looking: NodeJS.Timeout | undefined;

type Tasks = {
  readonly [Name in Command['do']]: (
    command: Extract<Command, { readonly do: Name }>,
  ) => Answers[Name] | Promise<Answers[Name]>;
};

const tasks: Tasks = {
  latency: async ({ forMs }) => await measureLatency(await connected(), forMs),
  throughput: async ({ connections, inFlight, forMs }) => {
    while (callers.length < connections) callers.push(await contender.connect(target));
    return await measureThroughput(callers.slice(0, connections), inFlight, forMs);
  },
  connect: ({ forMs, count }) => measureConnect(contender, target, forMs, count),
  bulk: async (command) => await measureBulk(await connected(), command),
  stream: async ({ way, octets }) => {
    const startedAt = performance.now();
    await contender.stream?.(target, way, octets);
    return { seconds: (performance.now() - startedAt) / 1_000 };
  },
  watch: async () => {
    const { resident } = await tasks.memory({ do: 'memory' });
    watched = { before: resident, most: resident };
    looking ??= setInterval(look, LOOK_MS).unref();
    return null;
  },
  grown: () => {
    look();
    clearInterval(looking);
    looking = undefined;
    return watched.most - watched.before;
  },
  hold: async ({ connections }) => {
    await hold(connections);
    return null;
  },
  release: async () => {
    await Promise.all(held.splice(0).map((caller) => caller.close()));
    return null;
  },
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  memory: async () => {
    globalThis.gc?.();
    // What is freed by the first collection lets the second free more (finalizers, weak cells).
    await sleep(50);
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { resident: rss, heap: heapUsed + external };
  },
};

function look(): void {
  watched.most = Math.max(watched.most, process.memoryUsage.rss());
}

/** One connection. It is kept for the next measurement. */
async function connected(): Promise<Caller> {
  const caller = callers[0] ?? (await contender.connect(target));
  callers[0] = caller;
  return caller;
}

/** Opens that many connections more, some at a time, with one call on each. */
async function hold(count: number): Promise<void> {
  const goal = held.length + count;
  let begun = held.length;
  const open = async (): Promise<void> => {
    while (begun < goal) {
      begun += 1;
      const caller = await contender.connect(target);
      await new Promise<void>((resolve) => caller.callWith(resolve)());
      held.push(caller);
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_A_TIME }, open));
}

// Profiles are written by a process that exits.
exitOnSignals();
serve(
  {
    ...tasks,
    close: async () => {
      await Promise.all(callers.map((caller) => caller.close()));
      await served?.close();
    },
  },
  served === undefined ? null : { target: served.target, between: served.between },
);
