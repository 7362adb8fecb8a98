import { sleep } from '../../../shared/time.ts';

/**
 * Milliseconds on a clock that all processes of this machine share and nobody sets: the times that two processes
 * noted can be compared.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Asks again, every `everyMs` milliseconds, until the answer is yes.
 *
 * @returns milliseconds until then, or `undefined` when `timeoutMs` went by first
 */
export async function until(
  answer: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 10,
): Promise<number | undefined> {
  const start = now();
  for (;;) {
    if (await answer()) return now() - start;
    if (now() - start > timeoutMs) return undefined;
    await sleep(everyMs);
  }
}

/** What `answer` resolves with, or `undefined` when `ms` milliseconds go by first. */
export async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
