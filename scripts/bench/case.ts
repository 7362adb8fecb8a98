import type { Spread } from './statistics.ts';
import { contenderNamed } from './contenders/all.ts';
import { Contestant, type ContestantOptions } from './contestant.ts';
import { type Column, tableOf } from './table.ts';

/** How much is measured. */
export interface Effort {
  /** Rounds in which every contender has its turn. */
  readonly rounds: number;
  /** Scales how long a turn takes; 1 is a full run. */
  readonly scale: number;
  readonly isQuick: boolean;
  readonly options: ContestantOptions;
  /** Told what is being done. */
  readonly onStep: (text: string) => void;
}

/** What one turn measured, by name. */
export type Figures = Readonly<Record<string, number>>;

/** One package in action, to be measured again and again. */
export interface Setting {
  turn(): Promise<Figures>;
  end(): Promise<void>;
}

/** One line of a case's table: its name, and each measurement by the heading of its column. */
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

/** A contender that could not run, and why. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export interface CaseResult {
  readonly tables: readonly Table[];
  readonly leftOut: readonly LeftOut[];
}

export interface Case {
  readonly name: string;
  readonly run: (effort: Effort) => Promise<CaseResult>;
}

/** Starts those that can run here. */
export async function startAll(
  names: readonly string[],
  { options, onStep }: Effort,
): Promise<{ readonly contestants: readonly Contestant[]; readonly leftOut: readonly LeftOut[] }> {
  const contestants: Contestant[] = [];
  const leftOut: LeftOut[] = [];
  for (const name of names) {
    onStep(`starting ${name}`);
    const why = await contenderNamed(name).missing?.();
    if (why === undefined) contestants.push(await Contestant.start(name, options));
    else leftOut.push({ name, why });
  }
  return { contestants, leftOut };
}

/**
 * For figures that are close together. Turns are shorter, and more, in the same time, as a machine is fast for a
 * while and slow for a while. Processes have cores of their own, as a call between two that happen to be on the
 * same core takes a third of the time, which is luck and does not last.
 */
function finely(effort: Effort): Effort {
  if (effort.isQuick) return effort;
  return {
    ...effort,
    rounds: effort.rounds * SHORT_TURNS,
    scale: effort.scale / SHORT_TURNS,
    options: { ...effort.options, onCoresOfTheirOwn: true },
  };
}

const SHORT_TURNS = 4;

/** Numbers of one contender: under each heading a list, with one for each round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Measures all contestants in turn, round after round. Every second round goes backwards, so that nobody always
 * comes after the same neighbour.
 */
export async function interleaved<C extends { readonly name: string }>(
  contestants: readonly C[],
  { rounds, onStep }: Pick<Effort, 'rounds' | 'onStep'>,
  measure: (contestant: C) => Promise<Figures>,
): Promise<ReadonlyMap<string, Rounds>> {
  const results = new Map<string, Map<string, number[]>>();
  for (const { name } of contestants) results.set(name, new Map());
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contestants : [...contestants].reverse();
    for (const contestant of order) {
      onStep(`round ${round + 1} of ${rounds}: ${contestant.name}`);
      addRound(results, contestant.name, await measure(contestant));
    }
  }
  return results;
}

/** Appends the figures of a turn to the rounds of a name. */
export function addRound(
  results: Map<string, Map<string, number[]>>,
  name: string,
  figures: Figures,
): void {
  const into = results.get(name) ?? new Map<string, number[]>();
  results.set(name, into);
  for (const [heading, value] of Object.entries(figures)) {
    into.set(heading, [...(into.get(heading) ?? []), value]);
  }
}

/** A case with one table: all contenders do the same, one after the other. */
interface TableCase {
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly string[];
  /** The contenders of a quick run. */
  readonly quickly: readonly string[];
  /** Whether turns are short, and processes on cores of their own: see {@link finely}. */
  readonly isFine?: boolean;
  readonly columns: readonly Column[];
  /** @param scale of the times and counts, 1 in a full run */
  warmUp(contestant: Contestant, scale: number): Promise<unknown>;
  turn(contestant: Contestant, scale: number): Promise<Figures>;
}

export function tableCase(one: TableCase): Case {
  return {
    name: one.name,
    async run(given) {
      const effort = one.isFine === true ? finely(given) : given;
      const { contestants, leftOut } = await startAll(
        given.isQuick ? one.quickly : one.contenders,
        effort,
      );
      for (const contestant of contestants) {
        effort.onStep(`warming up ${contestant.name}`);
        await one.warmUp(contestant, given.scale);
      }
      const measured = await interleaved(contestants, effort, (contestant) =>
        one.turn(contestant, effort.scale),
      );
      await endAll(contestants);
      return { tables: [tableOf(one.title, measured, one.columns)], leftOut };
    },
  };
}

export async function endAll(contestants: readonly Contestant[]): Promise<void> {
  for (const contestant of contestants) await contestant.end();
}
