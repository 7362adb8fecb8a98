// The process of one contender's service or client: does what the benchmark's process asks.
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

/** As many connections as asked for; they are kept for the next measurement. */
async function connected(count: number): Promise<readonly Caller[]> {
  while (callers.length < count) callers.push(await contender.connect(target));
  return callers.slice(0, count);
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

async function answer(command: Command): Promise<Answers[keyof Answers]> {
  switch (command.do) {
    case 'latency': {
      const [caller] = await connected(1);
      if (caller === undefined) throw new Error('not connected');
      return await measureLatency(caller, command.forMs);
    }
    case 'throughput': {
      const some = await connected(command.connections);
      return await measureThroughput(some, command.inFlight, command.forMs);
    }
    case 'connect':
      return await measureConnect(contender, target, command.forMs, command.count);
    case 'bulk': {
      const [caller] = await connected(1);
      if (caller === undefined) throw new Error('not connected');
      return await measureBulk(caller, command.octets, command.inFlight, command.forMs);
    }
    case 'hold':
      await hold(command.connections);
      return null;
    case 'release':
      await Promise.all(held.splice(0).map((caller) => caller.close()));
      return null;
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }
    case 'memory': {
      globalThis.gc?.();
      // What is freed by the first collection lets the second free more (finalizers, weak cells).
      await new Promise((resolve) => setTimeout(resolve, 50));
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      return { resident: rss, heap: heapUsed + external };
    }
    case 'end':
      await Promise.all(callers.map((caller) => caller.close()));
      await served?.close();
      return null;
  }
}

process.on('message', (command: Command) => {
  void answer(command).then((result) => {
    process.send?.({ result }, () => {
      if (command.do === 'end') process.exit(0);
    });
  });
});
// Whoever started this is gone.
process.on('disconnect', () => process.exit(1));
process.send?.({
  result: served === undefined ? null : { target: served.target, between: served.between },
});
