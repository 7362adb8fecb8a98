/**
 * Runs real WCF clients against our service and our client against real WCF services, and prints what came
 * of each pairing and scenario, and after how many seconds.
 *
 *   npm run interop -- [--require PEER]... [--client NAME] [--service NAME] [--mode NAME] [--scenario NAME]
 *                      [--at-a-time COUNT] [--peers] [--record]
 *
 * `--peers` also runs the peers among themselves: they say what the product is compared with.
 *
 * Exit status 1 when a scenario deviates from what it must give, 2 when a required peer is missing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import chalk from 'chalk';
import {
  deviations,
  forOurs,
  readExpectation,
  writeExpectations,
} from '../test/interop/expected.ts';
import { limiter } from '../test/interop/limiter.ts';
import { findPeers, type Peer } from '../test/interop/peers.ts';
import type { ClientRun } from '../test/interop/processes.ts';
import { checkReadme } from '../test/interop/readme.ts';
import { ROUTED_SCENARIOS, runRouted } from '../test/interop/routed.ts';
import {
  reasonToSkip,
  runScenario,
  SCENARIOS,
  type Pairing,
  type Scenario,
  type ServiceKind,
} from '../test/interop/scenarios.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const { values: options } = parseArgs({
  options: {
    require: { type: 'string', multiple: true, default: [] },
    client: { type: 'string' },
    service: { type: 'string' },
    mode: { type: 'string' },
    scenario: { type: 'string' },
    /** Scenarios that run at the same time: many wait, most of the time. */
    'at-a-time': { type: 'string', default: String(availableParallelism() + 1) },
    peers: { type: 'boolean', default: false },
    /** Writes expected/ anew for the services that are no product of ours. */
    record: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const { peers, missing } = await findPeers();
  for (const peer of peers) console.log(`${peer.name.padEnd(13)}${peer.version}`);
  for (const { name, reason } of missing) console.log(`${name.padEnd(13)}skipped: ${reason}`);
  const absent = options.require.filter((name) => peers.every((peer) => peer.name !== name));
  if (absent.length > 0) {
    console.error(`interop: required, but not to be had: ${absent.join(', ')}`);
    return 2;
  }

  // Services that share a port have a daemon of their own, which ends soon after them.
  const directory = await mkdtemp(join(tmpdir(), 'interop-'));
  process.env['NET_TCP_PORT_SHARING_DIR'] = directory;
  process.env['NET_TCP_PORT_SHARING_LIMITS'] = 'idleExitMs=500';
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const started = performance.now();
  try {
    await runAll(pairingsOf(peers).filter(isWanted), counts);
    if (isReadmeWanted(peers)) await judgeReadme(counts);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
  const { passed, failed, skipped } = counts;
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
  return failed > 0 ? 1 : 0;
}

/** Every client with every service, except ours with ours; peers among themselves where that is asked for. */
function pairingsOf(peers: readonly Peer[]): Pairing[] {
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

function isWanted({ client, service, streamed }: Pairing): boolean {
  return (
    (options.client ?? client.name) === client.name &&
    (options.service ?? service) === service &&
    (options.mode ?? modeOf(streamed)) === modeOf(streamed)
  );
}

function isReadmeWanted(peers: readonly Peer[]): boolean {
  const { client, service, mode, scenario, record: isRecording } = options;
  const isPart = [client, service, mode].some((each) => each !== undefined) || isRecording;
  return (
    peers.some(({ name }) => name === 'mono') && !isPart && (scenario ?? 'readme') === 'readme'
  );
}

async function judgeReadme(counts: Counts): Promise<void> {
  const started = performance.now();
  const found = await checkReadme();
  const seconds = (performance.now() - started) / 1_000;
  print("README's C# ↔ ours".padEnd(54), { found, note: '2 calls', seconds }, counts);
}

/** Some at a time; what came of them is printed in order. */
async function runAll(pairings: readonly Pairing[], counts: Counts): Promise<void> {
  const inTurn = limiter(Number(options['at-a-time']));
  const jobs = pairings.map((pairing) => ({
    pairing,
    scenarios: scenariosOf(pairing).map((scenario) => {
      const reason = reasonToSkip(scenario, pairing);
      return { scenario, outcome: reason ?? inTurn(() => judgeFairly(scenario, pairing)) };
    }),
  }));
  for (const { pairing, scenarios } of jobs) {
    const runs = new Map<string, ClientRun>();
    for (const { scenario, outcome } of scenarios) {
      const { run } = print(titleOf(pairing, scenario), await outcome, counts);
      if (run !== undefined) runs.set(keyOf(scenario, pairing.streamed), run);
    }
    if (options.record) await record(pairing, runs);
  }
}

function scenariosOf({ service }: Pairing): readonly Scenario[] {
  const all = service === 'routed' ? ROUTED_SCENARIOS : SCENARIOS;
  return all.filter(
    ({ name, isInBook }) => (options.scenario ?? name) === name && (service !== 'book' || isInBook),
  );
}

function titleOf({ client, service, streamed }: Pairing, { name }: Scenario): string {
  const pairing = `${client.name} → ${service}`.padEnd(24);
  return pairing + modeOf(streamed).padEnd(10) + name.padEnd(20);
}

/** @param outcome a string is the reason why it was skipped */
function print(title: string, outcome: Outcome | string, counts: Counts): { run?: ClientRun } {
  if (typeof outcome === 'string') {
    counts.skipped++;
    console.log(`${title}${chalk.yellow('skipped')}: ${outcome}`);
    return {};
  }
  const { found } = outcome;
  const isRight = found.length === 0;
  counts[isRight ? 'passed' : 'failed']++;
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

interface Outcome {
  /** What is not as it must be. */
  readonly found: readonly string[];
  readonly note: string;
  readonly seconds: number;
  readonly run?: ClientRun;
}

/** Mono's service now and then leaves a new connection unanswered, whoever the client is: it may try twice. */
async function judgeFairly(scenario: Scenario, pairing: Pairing): Promise<Outcome> {
  const first = await judge(scenario, pairing);
  if (first.found.length === 0 || pairing.servicePeer?.name !== 'mono') return first;
  const second = await judge(scenario, pairing);
  return { ...second, note: `${second.note}, second try` };
}

async function judge(scenario: Scenario, pairing: Pairing): Promise<Outcome> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1_000;
  try {
    const run = await (pairing.service === 'routed' ? runRouted : runScenario)(scenario, pairing);
    const reference = referenceOf(pairing.service);
    const key = keyOf(scenario, pairing.streamed);
    const recorded = options.record
      ? undefined
      : readExpectation(pairing.client.name, reference, key);
    const expected = pairing.service.startsWith('ours') ? forOurs(recorded) : recorded;
    const note = noteOf(run, expected !== undefined);
    return { found: deviations(run, expected), note, seconds: seconds(), run };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { found: [why], note: '', seconds: seconds() };
  }
}

/** Our service is compared with WCF's. */
function referenceOf(service: ServiceKind): 'wcf' | 'mono' | 'routed' {
  return service === 'mono' || service === 'routed' ? service : 'wcf';
}

function modeOf(streamed: boolean): string {
  return streamed ? 'streamed' : 'buffered';
}

function keyOf(scenario: Scenario, streamed: boolean): string {
  return streamed ? `${scenario.name} streamed` : scenario.name;
}

function noteOf(run: ClientRun, isCompared: boolean): string {
  const sum = (member: string): number =>
    run.results.reduce((total, result) => total + Number(result[member] ?? 0), 0);
  const calls = `${sum('calls')} calls`;
  const isRandom = run.results.some((result) => result.scenario === 'random');
  const zero = isRandom ? `, ${sum('zeroSign')} without the sign of a zero` : '';
  return `${calls}${zero}${isCompared ? ', as recorded' : ''}`;
}
