// npm run interop: see interop/options.ts.
import { sleep } from '../shared/time.ts';
import chalk from 'chalk';
import { writeExpectations } from '../test/interop/expected.ts';
import { checkExamples } from '../test/interop/examples.ts';
import { limiter } from '../test/interop/limiter.ts';
import { findPeers, type Peer } from '../test/interop/peers.ts';
import { judge, keyOf, type Outcome, referenceOf } from '../test/interop/outcome.ts';
import type { ClientRun } from '../test/interop/processes.ts';
import type { Proof } from '../test/interop/secured/proofs.ts';
import { proveSecurity } from '../test/interop/secured/prove.ts';
import { ROUTED_SCENARIOS } from '../test/interop/routed.ts';
import {
  reasonToSkip,
  SCENARIOS,
  type Pairing,
  type Scenario,
  type ServiceKind,
} from '../test/interop/scenarios.ts';
import { modeOf, Tally } from '../test/interop/tally.ts';
import { startScript } from './command-line.ts';
import { checkOptions, type Options, PAGE, SCRIPT } from './interop/options.ts';
import { describeMachine } from './machine.ts';
import { progressOn } from '../shared/command-line/progress.ts';
import { removeDirectory, temporaryDirectory } from './temporary.ts';
import { today, writeResults } from './write-results.ts';

const DAEMON_ENDS_MS = 700;
const progress = progressOn();
const tally = new Tally();

await startScript(SCRIPT, main);

async function main(options: Options): Promise<number> {
  checkOptions(options);
  progress.show('looking for peers, and building them');
  const { peers, missing } = await findPeers();
  progress.clear();
  for (const peer of peers) console.log(`${peer.name.padEnd(13)}${peer.version}`);
  for (const { name, reason } of missing) console.log(`${name.padEnd(13)}skipped: ${reason}`);
  const absent = options.require.filter((name) => peers.every((peer) => peer.name !== name));
  if (absent.length > 0) {
    console.error(`interop: required, but not to be had: ${absent.join(', ')}`);
    return 2;
  }

  // Services that share a port use a daemon of this run, which ends soon after them.
  const directory = temporaryDirectory();
  process.env['NET_TCP_PORT_SHARING_DIR'] = directory;
  process.env['NET_TCP_PORT_SHARING_LIMITS'] = 'idleExitMs=500';
  const started = performance.now();
  try {
    await runAll(
      pairingsOf(peers, options).filter((pairing) => isWanted(pairing, options)),
      options,
    );
    if (isWhole('examples', options)) await judgeExamples(peers);
    if (isWhole('security', options)) await proveSecurity(printProof);
  } finally {
    // The daemon ends soon, and logs that.
    await sleep(DAEMON_ENDS_MS);
    removeDirectory(directory);
  }
  if (options.write) {
    const about = `Run on ${today()}: ${describeMachine()}.`;
    await writeResults({ page: PAGE, title: 'WCF' }, tally.format(about, peers, missing));
    console.log(`written: ${PAGE}`);
  }
  const { passed, failed, skipped } = tally.counts;
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
  return failed > 0 ? 1 : 0;
}

/** Every client with every service, except ours with ours; peers among themselves only on request. */
function pairingsOf(peers: readonly Peer[], options: Options): Pairing[] {
  const services: [ServiceKind, Peer | undefined][] = [['book', undefined]];
  for (const peer of peers.filter((each) => each.service !== undefined)) {
    if (peer.name === 'mono') services.push(['mono', peer], ['routed', peer]);
    if (peer.name === 'ours') services.push(['ours', peer], ['ours-shared', peer]);
  }
  const pairings: Pairing[] = [];
  for (const client of peers.filter((each) => each.client !== undefined)) {
    for (const [service, servicePeer] of services) {
      const ours = [client.name, service].filter((name) => name.startsWith('ours')).length;
      const isAmongPeers = ours === 0 && service !== 'routed';
      if (ours > 1 || (isAmongPeers && !(options.peers || options.record))) continue;
      const neighbour =
        service === 'routed' ? peers.find(({ name }) => name === 'ours') : undefined;
      for (const streamed of [false, true]) {
        pairings.push({ client, service, servicePeer, neighbour, streamed });
      }
    }
  }
  return pairings;
}

function isWanted({ client, service, streamed }: Pairing, options: Options): boolean {
  return (
    (options.client ?? client.name) === client.name &&
    (options.service ?? service) === service &&
    (options.mode ?? modeOf(streamed)) === modeOf(streamed)
  );
}

/** Whether a part without pairings runs: in a whole run, or when it is asked for as if it were a scenario. */
function isWhole(part: 'examples' | 'security', options: Options): boolean {
  const { client, service, mode, scenario, record: isRecording } = options;
  const isPart = [client, service, mode].some((each) => each !== undefined) || isRecording;
  return !isPart && (scenario ?? part) === part;
}

async function judgeExamples(peers: readonly Peer[]): Promise<void> {
  for (const compiler of ['mono', 'dotnet'] as const) {
    if (peers.every(({ name }) => name !== compiler)) continue;
    const started = performance.now();
    const found = await checkExamples(compiler);
    const seconds = (performance.now() - started) / 1_000;
    const note = compiler === 'mono' ? '4 calls' : '2 calls';
    print(`C# of docs/examples, ${compiler}`.padEnd(54), { found, note, seconds });
  }
}

function printProof({ name, outcome, detail, seconds }: Proof): void {
  if (outcome === 'skipped') return void print(name.padEnd(86), detail);
  print(name.padEnd(86), { found: outcome === 'held' ? [] : [detail], note: '', seconds });
}

/** Runs some at a time, and prints the results in order. */
async function runAll(pairings: readonly Pairing[], options: Options): Promise<void> {
  const inTurn = limiter(options.atATime);
  let begun = 0;
  const play = async (scenario: Scenario, pairing: Pairing): Promise<Outcome> => {
    begun += 1;
    progress.show(`scenario ${begun}: ${titleOf(pairing, scenario)}`);
    return await judge(scenario, pairing, options.record);
  };
  const jobs = pairings.map((pairing) => ({
    pairing,
    scenarios: scenariosOf(pairing, options).map((scenario) => {
      const reason = reasonToSkip(scenario, pairing);
      return { scenario, outcome: reason ?? inTurn(() => play(scenario, pairing)) };
    }),
  }));
  for (const { pairing, scenarios } of jobs) {
    const runs = new Map<string, ClientRun>();
    for (const { scenario, outcome } of scenarios) {
      const { run } = print(titleOf(pairing, scenario), await outcome, pairing);
      if (run !== undefined) runs.set(keyOf(scenario, pairing.streamed), run);
    }
    if (options.record) await record(pairing, runs);
  }
}

function scenariosOf({ service }: Pairing, options: Options): readonly Scenario[] {
  const all = service === 'routed' ? ROUTED_SCENARIOS : SCENARIOS;
  return all.filter(
    ({ name, isInBook }) => (options.scenario ?? name) === name && (service !== 'book' || isInBook),
  );
}

function titleOf({ client, service, streamed }: Pairing, { name }: Scenario): string {
  const pairing = `${client.name} → ${service}`.padEnd(24);
  return pairing + modeOf(streamed).padEnd(10) + name.padEnd(20);
}

/** @param outcome a string says why it was skipped */
function print(
  title: string,
  outcome: Outcome | string,
  pairing?: Pairing,
): { readonly run?: ClientRun } {
  progress.clear();
  if (typeof outcome === 'string') {
    tally.add('skipped', pairing, outcome);
    console.log(`${title}${chalk.yellow('skipped')}: ${outcome}`);
    return {};
  }
  const { found } = outcome;
  const isRight = found.length === 0;
  tally.add(isRight ? 'passed' : 'failed', pairing);
  const seconds = `${outcome.seconds.toFixed(1).padStart(5)} s`;
  const word = isRight ? chalk.green('ok       ') : chalk.red('deviation');
  console.log(`${title}${word}${chalk.dim(`${seconds}  ${outcome.note}`)}`);
  for (const each of found) console.log(`    ${each}`);
  return outcome;
}

async function record(
  { client, service, servicePeer }: Pairing,
  runs: Map<string, ClientRun>,
): Promise<void> {
  // Random calls are checked by the client, bit by bit; there is nothing to remember.
  for (const name of ['random', 'random streamed']) runs.delete(name);
  if (service.startsWith('ours') || runs.size === 0) return;
  const versions = { client: client.version, service: servicePeer?.version ?? 'by the book' };
  await writeExpectations({ client: client.name, service: referenceOf(service) }, versions, runs);
}
