/**
 * Runs real WCF clients against our service, our client against real WCF services, and the peers among
 * themselves, and prints what came of each pairing and scenario.
 *
 *   npm run interop -- [--require PEER]... [--client NAME] [--service NAME] [--mode NAME] [--scenario NAME] [--record]
 *
 * Exit status 1 when a scenario deviates from what it must give, 2 when a required peer is missing.
 */
import { parseArgs } from 'node:util';
import chalk from 'chalk';
import {
  deviations,
  forOurs,
  readExpectation,
  writeExpectations,
} from '../test/interop/expected.ts';
import { findPeers, type Peer } from '../test/interop/peers.ts';
import type { ClientRun } from '../test/interop/processes.ts';
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

  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const pairing of pairingsOf(peers).filter(isWanted)) await runPairing(pairing, counts);
  const { passed, failed, skipped } = counts;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 ? 1 : 0;
}

/** Every client with every service, except ours with ours. */
function pairingsOf(peers: readonly Peer[]): Pairing[] {
  const services: [ServiceKind, Peer | undefined][] = [['book', undefined]];
  for (const peer of peers.filter((each) => each.service !== undefined)) {
    if (peer.name === 'mono') services.push(['mono', peer]);
    if (peer.name === 'ours') services.push(['ours', peer], ['ours-shared', peer]);
  }
  const pairings: Pairing[] = [];
  for (const client of peers.filter((each) => each.client !== undefined)) {
    for (const [service, servicePeer] of services) {
      if (client.name === 'ours' && service.startsWith('ours')) continue;
      for (const streamed of [false, true]) {
        pairings.push({ client, service, servicePeer, streamed });
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

async function runPairing(pairing: Pairing, counts: Counts): Promise<void> {
  const { client, service, streamed } = pairing;
  const runs = new Map<string, ClientRun>();
  for (const scenario of SCENARIOS) {
    if ((options.scenario ?? scenario.name) !== scenario.name) continue;
    if (service === 'book' && !scenario.isInBook) continue;
    const title = `${client.name} → ${service}`.padEnd(24) + modeOf(streamed).padEnd(10);
    const line = `${title}${scenario.name.padEnd(20)}`;
    const reason = reasonToSkip(scenario, pairing);
    if (reason !== undefined) {
      counts.skipped++;
      console.log(`${line}${chalk.yellow('skipped')}: ${reason}`);
      continue;
    }
    const { found, note, run } = await judge(scenario, pairing);
    counts[found.length === 0 ? 'passed' : 'failed']++;
    console.log(`${line}${found.length === 0 ? chalk.green('ok') : chalk.red('deviation')}${note}`);
    for (const each of found) console.log(`    ${each}`);
    if (run !== undefined) runs.set(keyOf(scenario, streamed), run);
  }
  const isReference = service === 'book' || service === 'mono';
  if (options.record && isReference && runs.size > 0) {
    const reference = referenceOf(service);
    const serviceVersion =
      service === 'book' ? 'by the book' : (pairing.servicePeer?.version ?? '');
    // Random calls are checked by the client, bit by bit; there is nothing to remember.
    for (const name of ['random', 'random streamed']) runs.delete(name);
    const versions = { client: client.version, service: serviceVersion };
    await writeExpectations({ client: client.name, service: reference }, versions, runs);
  }
}

async function judge(
  scenario: Scenario,
  pairing: Pairing,
): Promise<{ found: string[]; note: string; run?: ClientRun }> {
  try {
    const run = await runScenario(scenario, pairing);
    const reference = referenceOf(pairing.service);
    const key = keyOf(scenario, pairing.streamed);
    const recorded = options.record
      ? undefined
      : readExpectation(pairing.client.name, reference, key);
    const expected = pairing.service.startsWith('ours') ? forOurs(recorded) : recorded;
    return { found: deviations(run, expected), note: noteOf(run, expected !== undefined), run };
  } catch (error) {
    return { found: [error instanceof Error ? error.message : String(error)], note: '' };
  }
}

/** Our service is compared with WCF's. */
function referenceOf(service: ServiceKind): 'wcf' | 'mono' {
  return service === 'mono' ? 'mono' : 'wcf';
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
  return chalk.dim(`  ${calls}${zero}${isCompared ? ', as recorded' : ''}`);
}
