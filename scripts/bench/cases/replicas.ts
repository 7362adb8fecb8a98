import { freePort } from '../../free-port.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import { type Case, type Effort, type Figures, interleaved, tableCase } from '../case.ts';
import { HANDED_OVER, MANY_REPLICAS } from '../contenders/all.ts';
import { BUSY } from '../contenders/replicas.ts';
import { Half } from '../contestant.ts';
import { BuiltPackage, environmentOf } from '../package.ts';
import { tableOf } from '../table.ts';

const TURN_MS = 500;
const WARM_UP_MS = 600;
const MAX_CONNECTIONS = 800;
/** Of each of the two clients. */
const CONNECTIONS = 4;
const IN_FLIGHT = 4;
/** Opened by each client, to see where they go. */
const HELD = 50;

export const CALLS = 'replicas: an operation of 1 ms of CPU, two clients';
export const ONE = 'one process';
export const TWO = 'two replicas at one address';
export const APART = 'two processes at two addresses';
export const DISPATCH = 'replicas: dispatch to many at one address';

/** Services of one daemon, and two clients. */
class Crew {
  readonly name: string;
  readonly #halves: readonly [services: readonly Half[], clients: readonly Half[]];
  readonly #directory: string;

  private constructor(name: string, halves: readonly [Half[], Half[]], directory: string) {
    this.name = name;
    this.#halves = halves;
    this.#directory = directory;
  }

  /** @param numbers of the services: those with the same one have the same address */
  static async start(name: string, numbers: readonly number[], effort: Effort): Promise<Crew> {
    effort.onStep(`starting ${name}`);
    const directory = temporaryDirectory();
    const port = await freePort();
    const services: Half[] = [];
    const targets: string[] = [];
    for (const number of numbers) {
      const address = `net.tcp://localhost:${port}/calculator/${number}`;
      const env = { ...environmentOf(directory), BENCH_ADDRESS: address };
      const { half } = await Half.start(BUSY, ['service'], effort.options, env);
      services.push(half);
      targets.push(address);
    }
    const clients: Half[] = [];
    for (const at of [0, 1]) {
      const target = targets[at % targets.length] ?? '';
      const env = environmentOf(directory);
      clients.push((await Half.start(BUSY, ['client', target], effort.options, env)).half);
    }
    return new Crew(name, [services, clients], directory);
  }

  /** Calls a second of both clients. */
  async calls(forMs: number): Promise<number> {
    const load = { connections: CONNECTIONS, inFlight: IN_FLIGHT, forMs };
    const done = await Promise.all(
      this.#halves[1].map((client) => client.ask({ do: 'throughput', ...load })),
    );
    return done.reduce((sum, { calls, seconds }) => sum + calls / seconds, 0);
  }

  /** Connections of the process that has got most of them, by how many each would have. */
  async balance(held: number): Promise<number> {
    const suite = new BuiltPackage();
    const before = await suite.handedOver(this.#directory);
    const [, clients] = this.#halves;
    await Promise.all(clients.map((client) => client.ask({ do: 'hold', connections: held })));
    const after = await suite.handedOver(this.#directory);
    await Promise.all(clients.map((client) => client.ask({ do: 'release' })));
    const got = [...after].map(([pid, count]) => count - (before.get(pid) ?? 0));
    return Math.max(...got) / ((clients.length * held) / got.length);
  }

  async end(): Promise<void> {
    for (const half of this.#halves.flat()) await half.end();
    await new BuiltPackage().stopDaemon(this.#directory);
    removeDirectory(this.#directory);
  }
}

const dispatch = tableCase({
  name: 'replicas',
  title: DISPATCH,
  contenders: [HANDED_OVER, MANY_REPLICAS],
  quickly: [HANDED_OVER, MANY_REPLICAS],
  isFine: true,
  columns: [
    { heading: 'connect ÷ 1', of: 'connect', base: HANDED_OVER },
    { heading: 'connect p50 µs', of: 'connect' },
  ],
  warmUp: (contestant, scale) =>
    contestant.client({ do: 'connect', forMs: WARM_UP_MS * scale, count: MAX_CONNECTIONS }),
  async turn(contestant, scale) {
    const count = Math.ceil(MAX_CONNECTIONS * scale);
    const { p50 } = await contestant.client({ do: 'connect', forMs: TURN_MS * scale, count });
    return { connect: p50 };
  },
});

/** Several processes at one address: what they do together, how connections are spread, what many of them cost. */
export const replicas: Case = {
  name: 'replicas',
  async run(effort) {
    const why = await new BuiltPackage().missingHandOver();
    if (why !== undefined) return { tables: [], leftOut: [{ name: TWO, why }] };
    const crews = [
      await Crew.start(ONE, [0], effort),
      await Crew.start(APART, [0, 1], effort),
      await Crew.start(TWO, [0, 0], effort),
    ];
    for (const crew of crews) await crew.calls(WARM_UP_MS * effort.scale);
    const held = effort.isQuick ? 4 : HELD;
    const measured = await interleaved(crews, effort, async (crew): Promise<Figures> => ({
      perSecond: await crew.calls(TURN_MS * effort.scale),
      balance: await crew.balance(held),
    }));
    for (const crew of crews) await crew.end();
    const table = tableOf(CALLS, measured, [
      { heading: '÷ two addresses', of: 'perSecond', base: APART },
      { heading: '÷ one process', of: 'perSecond', base: ONE },
      { heading: 'calls/s', of: 'perSecond' },
      { heading: 'busiest ÷ even', of: 'balance' },
    ]);
    const { tables, leftOut } = await dispatch.run(effort);
    return { tables: [table, ...tables], leftOut };
  },
};
