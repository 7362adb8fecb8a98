// npm run bench: see SCRIPT.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkInteger, type Values } from '../../shared/command-line/command.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { type Script, startScript } from '../command-line.ts';
import { describeMachine } from '../machine.ts';
import { progressOn } from '../../shared/command-line/progress.ts';
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
const PAGE = 'docs/performance.md';
const MAX_ROUNDS = 10_000;

const CASE_NAMES = namesOf(CASES);
const COMPARED_NAMES = namesOf(COMPARISONS);

const OPTIONS = {
  case: {
    choices: [...new Set([...CASE_NAMES, ...COMPARED_NAMES])],
    array: true,
    default: [] as string[],
    describe: `only this case, may be repeated; with --against one of ${COMPARED_NAMES.join(', ')}`,
  },
  rounds: {
    type: 'number',
    describe: `rounds of each case: ${ROUNDS}; with --against ${ROUNDS_AGAINST}`,
  },
  against: {
    type: 'string',
    describe: 'build another commit, measure it and this one in turn, and say what is worse',
  },
  json: { type: 'string', describe: 'file for everything that was measured' },
  plot: {
    type: 'boolean',
    default: false,
    describe: `measure throughput over calls in flight, and draw docs/${IMAGE}`,
  },
  write: {
    type: 'boolean',
    default: false,
    describe: `measure everything, and write it into ${PAGE}`,
  },
  profile: { type: 'string', describe: 'directory for CPU profiles of all processes' },
  quick: {
    type: 'boolean',
    default: false,
    describe: 'a short form that shows that everything runs; its numbers say nothing',
  },
  install: {
    type: 'boolean',
    default: true,
    describe: 'install what is measured beside this; --no-install: leave out what is not there',
  },
} as const;
type Options = Values<typeof OPTIONS>;

const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run bench --',
  usage: '$0 [options]\n\nMeasures this beside others, or beside another commit.',
  examples: [
    ['$0 --case latency --case start', 'some of it'],
    ['$0 --against HEAD~1', 'what is worse than before'],
  ],
  options: OPTIONS,
  exitStatuses:
    'Exit status: 0 done, 1 if something is worse or cannot be measured, 64 for a wrong option.',
};

const progress = progressOn();

async function main(options: Options): Promise<number> {
  const { against, case: cases, write, plot: isPlotting, quick } = options;
  const known = against === undefined ? CASE_NAMES : COMPARED_NAMES;
  const unknown = cases.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const how = against === undefined ? 'without' : 'with';
    const text = `There is no case "${unknown}" ${how} --against. There are: ${known.join(', ')}.`;
    throw new NetTcpError('Usage', text);
  }
  if (write && (cases.length > 0 || quick || against !== undefined)) {
    throw new NetTcpError('Usage', '--write is for a whole run: no --case, --quick or --against.');
  }
  if (isPlotting && against !== undefined) {
    throw new NetTcpError('Usage', '--plot draws this one alone: no --against.');
  }
  const usual = against === undefined ? ROUNDS : ROUNDS_AGAINST;
  const rounds = checkInteger('--rounds', options.rounds ?? usual, 1, MAX_ROUNDS);
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const effort = effortOf(options, rounds);
  if (against === undefined && !quick && options.install) await installPeers();
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
    const page = path.join(ROOT, PAGE);
    const text = formatPage([...results.values()], verdicts, about);
    await writeResults({ page, title: 'Performance' }, text);
    print(`written: ${PAGE}\n`);
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

await startScript(SCRIPT, (options) => main(options).finally(() => progress.clear()));
