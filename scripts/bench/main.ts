// npm run bench: see USAGE.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../../shared/errors.ts';
import { exitOnSignals } from '../exit-on-signals.ts';
import { progressOn } from '../progress.ts';
import { compare, formatCompared } from './against/compare.ts';
import { COMPARISONS } from './against/comparisons.ts';
import { buildCommit } from './against/work-tree.ts';
import type { CaseResult, Effort } from './case.ts';
import { CASES } from './cases/all.ts';
import { judge } from './goals.ts';
import { formatMachine, thisMachine } from './machine.ts';
import { BENCH_DIRECTORY, installPeers } from './peers.ts';
import { plot } from './plot.ts';
import { formatCase, formatVerdicts } from './report.ts';

const ROUNDS = 9;
const ROUNDS_AGAINST = 15;

const USAGE = `npm run bench -- [options]

  --case NAME      only this case, may be repeated: ${namesOf(CASES).join(' ')}
                   with --against: ${namesOf(COMPARISONS).join(' ')}
  --rounds N       rounds of each case (${ROUNDS}; with --against ${ROUNDS_AGAINST})
  --against REF    builds another commit, measures it and this one in turn, and says what is worse (status 1)
  --json FILE      write everything that was measured
  --plot           measure throughput over calls in flight, and draw docs/throughput.svg
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

/** @returns the exit status, EX_USAGE where it is not said */
function refuse(text: string, status = 64): number {
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
  const isAgainst = options.against !== undefined;
  const known = namesOf(isAgainst ? COMPARISONS : CASES);
  const unknown = options.case.find((name) => !known.includes(name));
  const rounds = Number(options.rounds ?? (isAgainst ? ROUNDS_AGAINST : ROUNDS));
  if (options.help) return refuse(USAGE, 0);
  if (unknown !== undefined) return refuse(`There is no case "${unknown}".\n${USAGE}`);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    return refuse(`--rounds takes a whole number from 1, not "${options.rounds}".\n${USAGE}`);
  }
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const effort = effortOf(options, rounds);
  if (options.against !== undefined) return await runAgainst(options.against, options, effort);
  if (!effort.isQuick && !options['no-install']) await installPeers();
  return await runCases(options, effort);
}

function effortOf({ quick: isQuick, rounds: given, profile }: Options, rounds: number): Effort {
  return {
    rounds: isQuick && given === undefined ? 1 : rounds,
    scale: isQuick ? 0.05 : 1,
    isQuick,
    options:
      profile === undefined ? {} : { nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${profile}`] },
  };
}

async function runCases(options: Options, effort: Effort): Promise<number> {
  const machine = await thisMachine();
  print(formatMachine(machine));
  if (options.plot) {
    const file = `${BENCH_DIRECTORY}../../docs/throughput.svg`;
    writeFileSync(file, await plot(effort));
    print(`drawn: ${file}\n`);
    if (options.case.length === 0) return 0;
  }
  const results = new Map<string, CaseResult>();
  for (const { name, run } of CASES) {
    if (options.case.length > 0 && !options.case.includes(name)) continue;
    progress.show(name);
    const result = await run(effort);
    results.set(name, result);
    print(formatCase(result));
  }
  const verdicts = judge(results);
  if (!effort.isQuick && verdicts.some(({ measured }) => measured !== undefined)) {
    print(formatVerdicts(verdicts));
  }
  const { rounds, isQuick } = effort;
  const cases = Object.fromEntries(results);
  writeJson(options, { machine, rounds, isQuick, cases, goals: verdicts });
  return 0;
}

/** @returns 1 when something is worse */
async function runAgainst(ref: string, options: Options, effort: Effort): Promise<number> {
  const machine = await thisMachine();
  print(formatMachine(machine));
  const onStep = (text: string): void => progress.show(text);
  const tree = await buildCommit(ref, onStep);
  try {
    const rows = await compare(tree.suite, effort, options.case, onStep);
    print(formatCompared(rows, tree.name));
    const { rounds, isQuick } = effort;
    writeJson(options, { machine, rounds, isQuick, against: tree.name, rows });
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
process.exitCode = await main().catch((error: unknown) => {
  progress.clear();
  return refuse(`${messageOf(error)}\n`, 1);
});
