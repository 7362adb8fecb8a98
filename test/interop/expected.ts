import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './peers.ts';
import type { ClientRun, Result } from './processes.ts';

/**
 * What a client reported of a service of its own world, in expected/CLIENT-SERVICE.json. `wcf` as SERVICE is the
 * service by the book: ours must give the same; `mono` is Mono's, kept so that a change on either side is seen.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Members = { readonly [name: string]: Json };

/** What one scenario must give. Only what is written here is compared. */
export interface Expectation {
  /** Lines that are no results, such as the sample's transcript. */
  readonly text?: readonly string[];
  /** By part: members of the result that must be the same. */
  readonly parts: { readonly [part: string]: Members };
}

interface ExpectedFile {
  readonly client: string;
  readonly service: string;
  readonly scenarios: { readonly [scenario: string]: Expectation };
}

/**
 * What is not recorded, as a pattern for `CLIENT-SERVICE SCENARIO/PART/MEMBER`: it depends on who is faster, or is
 * not the other side's doing.
 */
const NOT_RECORDED = [
  / unknown-operation\/later\/next$/,
  // The service by the book takes any size when streamed.
  /-wcf over-quota(-far)? streamed\/request\//,
  // The service of Mono may take no connection for a while after one that was aborted.
  /^dotnet-mono strings( streamed)?\/lone-/,
  /^(dotnet|ours)-mono over-quota( streamed)?\/fresh-channel\//,
];

function pathOf(client: string, service: string): string {
  return join(ROOT, 'test/interop/expected', `${client}-${service}.json`);
}

/**
 * What our service throws in place of the exceptions of the C# one: the types of exceptions are those of
 * the service's language, whoever the caller is. Everything else must be as WCF has it.
 */
const OUR_EXCEPTIONS: Readonly<Record<string, string>> = {
  'System.InvalidOperationException': 'TypeError',
  'System.ArgumentException': 'RangeError',
};

/** The same expectation for a service that is written in JavaScript. */
export function forOurs(expected: Expectation | undefined): Expectation | undefined {
  if (expected === undefined) return undefined;
  const text = JSON.stringify(expected).replaceAll(
    /"Type":"([^"]+)"/g,
    (_, type: string) => `"Type":"${OUR_EXCEPTIONS[type] ?? type}"`,
  );
  return JSON.parse(text) as Expectation;
}

/** @returns nothing when none was recorded */
export function readExpectation(
  client: string,
  service: string,
  scenario: string,
): Expectation | undefined {
  const path = pathOf(client, service);
  if (!existsSync(path)) return undefined;
  const file = JSON.parse(readFileSync(path, 'utf8')) as ExpectedFile;
  return file.scenarios[scenario];
}

/** Writes the file again, with the scenarios that were run replaced. */
export async function writeExpectations(
  names: { readonly client: string; readonly service: string },
  versions: { readonly client: string; readonly service: string },
  runs: ReadonlyMap<string, ClientRun>,
): Promise<void> {
  const path = pathOf(names.client, names.service);
  const before = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as ExpectedFile).scenarios
    : {};
  const scenarios = { ...before };
  for (const [scenario, run] of runs) {
    scenarios[scenario] = expectationOf(`${names.client}-${names.service} ${scenario}`, run);
  }
  const sorted = Object.fromEntries(
    Object.entries(scenarios).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const file: ExpectedFile = { ...versions, scenarios: sorted };
  const { format, resolveConfig } = await import('prettier');
  const style = { ...(await resolveConfig(path)), parser: 'json' };
  await writeFile(path, await format(JSON.stringify(file), style));
}

/** What a run showed; parts that were simply right are left out, as they must be so anyway. */
function expectationOf(title: string, run: ClientRun): Expectation {
  const parts: Record<string, Members> = {};
  for (const result of run.results) {
    const { scenario: _, part: __, calls: ___, ...members } = normalise(result);
    const isPlain = result.ok && result.exception === null && (result['next'] ?? null) === null;
    if (isPlain) continue;
    parts[result.part] = Object.fromEntries(
      Object.entries(members).filter(
        ([member]) => !NOT_RECORDED.some((each) => each.test(`${title}/${result.part}/${member}`)),
      ),
    );
  }
  return { ...(run.text.length === 0 ? {} : { text: run.text }), parts };
}

/** @returns what is not as it must be, one line each; empty when all is well */
export function deviations(run: ClientRun, expected: Expectation | undefined): string[] {
  const found: string[] = [];
  if (run.isTooLate) found.push('did not end in time');
  if (run.results.length === 0) {
    found.push(`no result, exit status ${run.exitCode}: ${run.stderr.trim().slice(0, 400)}`);
  }
  for (const result of run.results) {
    if (expected?.parts[result.part] !== undefined || result.ok) continue;
    const { scenario: _, ok: __, ...rest } = result;
    found.push(`not ok: ${JSON.stringify(rest)}`);
  }
  for (const [part, members] of Object.entries(expected?.parts ?? {})) {
    const result = run.results.find((each) => each.part === part);
    if (result === undefined) found.push(`no result for part "${part}"`);
    else compare(members, normalise(result), part, found);
  }
  if (expected?.text !== undefined) compare(expected.text, run.text, 'text', found);
  return found;
}

function compare(expected: Json, got: Json | undefined, where: string, found: string[]): void {
  const isBranch = expected !== null && typeof expected === 'object';
  if (!isBranch || got === null || typeof got !== 'object') {
    if (expected === got) return;
    found.push(`${where}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
    return;
  }
  const members = got as Members;
  for (const [name, value] of Object.entries(expected as Members)) {
    compare(value, members[name], `${where}.${name}`, found);
  }
  if (Array.isArray(expected) && Array.isArray(got) && got.length > expected.length) {
    found.push(`${where}: ${got.length - expected.length} more than expected`);
  }
}

/** Without what differs from run to run: ports and times. */
function normalise(result: Result): Members {
  const text = JSON.stringify(result)
    .replaceAll(/localhost:\d+/g, 'localhost:PORT')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\d\d:\d\d:\d\d(?:\.\d+)?/g, 'TIME');
  return JSON.parse(text) as Members;
}
