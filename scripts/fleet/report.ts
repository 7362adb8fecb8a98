import { countKept, formatPromises, listBroken } from '../faults/play.ts';
import type { Verdict } from '../faults/trial.ts';
import { markdownTable } from '../write-results.ts';
import { type AllFared, type Kind, KINDS, sum } from './callers.ts';

/** A fault that was played, as `--json` prints it. */
export interface FleetResult {
  readonly fault: string;
  readonly does: string;
  readonly seconds: number;
  readonly kept: boolean;
  readonly before: AllFared | undefined;
  /** Part by part, as the fault went on. */
  readonly during: readonly AllFared[];
  readonly promises: readonly Verdict[];
  readonly notes: readonly string[];
}

const OPENS = ['open', 'pooled'] as const;

/** A result for people to read, in several lines. */
export function formatResult(result: FleetResult): readonly string[] {
  const { fault, does, seconds, before, during, promises, notes } = result;
  const lines = [`${fault}: ${does} (${seconds} s)`];
  if (during.length > 0) {
    const made = sum(during, KINDS, (fared) => fared.made);
    const lost = sum(during, KINDS, (fared) => fared.lostCount);
    lines.push(
      `  calls    ${made} made, ${lost} lost; the slowest on kept channels ${show(slowest(during, KEPT))}, ${show(slowest(before, KEPT))} before`,
      `  opening  ${sum(during, OPENS, (fared) => fared.made)} made; the slowest ${show(slowest(during, OPENS))}, ${show(slowest(before, OPENS))} before`,
    );
  }
  for (const note of notes) lines.push(`  note: ${note}`);
  return [...lines, ...formatPromises(promises)];
}

const KEPT = ['kept', 'reopening'] as const;
const HEADINGS = [
  'what happens',
  'calls on kept channels, lost',
  'with `reopen`, lost',
  'opens, lost',
  'slowest open before, meanwhile',
  'promises kept',
];

/** All results as a table in Markdown. */
export function formatTable(results: readonly FleetResult[]): readonly string[] {
  return markdownTable(HEADINGS, results.map(row));
}

/** All results for a page of the documentation. @param about machine and date */
export function formatPage(results: readonly FleetResult[], about: string): string {
  const notes = results.flatMap(({ fault, notes: all }) =>
    all.map((note) => `- ${fault}: ${note}`),
  );
  return [about, '', ...formatTable(results), '', ...listBroken(results), ...notes].join('\n');
}

function row({ does, before, during, promises }: FleetResult): readonly string[] {
  return [
    does,
    counts(during, ['kept']),
    counts(during, ['reopening']),
    counts(during, OPENS),
    `${show(slowest(before, OPENS))}, ${show(slowest(during, OPENS))}`,
    countKept(promises),
  ];
}

function counts(parts: readonly AllFared[], kinds: readonly Kind[]): string {
  const made = sum(parts, kinds, (fared) => fared.made);
  return `${made}, ${sum(parts, kinds, (fared) => fared.lostCount)}`;
}

/** Milliseconds; `undefined` if nothing was answered. */
function slowest(
  parts: AllFared | readonly AllFared[] | undefined,
  kinds: readonly Kind[],
): number | undefined {
  const all = parts === undefined ? [] : 'open' in parts ? [parts] : parts;
  const times = all.flatMap((part) => kinds.map((kind) => part[kind].took));
  const most = Math.max(...times.filter(({ count }) => count > 0).map(({ max }) => max));
  return Number.isFinite(most) ? most : undefined;
}

function show(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
