import { freePort } from '../../scripts/free-port.ts';
import { startBookService } from './by-the-book/service.ts';
import { countConnections } from './connections.ts';
import {
  runPeerClient,
  startPeerClient,
  startPeerService,
  type ClientRun,
  type RunningService,
} from './processes.ts';
import { RANDOM_CALLS, type Pairing, type Scenario } from './scenarios.ts';

/** Mono answers a session 20 times a second; so many of its services take their share of the calls. */
const MONO_SERVICES = 12;
/** Second and third address of the scenario `pool`: one below the first, one beside it. */
const POOL_PATHS = ['/interop/second', '/third'];
const PATH = '/interop';
/** Seconds that a client waits: enough for a busy machine, and what each unanswered call costs. */
const TIMEOUT_S = 8;
/** Mono's service leaves about half of the connections unanswered that come behind a session which went wrong. */
const MONO_OPEN_TRIES = 6;

/** Starts the service, runs the scenario, ends the service. */
export async function runScenario(scenario: Scenario, pairing: Pairing): Promise<ClientRun> {
  if (scenario.name === 'random' && pairing.service === 'mono') return runSpread(scenario, pairing);
  const paths = scenario.name === 'pool' ? [PATH, ...POOL_PATHS] : [PATH];
  const services = await startServices(scenario, pairing, paths);
  const [service] = services;
  if (service === undefined) throw new Error('no service');
  const { port } = new URL(service.address.replace('net.tcp:', 'http:'));
  const more = paths.slice(1).map((path) => `net.tcp://localhost:${port}${path}`);
  const options = {
    timeoutS: TIMEOUT_S,
    ...scenario.client,
    streamed: pairing.streamed,
    ...(pairing.service === 'mono' && pairing.client.name === 'ours'
      ? { openTries: MONO_OPEN_TRIES }
      : {}),
  };
  const start = (words: readonly string[]): ReturnType<typeof startPeerClient> =>
    startPeerClient(pairing.client, service.address, words, options);
  try {
    const words = [...scenario.words(pairing), ...more];
    // Mono's client makes a connection for each address and session, whoever the service is.
    if (scenario.name === 'pool' && pairing.client.name !== 'mono') {
      return await onOneConnection(Number(port), start(words).done);
    }
    return await (scenario.drive?.({ service, start }) ?? start(words).done);
  } finally {
    await Promise.all(services.map((each) => each.kill()));
  }
}

/** Adds to what a client with a pool reports whether one connection carried all its sessions, with every service. */
async function onOneConnection(port: number, done: Promise<ClientRun>): Promise<ClientRun> {
  const count = countConnections(port);
  const run = await done.finally(() => count.stop());
  const connections = count.stop();
  if (connections === undefined) return run;
  const result = {
    scenario: 'pool',
    part: 'connections',
    ok: connections === 1,
    calls: 0,
    exception: null,
    connections,
  };
  return { ...run, results: [...run.results, result] };
}

async function startServices(
  scenario: Scenario,
  { service, servicePeer, streamed }: Pairing,
  paths: readonly string[],
): Promise<readonly RunningService[]> {
  if (servicePeer === undefined) {
    const { details = false, receiveTimeoutS } = scenario.service ?? {};
    const receiveTimeoutMs = receiveTimeoutS === undefined ? undefined : receiveTimeoutS * 1000;
    return [
      await startBookService({
        paths,
        details,
        ...(receiveTimeoutMs === undefined ? {} : { receiveTimeoutMs }),
      }),
    ];
  }
  const port = await freePort();
  const addresses = paths.map((path) => `net.tcp://localhost:${port}${path}`);
  const options = { ...scenario.service, streamed };
  if (service !== 'ours-shared') {
    return [await startPeerService(servicePeer, { ...options, addresses })];
  }
  // Each its own process: that is what a port is shared for.
  const services: RunningService[] = [];
  for (const address of addresses) {
    const shared = { ...options, shared: true, addresses: [address] };
    services.push(await startPeerService(servicePeer, shared));
  }
  return services;
}

/** The random calls, each share with a service, a client and a seed of its own. */
async function runSpread(scenario: Scenario, pairing: Pairing): Promise<ClientRun> {
  const share = String(Math.ceil(RANDOM_CALLS / MONO_SERVICES));
  const one = async (seed: number): Promise<ClientRun> => {
    const [service] = await startServices(scenario, pairing, [PATH]);
    if (service === undefined) throw new Error('no service');
    try {
      const words = ['random', share, String(seed)];
      const options = { streamed: pairing.streamed };
      return await runPeerClient(pairing.client, service.address, words, options);
    } finally {
      await service.kill();
    }
  };
  const runs = await Promise.all(Array.from({ length: MONO_SERVICES }, (_, seed) => one(seed)));
  return {
    results: runs.flatMap((run) => run.results),
    text: [],
    exitCode: Math.max(...runs.map((run) => run.exitCode ?? 1)),
    stderr: runs.map((run) => run.stderr).join(''),
    isTooLate: runs.some((run) => run.isTooLate),
  };
}
