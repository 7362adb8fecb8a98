// What playing faults has in common, on one machine and in a fleet.
import type { Progress } from '../../shared/command-line/progress.ts';
import type { Terminal } from '../../shared/command-line/terminal.ts';
import { NetTcpError } from '../../shared/errors.ts';
import type { Verdict } from './trial.ts';

/** A fault, and in a few words what is done. */
interface Playable {
  readonly name: string;
  readonly does: string;
}

/** A fault that was played. */
interface Played {
  readonly fault: string;
  readonly promises: readonly Verdict[];
}

/** Where results go, and in which form. */
interface Show<R> {
  readonly terminal: Terminal;
  readonly progress: Progress;
  /** One object a line, instead of {@link format}. */
  readonly json: boolean;
  readonly format: (result: R) => readonly string[];
}

/** @throws {NetTcpError} `Usage` for a name that none of the faults has */
export function checkNames(wanted: readonly string[], faults: readonly Playable[]): void {
  const names = faults.map(({ name }) => name);
  const wrong = wanted.find((name) => !names.includes(name));
  if (wrong === undefined) return;
  throw new NetTcpError('Usage', `There is no fault "${wrong}". There are: ${names.join(', ')}.`);
}

/**
 * Plays faults one after the other, and shows each result as soon as it is there.
 *
 * @param machine described, which is shown first
 * @returns `undefined` if `stop` has fired
 */
export async function playAll<F extends Playable, R>(
  faults: readonly F[],
  play: (fault: F) => Promise<R>,
  stop: AbortSignal,
  machine: string,
  { terminal, progress, json, format }: Show<R>,
): Promise<readonly R[] | undefined> {
  if (json) terminal.out(JSON.stringify({ machine }));
  else terminal.out(`${machine}\n`);
  const results: R[] = [];
  for (const [index, fault] of faults.entries()) {
    progress.show(`${index + 1} of ${faults.length}: ${fault.does}`);
    const result = await play(fault);
    progress.clear();
    if (stop.aborted) return undefined;
    results.push(result);
    if (json) terminal.out(JSON.stringify(result));
    else for (const line of [...format(result), '']) terminal.out(line);
  }
  return results;
}

/** What was promised, and what was seen: a line each, for people. */
export function formatPromises(promises: readonly Verdict[]): readonly string[] {
  return promises.map(
    ({ promise, isKept, got }) => `  ${isKept ? 'kept  ' : 'BROKEN'} ${promise}: ${got}`,
  );
}

/** How many of the promises were kept, for a table. */
export function countKept(promises: readonly Verdict[]): string {
  const kept = promises.filter(({ isKept }) => isKept).length;
  return `${kept} of ${promises.length}${kept < promises.length ? ' **broken**' : ''}`;
}

/** The promises that were broken: a list in Markdown. */
export function listBroken(results: readonly Played[]): readonly string[] {
  return results.flatMap(({ fault, promises }) =>
    promises
      .filter(({ isKept }) => !isKept)
      .map(({ promise, got }) => `- ${fault} broke: ${promise}: ${got}`),
  );
}
