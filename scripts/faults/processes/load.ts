// A load of checked calls on channels that stay open, and of new connections. It has its own process, so that the
// injection of faults does not disturb what it measures.
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import type { Proxy } from '../../../shared/rpc/client/channel-factory.ts';
import { sleep } from '../../../shared/time.ts';
import { newFactory } from '../harness/client.ts';
import { now } from '../harness/clock.ts';
import {
  type Failure,
  type LoadFigures,
  type LoadOptions,
  type Opening,
  type Phase,
  PHASES,
} from '../harness/figures.ts';
import { type Latency, summarise } from '../harness/latency.ts';
import { seeded } from '../harness/random.ts';
import { serve } from '../../serve.ts';
import { watchSockets } from '../harness/watch-sockets.ts';

const MAX_FAILURES = 1_000;
// A load that nobody answers must not fill memory.
const MAX_OPENING = 5_000;
const REOPEN_AFTER_MS = 50;

const sockets = watchSockets();
const calls = { made: 0, lost: 0, wrong: 0 };
const callTimes: Record<Phase, number[]> = { before: [], during: [], after: [] };
const openTimes: Record<Phase, number[]> = { before: [], during: [], after: [] };
const failures: Failure[] = [];
let openings: Opening[] = [];
let phase: Phase = 'before';
let random = Math.random;
let isStopping = false;
/** Channels that were to open, whether they did or not. */
let opened = 0;
let opening = 0;
let lastAnswerAt = 0;
let longestGapMs = 0;
const running = new Set<Promise<void>>();
let ticker: NodeJS.Timeout | undefined;

serve({
  start(options: LoadOptions) {
    random = seeded(options.seed);
    const { addresses, channels, callsPerSecond, opensPerSecond } = options;
    const everyMs = (1_000 * channels) / callsPerSecond;
    for (let index = 0; index < channels; index++) {
      keep(stayOpen(at(addresses, index), everyMs));
    }
    if (opensPerSecond > 0) openSteadily(addresses, opensPerSecond);
  },
  phase(name: Phase) {
    phase = name;
  },
  figures,
  /** Those new connections that were answered since the last time this was asked. */
  openings() {
    const taken = openings;
    openings = [];
    return taken;
  },
  /** Ends the load when everything that was begun has ended, or after 65 s. */
  async stop() {
    isStopping = true;
    clearInterval(ticker);
    const all = Promise.all(running).then(() => true);
    if (!(await Promise.race([all, sleep(65_000)]))) calls.lost += running.size;
    return figures();
  },
});

function keep(work: Promise<void>): void {
  running.add(work);
  void work.finally(() => running.delete(work));
}

/** Makes a call every `everyMs` on one channel, and on a new one when it breaks. */
async function stayOpen(address: string, everyMs: number): Promise<void> {
  await sleep(everyMs * random());
  while (!isStopping) {
    const factory = newFactory(ICalculator);
    const channel = factory.createChannel(address);
    opened += 1;
    let isWell = true;
    let next = now();
    while (isWell && !isStopping) {
      isWell = await callAndCheck(channel, address, 'call');
      next = Math.max(next + everyMs, now());
      await sleep(next - now());
    }
    channel.abort();
    factory.close();
    if (!isWell) await sleep(REOPEN_AFTER_MS);
  }
}

/** New connections at a steady rate, whether or not earlier ones have been answered. */
function openSteadily(addresses: readonly string[], perSecond: number): void {
  const startedAt = now();
  let begun = 0;
  ticker = setInterval(() => {
    for (const due = ((now() - startedAt) * perSecond) / 1_000; begun < due; begun++) {
      if (opening < MAX_OPENING) keep(openOnce(at(addresses, begun)));
    }
  }, 5);
}

async function openOnce(address: string): Promise<void> {
  const begunAt = now();
  const inPhase = phase;
  opening += 1;
  opened += 1;
  const factory = newFactory(ICalculator);
  const channel = factory.createChannel(address);
  if (await callAndCheck(channel, address, 'open')) {
    const answeredAt = now();
    openTimes[inPhase].push(answeredAt - begunAt);
    openings.push([begunAt, answeredAt - begunAt]);
    if (lastAnswerAt > 0) longestGapMs = Math.max(longestGapMs, answeredAt - lastAnswerAt);
    lastAnswerAt = answeredAt;
  }
  await channel.close().catch(() => {});
  factory.close();
  opening -= 1;
}

/** One call with numbers drawn at random. @returns whether it was answered */
async function callAndCheck(
  channel: Proxy<ICalculator>,
  address: string,
  what: Failure['what'],
): Promise<boolean> {
  const [operation, expected] = draw();
  const begunAt = now();
  const inPhase = phase;
  calls.made += 1;
  try {
    const answer = await channel[operation.name](operation.n1, operation.n2);
    if (!Object.is(answer, expected)) calls.wrong += 1;
    if (what === 'call') callTimes[inPhase].push(now() - begunAt);
    return true;
  } catch (error) {
    calls.lost += 1;
    const { code, framingFault } = NetTcpError.from(error);
    const shown = framingFault === undefined ? code : `${code} (${framingFault})`;
    if (failures.length < MAX_FAILURES) failures.push({ at: now(), what, address, code: shown });
    return false;
  }
}

const OPERATIONS = {
  Add: (n1: number, n2: number) => n1 + n2,
  Subtract: (n1: number, n2: number) => n1 - n2,
  Multiply: (n1: number, n2: number) => n1 * n2,
  Divide: (n1: number, n2: number) => n1 / n2,
};
const NAMES = ['Add', 'Subtract', 'Multiply', 'Divide'] as const;

function draw() {
  const n1 = (random() - 0.5) * 1e9;
  const n2 = (random() - 0.5) * 1e3;
  const name = NAMES[Math.floor(random() * NAMES.length)] ?? 'Add';
  return [{ name, n1, n2 }, OPERATIONS[name](n1, n2)] as const;
}

function figures(): LoadFigures {
  const { made, refused, reset, tried } = sockets;
  return {
    calls,
    connections: { made, refused, reset, retried: tried - opened, longestGapMs },
    callLatency: summariseAll(callTimes),
    openLatency: summariseAll(openTimes),
    failures,
  };
}

function summariseAll(times: Readonly<Record<Phase, readonly number[]>>): Record<Phase, Latency> {
  const [before, during, after] = PHASES.map((name) => summarise(times[name]));
  const none = summarise([]);
  return { before: before ?? none, during: during ?? none, after: after ?? none };
}

function at(addresses: readonly string[], index: number): string {
  return addresses[index % addresses.length] ?? '';
}
