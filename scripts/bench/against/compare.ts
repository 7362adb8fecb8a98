import type { Effort, Figures } from '../case.ts';
import { BuiltPackage } from '../package.ts';
import { formatGrid, formatSpread } from '../report.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { COMPARISONS, type Comparison } from './comparisons.ts';
import { judgeRatios, spreadOfMedian, type Verdict } from './verdict.ts';

/** One row: a figure of this commit beside that of another. */
interface Compared {
  readonly name: string;
  readonly better: 'low' | 'high';
  /** Ours ÷ other. */
  readonly ratio: Spread;
  readonly verdict: Verdict;
  readonly ours: Spread;
  readonly other: Spread;
}

type Side = 'ours' | 'other';
type Taken = Readonly<Record<Side, number[]>>;

/** The turns of a round. Every second round swaps the sides, so that neither always comes second. */
const TURNS: readonly Side[] = ['ours', 'other', 'other', 'ours'];

/**
 * Measures this commit and another in turn. Each round has fresh processes of both: a process keeps for life the
 * speed that it happens to get from what was compiled when and where its memory lies.
 *
 * @param names of comparisons; empty: all
 */
export async function compare(
  other: BuiltPackage,
  effort: Effort,
  names: readonly string[],
): Promise<readonly Compared[]> {
  const suites = { ours: new BuiltPackage(), other };
  const wanted = COMPARISONS.filter(({ name }) => names.length === 0 || names.includes(name));
  const taken = new Map<string, Taken>();
  for (let round = 0; round < effort.rounds; round++) {
    for (const comparison of wanted) {
      const [first = ''] = Object.keys(comparison.rows);
      effort.onStep(`round ${round + 1} of ${effort.rounds}: ${first}`);
      await playRound(comparison, suites, effort, round, taken);
    }
  }
  return wanted.flatMap(({ rows }) =>
    Object.entries(rows).map(([name, better]) => {
      const { ours, other: others } = taken.get(name) ?? { ours: [], other: [] };
      const ratios = ours.map((value, at) => value / (others[at] ?? NaN));
      const verdict = judgeRatios(ratios, better);
      const ratio = spreadOfMedian(ratios);
      return { name, better, ratio, verdict, ours: spreadOf(ours), other: spreadOf(others) };
    }),
  );
}

async function playRound(
  comparison: Comparison,
  suites: Readonly<Record<Side, BuiltPackage>>,
  effort: Effort,
  round: number,
  taken: Map<string, Taken>,
): Promise<void> {
  const isReversed = round % 2 === 1;
  const turns = isReversed ? TURNS.map((side) => (side === 'ours' ? 'other' : 'ours')) : TURNS;
  const [first = 'ours', second = 'other'] = turns;
  const one = await comparison.open(suites[first], effort);
  const two = await comparison.open(suites[second], effort);
  const figures: Record<Side, Figures[]> = { ours: [], other: [] };
  for (const side of turns) figures[side].push(await (side === first ? one : two).turn());
  await one.end();
  await two.end();
  for (const row of Object.keys(comparison.rows)) {
    const into = taken.get(row) ?? { ours: [], other: [] };
    for (const side of ['ours', 'other'] as const) into[side].push(mean(figures[side], row));
    taken.set(row, into);
  }
}

function mean(turns: readonly Figures[], row: string): number {
  return turns.reduce((sum, figures) => sum + (figures[row] ?? NaN), 0) / turns.length;
}

/** The rows as a table in Markdown. */
export function formatCompared(rows: readonly Compared[], name: string): string {
  const lines = rows.map(({ name: row, better, ratio, verdict, ours, other }) => [
    `${row} (${better === 'low' ? 'less' : 'more'} is better)`,
    formatSpread(ratio),
    verdict,
    formatSpread(ours),
    formatSpread(other),
  ]);
  const head = ['', 'this ÷ other', 'verdict', 'this', 'other'];
  return `this commit against ${name}\n\n${formatGrid([head, ...lines])}\n`;
}
