// npm run bench: see USAGE.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../shared/errors.ts';
import { describeMachine } from '../machine.ts';
import { progressOn } from '../../shared/command-line/progress.ts';
import { exitOnSignals } from '../process.ts';
import { today, writeResults } from '../write-results.ts';
import { compare, formatCompared } from './against/compare.ts';
import { COMPARISONS } from './against/comparisons.ts';
import { buildCommit } from './against/work-tree.ts';
import type { CaseResult, Effort } from './case.ts';
import { CASES } from './cases/all.ts';
import { judge } from './goals.ts';
import { ROOT } from './package.ts';
import { describeVersions, installPeers } from './peers.ts';
import { plot } from './plot.ts';
import { formatCase, formatPage, formatVerdicts } from './report.ts';

const ROUNDS = 9;
const ROUNDS_AGAINST = 15;
const IMAGE = 'throughput.svg';
const DOCS = path.join(ROOT, 'docs');

const USAGE = `npm run bench -- [options]

  --case NAME      only this case, may be repeated: ${namesOf(CASES).join(' ')}
                   with --against: ${namesOf(COMPARISONS).join(' ')}
  --rounds N       rounds of each case (${ROUNDS}; with --against ${ROUNDS_AGAINST})
  --against REF    build another commit, measure it and this one in turn, and say what is worse (status 1)
  --json FILE      write everything that was measured
  --plot           measure throughput over calls in flight, and draw docs/${IMAGE}
  --write          measure everything, and write it into docs/performance.md
  --profile DIR    write CPU profiles of all processes there
  --quick          a short form that shows that everything runs; its numbers say nothing
  --no-install     leave out what is not installed
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      against: { type: 'string' },
      json: { type: 'string' },
      plot: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      profile: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'no-install': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

type Options = ReturnType<typeof readOptions>;

const progress = progressOn();

/** @returns the exit status, EX_USAGE by default */
function refuse(text: string, status = 64): number {
  progress.clear();
  process.stderr.write(text);
  return status;
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    return refuse(`${messageOf(error)}\n${USAGE}`);
  }
  const { against, case: cases, write, quick, help } = options;
  const known = namesOf(against === undefined ? CASES : COMPARISONS);
  const unknown = cases.find((name) => !known.includes(name));
  const rounds = Number(options.rounds ?? (against === undefined ? ROUNDS : ROUNDS_AGAINST));
  if (help) return refuse(USAGE, 0);
  if (unknown !== undefined) return refuse(`There is no case "${unknown}".\n${USAGE}`);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    return refuse(`--rounds takes a whole number from 1, not "${options.rounds}".\n${USAGE}`);
  }
  if (write && (cases.length > 0 || quick || against !== undefined)) {
    return refuse(`--write is for a whole run: no --case, --quick or --against.\n${USAGE}`);
  }
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const effort = effortOf(options, rounds);
  if (against === undefined && !quick && !options['no-install']) await installPeers();
  print(`${describeMachine()}\n${await describeVersions()}\n`);
  return await (against === undefined
    ? runCases(options, effort)
    : runAgainst(against, options, effort));
}

function effortOf({ quick: isQuick, rounds: given, profile }: Options, rounds: number): Effort {
  return {
    rounds: isQuick && given === undefined ? 1 : rounds,
    scale: isQuick ? 0.05 : 1,
    isQuick,
    options:
      profile === undefined ? {} : { nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${profile}`] },
    onStep: (text) => progress.show(text),
  };
}

async function runCases(options: Options, effort: Effort): Promise<number> {
  const about = `Measured on ${today()}: ${describeMachine()}; ${await describeVersions()}.`;
  const results = new Map<string, CaseResult>();
  const isPlotOnly = options.plot && options.case.length === 0;
  for (const { name, run } of isPlotOnly ? [] : CASES) {
    if (options.case.length > 0 && !options.case.includes(name)) continue;
    const result = await run(effort);
    results.set(name, result);
    print(formatCase(result));
  }
  const verdicts = judge(results);
  if (!effort.isQuick && verdicts.some(({ measured }) => measured !== undefined)) {
    print(formatVerdicts(verdicts));
  }
  if (options.plot || options.write) {
    mkdirSync(DOCS, { recursive: true });
    writeFileSync(path.join(DOCS, IMAGE), await plot(effort));
    print(`drawn: docs/${IMAGE}\n`);
  }
  if (options.write) {
    const page = path.join(DOCS, 'performance.md');
    const text = formatPage([...results.values()], verdicts, about);
    await writeResults({ page, title: 'Performance' }, text);
    print('written: docs/performance.md\n');
  }
  const { rounds, isQuick } = effort;
  const cases = Object.fromEntries(results);
  writeJson(options, { about, rounds, isQuick, cases, goals: verdicts });
  return 0;
}

/** @returns 1 when something is worse */
async function runAgainst(ref: string, options: Options, effort: Effort): Promise<number> {
  const about = `Measured on ${today()}: ${describeMachine()}.`;
  const tree = await buildCommit(ref, effort.onStep);
  try {
    const rows = await compare(tree.suite, effort, options.case);
    print(formatCompared(rows, tree.name));
    const { rounds, isQuick } = effort;
    writeJson(options, { about, rounds, isQuick, against: tree.name, rows });
    return rows.some(({ verdict }) => verdict === 'worse') ? 1 : 0;
  } finally {
    await tree.remove();
  }
}

function writeJson({ json }: Options, results: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
}

function namesOf(cases: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(cases.map(({ name }) => name))];
}

function print(text: string): void {
  progress.clear();
  process.stdout.write(`${text}\n`);
}

exitOnSignals();
process.exitCode = await main().catch((error: unknown) => refuse(`${messageOf(error)}\n`, 1));
