/** A measurement over several rounds: its median, and the lowest and highest value. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: percentile(sorted, 0.5), low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN };
}

/**
 * A measurement as a multiple of `base`. The two are divided round by round, because they are measured moments
 * apart: what slows the machine down slows both.
 */
export function ratioOf(values: readonly number[], base: readonly number[]): Spread {
  return spreadOf(
    values
      .map((value, round) => value / (base[round] ?? NaN))
      .filter((ratio) => Number.isFinite(ratio)),
  );
}

/** @param sorted ascending @param share 0 to 1 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const at = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  if (sorted.length % 2 === 0 && share === 0.5) {
    return ((sorted[at - 1] ?? NaN) + (sorted[at] ?? NaN)) / 2;
  }
  return sorted[at] ?? NaN;
}
