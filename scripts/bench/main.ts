// npm run bench -- [--case NAME]… [--json FILE] [--quick] [--plot] [--profile DIRECTORY]
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../../shared/errors.ts';
import type { CaseResult, Effort } from './case.ts';
import { CASES } from './cases/all.ts';
import { judge } from './goals.ts';
import { formatMachine, thisMachine } from './machine.ts';
import { BENCH_DIRECTORY, installPeers } from './peers.ts';
import { plot } from './plot.ts';
import { formatCase, formatVerdicts } from './report.ts';

const USAGE = `npm run bench -- [options]

  --case NAME      only this case, may be repeated: ${CASES.map(({ name }) => name).join(' ')}
  --rounds N       rounds of each case (9)
  --json FILE      write everything that was measured
  --plot           measure throughput over calls in flight, and draw scripts/bench/throughput.svg
  --profile DIR    write CPU profiles of all processes there
  --quick          a short form that shows that everything runs; its numbers say nothing
  --no-install     leave out what is not installed
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '9' },
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

/** @returns the exit status, EX_USAGE where it is not said */
function refuse(text: string, status = 64): number {
  process.stderr.write(text);
  return status;
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    return refuse(`${messageOf(error)}\n${USAGE}`);
  }
  const unknown = options.case.find((name) => CASES.every((one) => one.name !== name));
  const rounds = Number(options.rounds);
  if (options.help) return refuse(USAGE, 0);
  if (unknown !== undefined) return refuse(`There is no case "${unknown}".\n${USAGE}`);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    return refuse(`--rounds takes a whole number from 1, not "${options.rounds}".\n${USAGE}`);
  }
  const isQuick = options.quick;
  if (!isQuick && !options['no-install']) installPeers();
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const effort: Effort = {
    rounds: isQuick ? 1 : rounds,
    scale: isQuick ? 0.05 : 1,
    isQuick,
    options:
      options.profile === undefined
        ? {}
        : { execArgv: ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] },
  };

  const machine = thisMachine();
  print(formatMachine(machine));
  if (options.plot) {
    const file = `${BENCH_DIRECTORY}throughput.svg`;
    writeFileSync(file, await plot(effort));
    print(`drawn: ${file}\n`);
    if (options.case.length === 0) return 0;
  }
  const results = new Map<string, CaseResult>();
  for (const { name, run } of CASES) {
    if (options.case.length > 0 && !options.case.includes(name)) continue;
    const result = await run(effort);
    results.set(name, result);
    print(formatCase(result));
  }
  const verdicts = judge(results);
  if (!isQuick && verdicts.some(({ measured }) => measured !== undefined)) {
    print(formatVerdicts(verdicts));
  }
  if (options.json !== undefined) {
    const all = { machine, rounds, isQuick, cases: Object.fromEntries(results), goals: verdicts };
    writeFileSync(options.json, `${JSON.stringify(all, undefined, 2)}\n`);
  }
  return 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main();
