import { contenderNamed } from './contenders/all.ts';
import { Contestant, type ContestantOptions } from './contestant.ts';
import type { Spread } from './statistics.ts';

/** How much is measured. */
export interface Effort {
  /** Rounds in which every contender has its turn. */
  readonly rounds: number;
  /** Scales how long a turn takes; 1 is a full run. */
  readonly scale: number;
  readonly isQuick: boolean;
  readonly options: ContestantOptions;
}

/** What one turn gave, by what it is. */
export type Figures = Readonly<Record<string, number>>;

/** One package in action, to be measured again and again. */
export interface Setting {
  turn(): Promise<Figures>;
  end(): Promise<void>;
}

/** One line of a case's table: who, and each measurement by the heading of its column. */
export interface Row {
  readonly name: string;
  readonly cells: Readonly<Record<string, Spread>>;
}

export interface Table {
  readonly title: string;
  /** Headings in order, ratios first. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export interface CaseResult {
  readonly tables: readonly Table[];
  /** Contenders that could not run, and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

export interface Case {
  readonly name: string;
  readonly run: (effort: Effort) => Promise<CaseResult>;
}

export type LeftOut = CaseResult['leftOut'][number];

/** Starts those that can run here. */
export async function startAll(
  names: readonly string[],
  { options }: Effort,
): Promise<{ readonly contestants: readonly Contestant[]; readonly leftOut: readonly LeftOut[] }> {
  const contestants: Contestant[] = [];
  const leftOut: LeftOut[] = [];
  for (const name of names) {
    const why = await contenderNamed(name).missing?.();
    if (why === undefined) contestants.push(await Contestant.start(name, options));
    else leftOut.push({ name, why });
  }
  return { contestants, leftOut };
}

/**
 * For what is close together. Shorter turns, but more, in the same time: a machine is fast for a while and slow for
 * a while. And cores of their own: a call between two processes takes a third of the time while they happen to be
 * on the same one, which is luck, and nothing that lasts.
 */
export function finely(effort: Effort): Effort {
  if (effort.isQuick) return effort;
  return {
    ...effort,
    rounds: effort.rounds * SHORT_TURNS,
    scale: effort.scale / SHORT_TURNS,
    options: { ...effort.options, onCoresOfTheirOwn: true },
  };
}

const SHORT_TURNS = 4;

/** Numbers of one contender, a list with one for each round under each heading. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Measures all contestants in turn, round after round, every second round backwards, so that nobody
 * always comes behind the same neighbour.
 */
export async function interleaved<C extends { readonly name: string }>(
  contestants: readonly C[],
  rounds: number,
  measure: (contestant: C) => Promise<Readonly<Record<string, number>>>,
): Promise<ReadonlyMap<string, Rounds>> {
  const results = new Map<string, Map<string, number[]>>();
  for (const { name } of contestants) results.set(name, new Map());
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contestants : [...contestants].reverse();
    for (const contestant of order) {
      const into = results.get(contestant.name);
      for (const [heading, value] of Object.entries(await measure(contestant))) {
        const values = into?.get(heading) ?? [];
        values.push(value);
        into?.set(heading, values);
      }
    }
  }
  return results;
}

export async function endAll(contestants: readonly Contestant[]): Promise<void> {
  for (const contestant of contestants) await contestant.end();
}
