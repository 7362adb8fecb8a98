import { checkInteger } from '../../../shared/command-line/command.ts';
import type { Progress } from '../../../shared/command-line/progress.ts';
import type { Terminal } from '../../../shared/command-line/terminal.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { describeMachine } from '../../machine.ts';
import { markdownTable, today, writeResults } from '../../write-results.ts';
import { missingPrograms } from '../programs.ts';
import { measureScale, type ScaleResult } from './scale.ts';

const PLACE = { page: 'docs/fleet.md', title: 'One address for many machines', name: 'scale' };
const MOST_MACHINES = 100_000;
const MOST_PATHS = 10_000_000;

interface ScaleOptions {
  readonly machines: number;
  readonly paths: number;
  readonly json: boolean;
  readonly write: boolean;
}

/** Measures what a large fleet takes, and says so. @returns exit status */
export async function runScale(
  { machines, paths, json, write }: ScaleOptions,
  terminal: Terminal,
  progress: Progress,
): Promise<number> {
  checkInteger('--machines', machines, 1, MOST_MACHINES);
  checkInteger('--paths', paths, 2, MOST_PATHS);
  if (paths < 2 * machines) {
    throw new NetTcpError('Usage', 'Each machine has two paths at least: more --paths.');
  }
  const missing = await missingPrograms();
  if (missing !== undefined) {
    terminal.err(`Nothing can be measured here: ${missing}.`);
    return 0;
  }
  const result = await measureScale(machines, paths, (text) => progress.show(text)).finally(() =>
    progress.clear(),
  );
  const about = `Measured on ${today()}: ${describeMachine()}.`;
  if (json) terminal.out(JSON.stringify(result));
  else for (const line of formatScale(result)) terminal.out(line);
  if (write) {
    await writeResults(PLACE, [about, '', ...formatScale(result)].join('\n'));
    terminal.out(`written: ${PLACE.page}`);
  }
  return 0;
}

/** The figures as a table in Markdown. */
export function formatScale(result: ScaleResult): readonly string[] {
  const { machines, paths, memory, before, during, failed } = result;
  const mib = (kib: number): string => `${(kib / 1_024).toFixed(0)} MiB`;
  const seconds = (value: number): string => `${value.toFixed(1)} s`;
  const ratio = (pick: 'p50' | 'p99'): string => (during[pick] / before[pick]).toFixed(1);
  const rows: readonly (readonly [string, string])[] = [
    ['machines, paths', `${machines}, ${paths}`],
    [
      'memory of HAProxy, of `front`, of etcd',
      [memory.HAProxy, memory.front, memory.etcd].map(mib).join(', '),
    ],
    ['all documents written', seconds(result.publishSeconds)],
    ['from the start of `front` until HAProxy has all paths', seconds(result.applySeconds)],
    ['from the word that one path has gone until HAProxy has it', seconds(result.swapSeconds)],
    [
      'connections meanwhile ÷ before: p50, p99',
      `${ratio('p50')}, ${ratio('p99')} (${during.count} and ${before.count} of them)`,
    ],
    ['connections that failed', String(failed)],
  ];
  return markdownTable(['what', 'measured'], rows);
}
