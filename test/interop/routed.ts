import { join } from 'node:path';
import { output } from '../../scripts/run.ts';
import { freePort } from '../../scripts/free-port.ts';
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';
import { ROOT } from './peers.ts';
import {
  startPeerClient,
  startPeerService,
  type ClientRun,
  type Result,
  type RunningService,
} from './processes.ts';
import type { Pairing, Scenario } from './scenarios.ts';

/**
 * A peer's service that knows nothing of port sharing, behind a static route of a port that two of our services
 * share: `net-tcp-port-sharing route add /orders 127.0.0.1:PORT`. Clients call all three.
 */

const TOOL = join(ROOT, 'dist/shared/tool/main.cjs');
const PATH = '/orders';
/** Paths of our services. */
const NUMBERS = ['/calculator/1', '/calculator/2'];
/** Short, so that a service which does not answer is noticed while the client still waits. */
const LIMITS = 'idleExitMs=500,openTimeoutMs=1500';
const CALLS = '20';
const TIMEOUT_S = 8;

interface RoutedScenario extends Scenario {
  /** Runs before the client is started. */
  readonly prepare?: (service: RunningService, tool: Tool) => unknown;
  /** What `status` says afterwards of the route and of each of our services. */
  readonly counts: Readonly<Record<'route' | 'ours', (counts: Counts) => boolean>>;
}

type Tool = (...words: readonly string[]) => Promise<string>;
type Counts = Readonly<
  Record<'address' | 'handedOver' | 'relayed' | 'refused' | 'queued', unknown>
>;

const anything = (): boolean => true;
const none = ({ handedOver }: Counts): boolean => handedOver === 0;

const unanswered = (name: string, prepare: RoutedScenario['prepare']): RoutedScenario => ({
  name,
  isInBook: false,
  words: () => ['no-answer'],
  ...(prepare === undefined ? {} : { prepare }),
  counts: { route: ({ refused }) => Number(refused) > 0, ours: none },
});

/** In place of the scenarios of other pairings. */
export const ROUTED_SCENARIOS: readonly RoutedScenario[] = [
  {
    name: 'sample',
    isInBook: false,
    words: () => ['sample'],
    counts: { route: ({ relayed, queued }) => Number(relayed) > 0 && queued === 0, ours: none },
  },
  ...['together', 'pool'].map((name) => ({
    name,
    isInBook: false,
    words: () => (name === 'pool' ? [name] : [name, CALLS]),
    counts: {
      route: ({ relayed, handedOver }: Counts) => Number(relayed) > 0 && handedOver === 0,
      ours: ({ relayed, handedOver }: Counts) => Number(handedOver) > 0 && relayed === 0,
    },
  })),
  unanswered('gone', (service) => service.kill()),
  unanswered('stopped', (service) => service.freeze?.()),
  {
    ...unanswered('removed', (_, tool) => tool('route', 'remove', PATH)),
    counts: { route: anything, ours: none },
  },
];

/** Starts the three services, adds the route, runs the scenario, ends all that was started. */
export async function runRouted(scenario: Scenario, pairing: Pairing): Promise<ClientRun> {
  const routed = ROUTED_SCENARIOS.find(({ name }) => name === scenario.name);
  const { client, servicePeer: outsider, neighbour, streamed } = pairing;
  if (routed === undefined || outsider === undefined || neighbour === undefined) {
    throw new Error(`no such pairing: ${scenario.name}`);
  }
  const directory = temporaryDirectory();
  const env = { NET_TCP_PORT_SHARING_DIR: directory, NET_TCP_PORT_SHARING_LIMITS: LIMITS };
  const port = String(await freePort());
  const tool: Tool = (...words) => run(words, env, port);
  const started: RunningService[] = [];
  try {
    const addresses = NUMBERS.map((number) => `net.tcp://localhost:${port}${number}`);
    for (const address of addresses) {
      const options = { addresses: [address], streamed, shared: true, env };
      started.push(await startPeerService(neighbour, options));
    }
    const own = await freePort();
    const service = await startPeerService(outsider, {
      addresses: [`net.tcp://localhost:${port}${PATH}`],
      listen: `net.tcp://localhost:${own}${PATH}`,
      streamed,
    });
    started.push(service);
    await tool('route', 'add', PATH, `127.0.0.1:${own}`);
    await routed.prepare?.(service, tool);
    const more = ['together', 'pool'].includes(scenario.name) ? addresses : [];
    const words = [...scenario.words(pairing), ...more];
    const { done } = startPeerClient(client, service.address, words, {
      timeoutS: TIMEOUT_S,
      streamed,
    });
    const found = await done;
    const status = JSON.parse(await tool('status', '--json')) as {
      readonly registrations: readonly Counts[];
    };
    return { ...found, results: [...found.results, judge(routed, status.registrations)] };
  } finally {
    await Promise.all(started.map((each) => each.kill()));
    await tool('stop').catch(() => undefined);
    removeDirectory(directory);
  }
}

/** Whether each got what was meant for it. */
function judge({ name, counts }: RoutedScenario, registrations: readonly Counts[]): Result {
  const isRoute = ({ address }: Counts): boolean => String(address).endsWith(PATH);
  // Clients call the endpoint that can say who it is.
  const ours = registrations.filter(({ address }) => String(address).endsWith('/echo'));
  const ok = registrations.filter(isRoute).every(counts.route) && ours.every(counts.ours);
  const isWhole =
    registrations.some(isRoute) === (name !== 'removed') && ours.length === NUMBERS.length;
  return {
    scenario: name,
    part: 'status',
    ok: ok && isWhole,
    calls: 0,
    exception: null,
    ...(ok && isWhole ? {} : { registrations }),
  };
}

async function run(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  port: string,
): Promise<string> {
  const all = words[0] === 'route' ? [...words, '--port', port] : words;
  return await output([process.execPath, TOOL, ...all], { env: { ...process.env, ...env } });
}
