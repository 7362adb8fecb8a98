import { sleep } from '../../shared/time.ts';
import { startBookService } from './by-the-book/service.ts';
import { countConnections } from './connections.ts';
import { freePort } from '../../scripts/free-port.ts';
import type { Peer } from './peers.ts';
import {
  runPeerClient,
  startPeerClient,
  startPeerService,
  type ClientOptions,
  type ClientRun,
  type RunningService,
  type ServiceOptions,
} from './processes.ts';

/**
 * Who answers: a peer's program, ours alone or on the shared port, the service by the book, or a peer's program
 * behind a static route of the shared port.
 */
export type ServiceKind = 'book' | 'mono' | 'ours' | 'ours-shared' | 'routed';

/** One client against one service, in one transfer mode. */
export interface Pairing {
  readonly client: Peer;
  readonly service: ServiceKind;
  /** Whose program it is; nothing for the service by the book. */
  readonly servicePeer: Peer | undefined;
  /** Whose services share the port with a routed one. */
  readonly neighbour?: Peer | undefined;
  readonly streamed: boolean;
}

export interface Scenario {
  readonly name: string;
  /** Scenario and parameters for the client's command line. */
  readonly words: (pairing: Pairing) => readonly string[];
  readonly service?: Partial<ServiceOptions>;
  readonly client?: ClientOptions;
  /** The service by the book knows the operations. */
  readonly isInBook: boolean;
  /** Default: the client runs to its end. */
  readonly drive?: (setting: Setting) => Promise<ClientRun>;
}

export interface Setting {
  readonly service: RunningService;
  readonly start: (words: readonly string[]) => ReturnType<typeof startPeerClient>;
}

/** Calls with random operands: as many as the product must stand. */
const RANDOM_CALLS = 10_000;
/** Mono answers a session 20 times a second; so many of its services take their share of the calls. */
const MONO_SERVICES = 12;
/** Second and third address of the scenario `pool`: one below the first, one beside it. */
const POOL_PATHS = ['/interop/second', '/third'];
const PATH = '/interop';
const CALLER_COUNT = '64';
/** Seconds that a client waits: enough for a busy machine, and what each unanswered call costs. */
const TIMEOUT_S = 8;

const simple = (name: string, isInBook: boolean, ...parameters: readonly string[]): Scenario => ({
  name,
  isInBook,
  words: () => [name, ...parameters],
});

/** All scenarios, in the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  simple('sample', true),
  {
    name: 'random',
    isInBook: true,
    words: ({ client }) => [
      'random',
      String(RANDOM_CALLS),
      '1',
      // Mono's client looks for an answer 20 times a second.
      client.name === 'mono' ? CALLER_COUNT : '1',
    ],
  },
  {
    name: 'concurrent',
    isInBook: true,
    words: ({ client }) => [
      'concurrent',
      CALLER_COUNT,
      '20',
      ...(client.name === 'mono' ? ['own-channels'] : []),
    ],
  },
  simple('strings', true),
  simple('types', false),
  simple('shapes', false),
  // Mono takes no known types from a contract; its client does not show the headers of answers, and its service
  // takes headers that it does not understand.
  ...['any', 'headers'].map((name) => ({
    name,
    isInBook: false,
    words: ({ client, service }: Pairing) => [
      name,
      ...(client.name === 'mono' || service === 'mono' ? ['plain'] : []),
    ],
  })),
  simple('several', false),
  {
    ...simple('streams', false),
    service: { maxMessage: 4_000_000 },
    client: { maxMessage: 4_000_000 },
  },
  {
    name: 'messages',
    isInBook: false,
    // Mono reads no header of a message whose Body is empty.
    words: ({ client, service }) => [
      'messages',
      ...(client.name === 'mono' || service === 'mono' ? ['plain'] : []),
    ],
  },
  {
    name: 'persons',
    isInBook: false,
    // Mono finds no derived classes in an array of parameters, and looks for parts of messages in the contract's namespace.
    words: ({ client, service }) => [
      'persons',
      ...(client.name === 'mono' || service === 'mono' ? ['plain'] : []),
    ],
  },
  {
    name: 'xml',
    isInBook: false,
    // Debian has Mono's XElement in a package of its own.
    words: ({ service }) => ['xml', ...(service === 'mono' ? ['plain'] : [])],
  },
  {
    name: 'duplex',
    isInBook: false,
    // Mono's service stops when several calls wait for callbacks, or one of them is a fault.
    words: ({ service }) => ['duplex', ...(service === 'mono' ? ['plain'] : [])],
  },
  simple('sessions', false),
  simple('oneway', false),
  {
    ...simple('large', false, String(100 * 1024)),
    service: { maxMessage: 4_000_000 },
    client: { maxMessage: 4_000_000 },
  },
  simple('over-quota', true),
  // So much that the fault is sent long before the client has written everything.
  { ...simple('over-quota', true, '300000'), name: 'over-quota-far' },
  { ...simple('wrong-number', true), client: { timeoutS: 3 } },
  simple('refused', true),
  { ...simple('unknown-operation', true), client: { timeoutS: 3 } },
  { ...simple('exceptions', true), client: { timeoutS: 3 } },
  {
    ...simple('exceptions', true),
    name: 'exceptions-details',
    service: { details: true },
    client: { timeoutS: 3 },
  },
  simple('no-reply', true),
  { ...simple('idle', true, '3'), service: { receiveTimeoutS: 1.5 } },
  { name: 'pool', isInBook: true, words: () => ['pool'] },
  {
    name: 'client-killed',
    isInBook: true,
    words: () => ['sample'],
    drive: async ({ start }) => {
      const killed = start(['slow', '60000']);
      await killed.line('calling');
      killed.kill();
      await killed.done;
      return start(['sample']).done;
    },
  },
  {
    name: 'service-closed',
    isInBook: true,
    words: () => ['stay-open'],
    drive: (setting) => endWhileWaiting(setting, (service) => service.stop()),
  },
  {
    name: 'service-killed',
    isInBook: true,
    words: () => ['stay-open'],
    drive: (setting) => endWhileWaiting(setting, (service) => service.kill()),
  },
];

async function endWhileWaiting(
  { service, start }: Setting,
  end: (service: RunningService) => Promise<void>,
): Promise<ClientRun> {
  const client = start(['stay-open']);
  await client.line('calling');
  // The line is printed before the call: give it time to arrive.
  await sleep(500);
  await end(service);
  return client.done;
}

/** Scenarios in which the service is not called: what Mono's cannot do does not matter there. */
const NEEDS_NO_ANSWER: ReadonlySet<string> = new Set(['gone', 'stopped', 'removed']);

const TELLS_ONE_WAY: ReadonlySet<string> = new Set(['oneway', 'messages']);

const NEEDS_SESSIONS: ReadonlySet<string> = new Set(['duplex', 'sessions']);

/** @returns why this scenario says nothing about this pairing, if so */
export function reasonToSkip(scenario: Scenario, pairing: Pairing): string | undefined {
  const { client, service, streamed } = pairing;
  if (client.name === 'mono' && streamed && TELLS_ONE_WAY.has(scenario.name)) {
    return 'the client of Mono waits for a second End after a one-way call';
  }
  if (streamed && NEEDS_SESSIONS.has(scenario.name)) return 'streamed mode has no sessions';
  if (client.name === 'mono' && scenario.name === 'duplex') {
    return 'the client of Mono does not come back from closing a channel with callbacks';
  }
  if (service !== 'mono' && service !== 'routed') return undefined;
  if (service === 'routed' && NEEDS_NO_ANSWER.has(scenario.name)) return undefined;
  if (client.name === 'mono' && streamed) {
    return 'the client of Mono re-uses the connection that the service of Mono has closed';
  }
  if (scenario.name === 'sessions') {
    return 'the service of Mono is one class for all contracts, the same for every session';
  }
  if (scenario.name === 'over-quota-far') {
    return 'the service of Mono says nothing to a client whose message is too large';
  }
  if (scenario.name === 'concurrent') {
    return 'the service of Mono mixes parameters of concurrent sessions up, whoever the client is';
  }
  if (service === 'mono' && scenario.name === 'pool') {
    return 'the service of Mono now and then leaves a new connection unanswered';
  }
  return undefined;
}

/** Starts the service, runs the scenario, ends the service. */
export async function runScenario(scenario: Scenario, pairing: Pairing): Promise<ClientRun> {
  if (scenario.name === 'random' && pairing.service === 'mono') return runSpread(scenario, pairing);
  const paths = scenario.name === 'pool' ? [PATH, ...POOL_PATHS] : [PATH];
  const services = await startServices(scenario, pairing, paths);
  const [service] = services;
  if (service === undefined) throw new Error('no service');
  const { port } = new URL(service.address.replace('net.tcp:', 'http:'));
  const more = paths.slice(1).map((path) => `net.tcp://localhost:${port}${path}`);
  const options = { timeoutS: TIMEOUT_S, ...scenario.client, streamed: pairing.streamed };
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
