import type { Answers, Command } from './commands.ts';
import type { Caller, Contender } from './contender.ts';
import { percentile } from './statistics.ts';

/** Microseconds that a call takes, in a chain: each starts when the one before is answered. */
export async function measureLatency(caller: Caller, forMs: number): Promise<Answers['latency']> {
  const took: number[] = [];
  const end = performance.now() + forMs;
  await new Promise<void>((resolve) => {
    let startedAt = performance.now();
    const onAnswer = (): void => {
      const now = performance.now();
      took.push((now - startedAt) * 1_000);
      if (now > end) return resolve();
      startedAt = performance.now();
      call();
    };
    const call = caller.callWith(onAnswer);
    call();
  });
  return { ...percentiles(took), calls: took.length };
}

// The clock is read once in so many calls: a call takes about a microsecond, and so does reading it.
const CALLS_BETWEEN_LOOKS = 64;

/** Keeps `inFlight` calls in flight on every caller: each answer makes the next call. */
export async function measureThroughput(
  callers: readonly Caller[],
  inFlight: number,
  forMs: number,
): Promise<Answers['throughput']> {
  const startedAt = performance.now();
  const end = startedAt + forMs;
  let calls = 0;
  let left = callers.length * inFlight;
  let isOver = false;
  await new Promise<void>((resolve) => {
    for (const caller of callers) {
      const onAnswer = (): void => {
        calls += 1;
        if (calls % CALLS_BETWEEN_LOOKS === 0 && performance.now() > end) isOver = true;
        if (!isOver) return call();
        left -= 1;
        if (left === 0) resolve();
      };
      const call = caller.callWith(onAnswer);
      for (let slot = 0; slot < inFlight; slot++) call();
    }
  });
  return { calls, seconds: (performance.now() - startedAt) / 1_000 };
}

/** Connection after connection, each with one call, for `forMs` at most, and `count` at most: ports run out. */
export async function measureConnect(
  contender: Contender,
  target: string,
  forMs: number,
  count: number,
): Promise<Answers['connect']> {
  const took: number[] = [];
  const begin = performance.now();
  while (took.length < count && performance.now() - begin < forMs) {
    const startedAt = performance.now();
    const caller = await contender.connect(target);
    await new Promise<void>((resolve) => caller.callWith(resolve)());
    await caller.close();
    took.push((performance.now() - startedAt) * 1_000);
  }
  const seconds = (performance.now() - begin) / 1_000;
  return { ...percentiles(took), connections: took.length, seconds };
}

/** Big messages, `inFlight` of them unanswered. */
export async function measureBulk(
  caller: Caller,
  { octets, inFlight, forMs, isEchoed = false }: Extract<Command, { readonly do: 'bulk' }>,
): Promise<Answers['bulk']> {
  const message = new Uint8Array(octets).fill(0x5a);
  const startedAt = performance.now();
  const end = startedAt + forMs;
  let sent = 0;
  let left = inFlight;
  await new Promise<void>((resolve) => {
    const onAnswer = (): void => {
      sent += octets;
      if (performance.now() < end) return send?.();
      left -= 1;
      if (left === 0) resolve();
    };
    const send = caller.sendWith?.(message, isEchoed, onAnswer);
    for (let slot = 0; slot < inFlight; slot++) send?.();
  });
  return { octets: sent, seconds: (performance.now() - startedAt) / 1_000 };
}

function percentiles(values: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = Float64Array.from(values).sort();
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}
