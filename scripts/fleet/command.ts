import { COMMON_OPTIONS } from '../../shared/command-line/command.ts';
import type { Terminal } from '../../shared/command-line/terminal.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { fired } from '../../shared/time.ts';
import { now } from '../faults/harness/clock.ts';
import { checkNames, playAll } from '../faults/play.ts';
import { runScript, type Script } from '../command-line.ts';
import { describeMachine } from '../machine.ts';
import type { Progress } from '../../shared/command-line/progress.ts';
import { today, writeResults } from '../write-results.ts';
import { FLEET_FAULTS } from './catalogue.ts';
import { missingPrograms } from './programs.ts';
import { type FleetResult, formatPage, formatResult, formatTable } from './report.ts';
import { runScale } from './scale/command.ts';
import { Fleet } from './stage/fleet.ts';
import { namespacesMissing } from './stage/network.ts';
import { FleetTrial, said, type SaidFault } from './trial.ts';

const PAGE = { page: 'docs/fleet.md', title: 'One address for many machines', name: 'faults' };

const OPTIONS = {
  ...COMMON_OPTIONS,
  only: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'one fault, by its name; may be repeated',
  },
  list: { type: 'boolean', default: false, describe: 'say which faults there are' },
  short: {
    type: 'boolean',
    default: false,
    describe: 'a minute or so: without those that take long',
  },
  scale: {
    type: 'boolean',
    default: false,
    describe: 'measure one front of a large fleet, whose machines are only documents',
  },
  machines: { type: 'number', default: 10_000, describe: 'with --scale: how many' },
  paths: { type: 'number', default: 1_000_000, describe: 'with --scale: of all' },
  write: {
    type: 'boolean',
    default: false,
    describe: `play all of them, or measure, and write the results into ${PAGE.page}`,
  },
} as const;

const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run fleet --',
  usage:
    '$0 [options]\n\nThree machines, two fronts, a registry and callers, in network namespaces: plays what can happen to them, and checks what is promised.',
  examples: [['$0 --short', 'what takes a minute or so']],
  options: OPTIONS,
  exitStatuses:
    'Exit status: 0 if every promise was kept, or where no fleet can be made; 1 if one was broken, 64 for a wrong option, 130 if it was stopped.',
};

/**
 * Plays what can happen to a fleet, and reports which promises were kept.
 *
 * @returns exit status: 1 if one was broken; 0 also where no fleet can be made, which it says
 */
export function run(
  argv: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
  progress: Progress,
): Promise<number> {
  return runScript(argv, terminal, SCRIPT, async (options) => {
    const { json, short, only, list, write, scale } = options;
    if (list) {
      for (const fault of FLEET_FAULTS) {
        const { name, does, isLong } = said(fault, short);
        if (json) terminal.out(JSON.stringify({ name, does, isShort: isLong !== true }));
        else terminal.out(`${name}: ${does}${isLong === true ? ' (not with --short)' : ''}`);
      }
      return 0;
    }
    if (write && (short || only.length > 0)) {
      throw new NetTcpError('Usage', '--write is for a whole run: no --only, no --short.');
    }
    if (scale) {
      if (short || only.length > 0) {
        throw new NetTcpError('Usage', '--scale plays no faults: no --only, no --short.');
      }
      return await runScale(options, terminal, progress);
    }
    const chosen = choose(only, short);
    const missing = await missingHere();
    if (missing !== undefined) {
      terminal.err(`No fleet can be made here, and nothing was played: ${missing}.`);
      return 0;
    }
    const machine = describeMachine();
    const stage = new Stage(stop, short);
    const show = { terminal, progress, json, format: formatResult };
    let results: readonly FleetResult[] | undefined;
    try {
      results = await playAll(chosen, (fault) => play(stage, fault, short), stop, machine, show);
    } finally {
      progress.show('everything is removed');
      await stage.close();
      progress.clear();
    }
    if (results === undefined) return 130;
    if (!json && results.length > 1) for (const line of formatTable(results)) terminal.out(line);
    if (write) {
      await writeResults(PAGE, formatPage(results, `Measured on ${today()}: ${machine}.`));
      terminal.out(`written: ${PAGE.page}`);
    }
    return results.every(({ kept }) => kept) ? 0 : 1;
  });
}

/** @throws {NetTcpError} `Usage` for a name that nothing has */
function choose(only: readonly string[], isShort: boolean): readonly SaidFault[] {
  const all = FLEET_FAULTS.map((fault) => said(fault, isShort));
  checkNames(only, all);
  if (only.length > 0) return all.filter(({ name }) => only.includes(name));
  return all.filter(({ isLong }) => !isShort || isLong !== true);
}

async function missingHere(): Promise<string | undefined> {
  return (await missingPrograms()) ?? (await namespacesMissing());
}

/** One fleet for fault after fault; another one once a promise was broken: what is left of it would tell nothing. */
class Stage {
  readonly #stop: AbortSignal;
  readonly #isShort: boolean;
  #fleet: Fleet | undefined;

  constructor(stop: AbortSignal, isShort: boolean) {
    this.#stop = stop;
    this.#isShort = isShort;
  }

  async fleet(): Promise<Fleet> {
    if (this.#fleet === undefined) {
      this.#fleet = await Fleet.create(this.#isShort);
      await this.#fleet.call();
    }
    return this.#fleet;
  }

  /** What `work` gives, or nothing once this is to stop: what it has begun ends with the fleet. */
  async untilStopped(work: Promise<void>): Promise<void> {
    await Promise.race([work, fired(this.#stop)]);
  }

  async close(): Promise<void> {
    const fleet = this.#fleet;
    this.#fleet = undefined;
    await fleet?.close();
  }
}

async function play(stage: Stage, fault: SaidFault, isShort: boolean): Promise<FleetResult> {
  const begunAt = now();
  const trial = new FleetTrial(await stage.fleet(), isShort);
  try {
    await stage.untilStopped(fault.play(trial).then(() => trial.fleet.steady()));
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    trial.promise('the fault can be played to its end', false, text);
  }
  trial.promiseNothingWrong();
  const kept = trial.verdicts.every(({ isKept }) => isKept);
  if (!kept) await stage.close();
  const { before, during, verdicts, notes } = trial;
  const seconds = Math.round((now() - begunAt) / 100) / 10;
  return {
    fault: fault.name,
    does: fault.does,
    seconds,
    kept,
    before,
    during,
    promises: verdicts,
    notes,
  };
}
