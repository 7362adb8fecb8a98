import { type LoadFigures, PHASES } from './harness/figures.ts';
import type { Latency } from './harness/latency.ts';
import { markdownTable } from '../write-results.ts';
import { countKept, formatPromises, listBroken } from './play.ts';
import type { ProcessFigures, Trial, Verdict } from './trial.ts';

/** A trial that is over, as `--json` prints it. */
export interface Result {
  readonly fault: string;
  readonly does: string;
  readonly transfer: string;
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  /** Whether every promise was kept; `undefined` when the fault could not be played. */
  readonly kept: boolean | undefined;
  readonly skipped: string | undefined;
  readonly figures: LoadFigures;
  readonly processes: readonly ProcessFigures[];
  readonly promises: readonly Verdict[];
  readonly notes: readonly string[];
}

/** The result of a trial. */
export function resultOf(
  fault: { readonly name: string; readonly does: string },
  trial: Trial,
  seconds: number,
): Result {
  const { options, skipped, figures, processes, verdicts, notes, played } = trial;
  return {
    fault: fault.name,
    does: fault.does,
    transfer: options.transfer,
    seed: options.seed,
    rounds: played,
    seconds: Math.round(seconds * 10) / 10,
    kept: skipped === undefined ? verdicts.every(({ isKept }) => isKept) : undefined,
    skipped,
    figures,
    processes,
    promises: verdicts,
    notes,
  };
}

/** A result for people to read, in several lines. */
export function formatResult(result: Result): readonly string[] {
  const { fault, does, rounds, seconds, skipped, promises, notes, figures } = result;
  const lines = [`${fault}: ${does}${rounds > 1 ? `, ${rounds} rounds` : ''} (${seconds} s)`];
  if (skipped !== undefined) return [...lines, `  not played: ${skipped}`];
  const { calls, connections } = figures;
  if (calls.made > 0) {
    const { made, refused, reset, retried, longestGapMs } = connections;
    lines.push(
      `  calls        ${calls.made} made, ${calls.lost} lost, ${calls.wrong} wrong`,
      `  connections  ${made} made, ${refused} refused, ${reset} reset, ${retried} retried with nothing sent; longest gap ${ms(longestGapMs)}`,
      `  calls took   ${showPhases(figures.callLatency)}`,
      `  opening took ${showPhases(figures.openLatency)}`,
    );
  }
  for (const one of result.processes) lines.push(`  ${showProcess(one)}`);
  for (const note of notes) lines.push(`  note: ${note}`);
  return [...lines, ...formatPromises(promises)];
}

const HEADINGS = [
  'fault',
  'rounds',
  'calls made / lost / wrong',
  'connections made / refused / reset',
  'retried',
  'longest gap',
  'calls p50/p99 before, during, after',
  'opening p50/p99 before, during, after',
  'daemon descriptors, MiB',
  'services descriptors, MiB',
  'promises kept',
];

/** All trials as one table in Markdown. */
export function formatTable(results: readonly Result[]): readonly string[] {
  return markdownTable(HEADINGS, results.map(row));
}

/** Formats all trials for a page of the documentation. @param about machine, date and seed */
export function formatPage(results: readonly Result[], about: string): string {
  return [about, '', ...formatTable(results), '', ...listBroken(results)].join('\n');
}

function row(result: Result): readonly string[] {
  const { fault, rounds, skipped, promises, figures, processes } = result;
  if (skipped !== undefined) return [fault, ...HEADINGS.slice(2).map(() => ''), skipped];
  const { calls, connections } = figures;
  const { made, refused, reset, retried, longestGapMs } = connections;
  const isLoaded = calls.made > 0;
  return [
    fault,
    String(rounds),
    isLoaded ? `${calls.made} / ${calls.lost} / ${calls.wrong}` : '',
    isLoaded ? `${made} / ${refused} / ${reset}` : '',
    isLoaded ? String(retried) : '',
    isLoaded ? ms(longestGapMs) : '',
    isLoaded ? showShort(figures.callLatency) : '',
    isLoaded ? showShort(figures.openLatency) : '',
    showGroup(processes.filter(({ name }) => name.startsWith('daemon'))),
    showGroup(processes.filter(({ name }) => name.startsWith('service'))),
    countKept(promises),
  ];
}

function showPhases(latencies: LoadFigures['callLatency']): string {
  const shown = PHASES.filter((phase) => latencies[phase].count > 0).map((phase) => {
    const { p50, p99, max } = latencies[phase];
    return `${phase} p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}`;
  });
  return shown.join('; ');
}

function showShort(latencies: LoadFigures['callLatency']): string {
  const pair = ({ count, p50, p99 }: Latency): string =>
    count === 0 ? '–' : `${digits(p50)}/${digits(p99)}`;
  return `${PHASES.map((phase) => pair(latencies[phase])).join(', ')} ms`;
}

function showProcess({ name, before, after }: ProcessFigures): string {
  return `${name}: descriptors ${before.descriptors} before, ${after.descriptors} after; memory ${mib(before.residentKiB)} MiB before, ${mib(after.residentKiB)} MiB after`;
}

/** The largest of each figure over the processes of one kind. */
function showGroup(processes: readonly ProcessFigures[]): string {
  if (processes.length === 0) return '';
  const most = (pick: (one: ProcessFigures) => number): number => Math.max(...processes.map(pick));
  const descriptors = `${most((one) => one.before.descriptors)} → ${most((one) => one.after.descriptors)}`;
  const memory = `${mib(most((one) => one.before.residentKiB))} → ${mib(most((one) => one.after.residentKiB))}`;
  return `${descriptors}, ${memory}`;
}

function mib(kib: number): string {
  return (kib / 1_024).toFixed(0);
}

function ms(value: number): string {
  return `${digits(value)} ms`;
}

function digits(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
