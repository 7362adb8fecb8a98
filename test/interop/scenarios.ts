import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { sleep } from '../../shared/time.ts';
import type { Peer } from './peers.ts';
import type {
  ClientOptions,
  ClientRun,
  RunningService,
  ServiceOptions,
  startPeerClient,
} from './processes.ts';

/**
 * Who answers: a peer's program, ours alone or on the shared port, the service by the book, or a peer's program
 * behind a static route of the shared port.
 */
export const SERVICE_KINDS = ['book', 'mono', 'ours', 'ours-shared', 'routed'] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];

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
export const RANDOM_CALLS = 10_000;
const CALLER_COUNT = '64';
/** Elements of a message inside each other that ours takes; a service of WCF with these quotas takes any. */
const MAX_DEPTH = DEFAULT_LIMITS.maxDepth;

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
  ...['rings', 'dictionaries', 'exchanged'].map((name) => simple(name, false)),
  // Mono's service does not answer what it cannot read, nor for a while whoever comes after it. To a service in C#
  // half a character is as good as a whole one.
  ...['orders', 'derived', 'enumerations', 'scalars'].map((name) => ({
    name,
    isInBook: false,
    words: ({ service }: Pairing) => [name, ...(service === 'mono' ? ['plain'] : [])],
  })),
  {
    name: 'trees',
    isInBook: false,
    words: ({ service }) => ['trees', ...(service === 'mono' ? [] : [String(MAX_DEPTH)])],
    service: { maxMessage: 4_000_000 },
    client: { maxMessage: 4_000_000 },
  },
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
    // Mono reads no header of a message whose Body is empty, and does not know [MessageHeaderArray].
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
