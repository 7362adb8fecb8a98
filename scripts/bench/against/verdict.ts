import { type Spread } from '../statistics.ts';

export type Verdict = 'worse' | 'same' | 'better' | 'too few rounds';

/** Fewer rounds say nothing: all on one side of 1 would be chance too often. */
export const LEAST_ROUNDS = 8;
/** The probability, at most, with which a row says "worse" of two equal packages. */
const CHANCE = 0.005;

/**
 * Where the median of ratios lies, whatever their distribution: as many of the lowest and of the highest are left
 * out as keep the probability that it lies below the rest, and that it lies above, at most {@link CHANCE}.
 */
export function spreadOfMedian(ratios: readonly number[]): Spread {
  const sorted = [...ratios].sort((a, b) => a - b);
  const { length } = sorted;
  const middle = length >> 1;
  const median =
    length % 2 === 1
      ? (sorted[middle] ?? NaN)
      : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  const out = leftOut(length);
  return { median, low: sorted[out] ?? NaN, high: sorted[length - 1 - out] ?? NaN };
}

/** The largest k for which k heads or fewer of `count` coins have at most the probability {@link CHANCE}; or 0. */
function leftOut(count: number): number {
  let probability = 0.5 ** count;
  let sum = probability;
  let heads = 0;
  while (sum <= CHANCE) {
    heads += 1;
    probability *= (count - heads + 1) / heads;
    sum += probability;
  }
  return Math.max(0, heads - 1);
}

/**
 * Whether this commit is worse or better, beyond the spread of the run.
 *
 * @param ratios ours ÷ other, one for each round
 */
export function judgeRatios(ratios: readonly number[], better: 'low' | 'high'): Verdict {
  const measured = ratios.filter((ratio) => Number.isFinite(ratio));
  if (measured.length < LEAST_ROUNDS) return 'too few rounds';
  const { low, high } = spreadOfMedian(measured);
  if (low > 1) return better === 'low' ? 'worse' : 'better';
  if (high < 1) return better === 'low' ? 'better' : 'worse';
  return 'same';
}
