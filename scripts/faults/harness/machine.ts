import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { run } from '../../run.ts';
import { now } from './clock.ts';
import { summarise } from './latency.ts';

const STARTS = 3;

/** What the figures were measured on, in one line. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${type()} ${release()}, ${availableParallelism()} x ${model}, ${memory} GiB; Node ${process.version}; load ${load}`;
}

/**
 * Milliseconds that a Node without anything to do takes from start to end, the median of a few. No new daemon
 * can be there sooner; on a machine that has other work it is several times as long.
 */
export async function nodeStartMs(): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push(await startNode());
  return summarise(times).p50;
}

async function startNode(): Promise<number> {
  const begunAt = now();
  await run([process.execPath, '-e', '0']);
  return now() - begunAt;
}
