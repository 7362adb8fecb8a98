// Callers of a fleet, who know its fronts alone. Some open a channel for each call, some keep theirs.
import { NetTcpError } from '../../../shared/errors.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';
import { sleep } from '../../../shared/time.ts';
import { now, until } from '../../faults/harness/clock.ts';
import { IFixture } from '../../faults/harness/contract.ts';
import { summarise } from '../../faults/harness/latency.ts';
import { serve } from '../../serve.ts';
import { type CallersOptions, type Fared, type Kind, type Lost } from '../callers.ts';

/** A load that nobody answers must not fill memory. */
const MAX_OPENING = 2_000;
const MAX_LOST = 200;
const KEPT_EVERY_MS = 20;
const LIMITS = { silentPeerTimeoutMs: 5_000, sendTimeoutMs: 30_000 };
/** A connection that is dead costs a channel that reopens two calls: on kept channels they do not wait for long. */
const KEPT = { timeoutMs: 5_000 };

interface Tally {
  made: number;
  wrong: number;
  lostCount: number;
  times: number[];
  lost: Lost[];
}

let tallies = newTallies();
let isOver = false;
let opening = 0;
const running = new Set<Promise<void>>();

serve({
  begin(options: CallersOptions) {
    const { names, addresses, numbers, opensPerSecond, kept, reopening } = options;
    keep(openSteadily(names, numbers, opensPerSecond));
    const [number = 0] = numbers;
    for (let index = 0; index < kept; index++) keep(keepOne(at(names, index), number));
    for (let index = 0; index < reopening; index++) {
      const turned = [at(addresses, index), at(addresses, index + 1)];
      keep(reopenOne(turned, number));
    }
  },
  /** How they have fared since this was asked the last time. */
  take(): Record<Kind, Fared> {
    const taken = tallies;
    tallies = newTallies();
    const { open, pooled, kept, reopening } = taken;
    return {
      open: faredOf(open),
      pooled: faredOf(pooled),
      kept: faredOf(kept),
      reopening: faredOf(reopening),
    };
  },
  /** Opens a channel to one number until it answers. @returns when it did, on the clock of `now()` */
  async reach({ name, number, withinMs }: { name: string; number: number; withinMs: number }) {
    const factory = newFactory();
    const took = await until(
      async () => {
        const channel = factory.createChannel(addressOf(name, number));
        const answer = await channel.Wait(0).catch(() => undefined);
        await channel.close().catch(() => channel.abort());
        return answer === number;
      },
      withinMs,
      5,
    );
    factory.close();
    return took === undefined ? undefined : now();
  },
  async stop() {
    isOver = true;
    await Promise.race([Promise.all(running), sleep(LIMITS.sendTimeoutMs)]);
  },
});

function newTallies(): Record<Kind, Tally> {
  const none = (): Tally => ({ made: 0, wrong: 0, lostCount: 0, times: [], lost: [] });
  return { open: none(), pooled: none(), kept: none(), reopening: none() };
}

function faredOf({ times, ...others }: Tally): Fared {
  return { ...others, took: summarise(times) };
}

function newFactory() {
  return new ChannelFactory(IFixture, new NetTcpBinding({ limits: LIMITS }));
}

function keep(work: Promise<void>): void {
  running.add(work);
  void work.finally(() => running.delete(work));
}

/** A channel for each call, at a steady rate, whether or not earlier ones were answered: every fourth one pooled. */
async function openSteadily(
  names: readonly string[],
  numbers: readonly number[],
  perSecond: number,
): Promise<void> {
  const pool = newFactory();
  const startedAt = now();
  for (let begun = 0; !isOver;) {
    for (; begun < ((now() - startedAt) * perSecond) / 1_000; begun++) {
      const number = at(numbers, begun >> 1);
      const isPooled = begun % 4 === 3;
      if (opening < MAX_OPENING)
        keep(openOnce(at(names, begun), number, isPooled ? pool : undefined));
    }
    await sleep(5);
  }
  pool.close();
}

async function openOnce(
  name: string,
  number: number,
  pool: ReturnType<typeof newFactory> | undefined,
): Promise<void> {
  opening += 1;
  const factory = pool ?? newFactory();
  const channel = factory.createChannel(addressOf(name, number));
  await call(pool === undefined ? 'open' : 'pooled', number, () => channel.Wait(0));
  await channel.close().catch(() => channel.abort());
  if (pool === undefined) factory.close();
  opening -= 1;
}

/** A channel that is kept; another one after its end, which it sees before a call, or by a call that fails. */
async function keepOne(name: string, number: number): Promise<void> {
  const factory = newFactory();
  let channel = factory.createChannel(addressOf(name, number));
  while (!isOver) {
    const isWell = await call('kept', number, () => channel.Wait(0, KEPT));
    await sleep(KEPT_EVERY_MS);
    if (isWell && channel.state === 'opened') continue;
    channel.abort();
    channel = factory.createChannel(addressOf(name, number));
  }
  await channel.close().catch(() => channel.abort());
  factory.close();
}

async function reopenOne(names: readonly string[], number: number): Promise<void> {
  const factory = newFactory();
  const addresses = names.map((name) => addressOf(name, number));
  const channel = factory.createChannel(addresses, { reopen: true });
  let answeredAt = NaN;
  while (!isOver) {
    await call('reopening', number, () => channel.Wait(0, KEPT), answeredAt);
    answeredAt = now();
    await sleep(KEPT_EVERY_MS);
  }
  await channel.close().catch(() => channel.abort());
  factory.close();
}

/** @returns whether it was answered */
async function call(
  kind: Kind,
  number: number,
  send: () => Promise<number>,
  answeredAt = NaN,
): Promise<boolean> {
  const begunAt = now();
  tallies[kind].made += 1;
  try {
    const answer = await send();
    if (answer !== number) tallies[kind].wrong += 1;
    tallies[kind].times.push(now() - begunAt);
    return true;
  } catch (caught) {
    const { code, reason, message } = NetTcpError.from(caught);
    const { lost } = tallies[kind];
    tallies[kind].lostCount += 1;
    const pausedMs = begunAt - answeredAt;
    const lostOne = { begunAt, at: now(), pausedMs, code, reason, message };
    if (lost.length < MAX_LOST) lost.push(lostOne);
    return false;
  }
}

function addressOf(name: string, number: number): string {
  return `net.tcp://${name}/fixture/${number}`;
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}
