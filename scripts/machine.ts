import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { run } from './run.ts';

const STARTS = 3;

/** The machine that figures were measured on, in one line. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${model}, ${availableParallelism()} cores, ${memory} GiB; ${type()} ${release()} ${arch()}; Node ${process.versions.node}; load ${load}`;
}

/**
 * Milliseconds that a Node with nothing to do takes from start to end. No new process can do anything sooner; on a
 * machine that has other work it takes several times as long.
 */
export async function timeNodeStart(): Promise<number> {
  const begunAt = performance.now();
  await run([process.execPath, '-e', '0']);
  return performance.now() - begunAt;
}

/** {@link timeNodeStart}, the median of a few. */
export async function nodeStartMs(): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push(await timeNodeStart());
  return times.sort((a, b) => a - b)[STARTS >> 1] ?? NaN;
}
