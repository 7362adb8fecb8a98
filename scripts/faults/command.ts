import { checkInteger, COMMON_OPTIONS } from '../../shared/command-line/command.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { nativeFor } from '../../shared/port-sharing/machine/load-native.ts';
import type { Terminal } from '../../shared/command-line/terminal.ts';
import { FAULTS } from './catalogue.ts';
import { now } from './harness/clock.ts';
import { runScript, type Script } from '../command-line.ts';
import { describeMachine, nodeStartMs } from '../machine.ts';
import { seeded } from './harness/random.ts';
import type { Progress } from '../../shared/command-line/progress.ts';
import { today, writeResults } from '../write-results.ts';
import { formatPage, formatResult, formatTable, type Result, resultOf } from './report.ts';
import { checkNames, playAll } from './play.ts';
import { type Fault, Trial, type TrialOptions } from './trial.ts';

const PAGE = 'docs/reliability.md';

const OPTIONS = {
  ...COMMON_OPTIONS,
  rounds: { type: 'number', describe: "instead of each fault's own number" },
  seconds: { type: 'number', describe: 'for faults that take a time, instead of theirs' },
  seed: { type: 'number', default: 1, describe: 'the same seed makes the same calls' },
  write: {
    type: 'boolean',
    default: false,
    describe: `play all of them, and write the results into ${PAGE}`,
  },
  quick: {
    type: 'boolean',
    default: false,
    describe: 'a few seconds for each, on a machine that has other work',
  },
  transfer: {
    choices: ['hand-over', 'relay'],
    default: 'hand-over',
    describe: 'how connections get to services',
  },
  security: {
    choices: ['none', 'tls'],
    default: 'none',
    describe: 'how services are secured; with tls, only the faults that can be played over it',
  },
} as const;

const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run faults --',
  usage: `$0 [faults..]\n\nInjects faults into real processes under load, and checks what is promised. All of them when none is named: ${FAULTS.map(({ name }) => name).join(', ')}.`,
  examples: [['$0 kill-daemon --rounds 10', 'one of them']],
  options: OPTIONS,
  exitStatuses:
    'Exit status: 0 if every promise was kept, 1 if one was broken, 64 for a wrong option, 130 if it was stopped.',
  takesWords: true,
};

/** The trial in progress, so that it can be ended at once. */
export let current: Trial | undefined;

/** Injects faults, and reports which promises were kept. @returns 1 if one was broken */
export function run(
  argv: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
  progress: Progress,
): Promise<number> {
  return runScript(argv, terminal, SCRIPT, async (options) => {
    const wanted = options._.map(String);
    checkNames(wanted, FAULTS);
    const { quick, transfer, security, rounds, seconds, json, write } = options;
    if (write && (wanted.length > 0 || quick)) {
      throw new NetTcpError('Usage', '--write is for a whole run: no names of faults, no --quick.');
    }
    if (write && security === 'tls') {
      throw new NetTcpError('Usage', '--write is for a whole run: no --security.');
    }
    const seed = checkInteger('--seed', options.seed, 0, 0xffff_ffff);
    if (rounds !== undefined) checkInteger('--rounds', rounds, 1, 100_000);
    if (seconds !== undefined) checkInteger('--seconds', seconds, 1, 86_400);
    const all = security === 'none' ? FAULTS : FAULTS.filter(({ isSecurable }) => isSecurable);
    const other = wanted.find((name) => all.every((fault) => fault.name !== name));
    if (other !== undefined) {
      const names = all.map(({ name }) => name).join(', ');
      throw new NetTcpError('Usage', `"${other}" is not played over TLS. There are: ${names}.`);
    }
    const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    const machine = describeMachine();
    const how = { quick, transfer, security, rounds, seconds, seed };
    const show = { terminal, progress, json, format: formatResult };
    const results = await playAll(chosen, (fault) => play(fault, how, stop), stop, machine, show);
    if (results === undefined) return 130;
    if (!json && results.length > 1) for (const line of formatTable(results)) terminal.out(line);
    if (write) {
      const place = {
        page: PAGE,
        title: 'Reliability',
        name: transfer === 'relay' ? transfer : undefined,
      };
      await writeResults(
        place,
        formatPage(results, `Measured on ${today()}: ${machine}; seed ${seed}.`),
      );
      progress.clear();
      terminal.out(`written: ${PAGE}`);
    }
    return results.some(({ kept }) => kept === false) ? 1 : 0;
  });
}

async function play(fault: Fault, options: TrialOptions, stop: AbortSignal): Promise<Result> {
  const nodeMsBefore = await nodeStartMs();
  const begunAt = now();
  const trial = new Trial(options, seeded(options.seed));
  current = trial;
  let onAbort = (): void => {};
  const aborted = new Promise<void>((resolve) => (onAbort = resolve));
  stop.addEventListener('abort', onAbort);
  try {
    trial.skipped = await missingHere(options);
    if (trial.skipped === undefined) await Promise.race([fault.play(trial), aborted]);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    trial.promise('the fault can be played to its end', false, text);
  } finally {
    stop.removeEventListener('abort', onAbort);
    await trial.close();
    current = undefined;
  }
  const seconds = (now() - begunAt) / 1_000;
  const nodeMs = [nodeMsBefore, await nodeStartMs()].map((ms) => ms.toFixed(0));
  trial.notes.push(
    `Node alone took ${nodeMs[0]} ms to start before this, ${nodeMs[1]} ms after it`,
  );
  return resultOf(fault, trial, seconds);
}

/** Why no fault can be played on this machine, or `undefined`. */
async function missingHere({ transfer }: TrialOptions): Promise<string | undefined> {
  if (process.platform === 'win32') return 'there are no signals and no Unix sockets here';
  const isMissing = transfer === 'hand-over' && (await nativeFor('')) === undefined;
  return isMissing ? 'koffi cannot be loaded here; --transfer relay can be tried' : undefined;
}
