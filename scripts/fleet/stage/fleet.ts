import { fileURLToPath } from 'node:url';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { until } from '../../faults/harness/clock.ts';
import type { RunningProcess } from '../../process.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import { Worker } from '../../worker.ts';
import { type AllFared, type CallersOptions } from '../callers.ts';
import { startEtcd } from '../etcd.ts';
import { Front } from './front.ts';
import { Machine, PORT } from './machine.ts';
import { Network } from './network.ts';

const CALLERS = fileURLToPath(new URL('../processes/callers.js', import.meta.url));
const MACHINES = ['m1', 'm2', 'm3'] as const;
const FRONTS = ['front1', 'front2'] as const;
const REGISTRY = 'registry';
const CALLER = 'callers';
const REGISTRY_PORT = 2_379;
/** Names of both fronts, each with another one first. */
const NAMES = ['calc.example', 'other.example'] as const;
/** What every machine serves. */
export const NUMBERS = [1, 2] as const;
/** What the first machine serves besides, by another process: its port stays when the others have gone. */
const NEIGHBOUR = 11;
const PATIENCE_MS = 60_000;
/** How much later fronts may learn of something on a machine that has other work. */
const BUSY = 3;
/** Who calls all the time. */
export const LOAD = { opensPerSecond: 40, kept: 4, reopening: 4 } as const;

/** Three machines with the same services, two fronts, a registry, and callers. */
export class Fleet {
  readonly network: Network;
  readonly machines: readonly Machine[];
  readonly fronts: readonly Front[];
  readonly #directory: string;
  #etcd: RunningProcess | undefined;
  #callers: Worker | undefined;

  private constructor(network: Network, directory: string, isShort: boolean) {
    this.network = network;
    this.#directory = directory;
    const registry = `etcd://${network.address(REGISTRY)}:${REGISTRY_PORT}/fleet`;
    const fronts = FRONTS.map((host) => network.address(host));
    const { departureGraceMs } = DEFAULT_LIMITS;
    const limits = `departureGraceMs=${isShort ? BUSY * departureGraceMs : departureGraceMs}`;
    const options = { fronts, registry, limits };
    this.machines = MACHINES.map((host) => new Machine(network, host, directory, options));
    this.fronts = FRONTS.map((host) => new Front(network, host, directory, registry));
  }

  /**
   * Makes a fleet, and waits until all of it is reachable through both fronts.
   *
   * @param isShort for machines that have other work: fronts may learn later what has gone
   */
  static async create(isShort: boolean): Promise<Fleet> {
    const directory = temporaryDirectory();
    const hosts = [...MACHINES, ...FRONTS, REGISTRY, CALLER];
    const fleet = new Fleet(await Network.create(directory, hosts), directory, isShort);
    try {
      await fleet.#start();
    } catch (error) {
      await fleet.close();
      throw error;
    }
    return fleet;
  }

  async #start(): Promise<void> {
    const [first, second] = FRONTS;
    this.network.addName(NAMES[0], [first, second]);
    this.network.addName(NAMES[1], [second, first]);
    await this.startRegistry();
    await Promise.all(this.fronts.map((front) => front.start()));
    await Promise.all(this.machines.map((machine) => this.startMachine(machine)));
    this.#callers = new Worker('callers', [CALLERS], { within: this.network.on(CALLER) });
    await this.steady();
  }

  /** Callers begin. */
  async call(): Promise<void> {
    const options: CallersOptions = {
      names: NAMES.map((name) => `${name}:${PORT}`),
      addresses: FRONTS.map((host) => `${this.network.address(host)}:${PORT}`),
      numbers: NUMBERS,
      ...LOAD,
    };
    await this.#asked.ask('begin', options);
  }

  /** How callers have fared since this was asked the last time. */
  take(): Promise<AllFared> {
    return this.#asked.ask('take');
  }

  /**
   * Opens channels to a number until one is answered by it.
   *
   * @returns when, on the clock of `now()`; `undefined` if none is
   */
  reach(number: number): Promise<number | undefined> {
    const options = { name: `${NAMES[0]}:${PORT}`, number, withinMs: PATIENCE_MS };
    return this.#asked.ask('reach', options);
  }

  async startRegistry(): Promise<void> {
    this.#etcd = await startEtcd({
      directory: this.#directory,
      host: this.network.address(REGISTRY),
      port: REGISTRY_PORT,
      within: this.network.on(REGISTRY),
    });
  }

  /** Kills the registry, which keeps its data. */
  async killRegistry(): Promise<void> {
    await this.#etcd?.end();
  }

  get registryHost(): string {
    return REGISTRY;
  }

  /** Starts a machine's services and what publishes them. The first one serves {@link NUMBERS}. */
  async startMachine(machine: Machine): Promise<void> {
    await machine.serve(NUMBERS);
    if (machine === this.machines[0]) await machine.serve([NEIGHBOUR]);
    await machine.publish();
  }

  /** Waits until both fronts send callers to every machine, and no more, and all machines are well. */
  async steady(): Promise<void> {
    let missing = '';
    const took = await until(
      async () => {
        for (const front of this.fronts) {
          missing = await this.#missingAt(front).catch((error: unknown) => String(error));
          if (missing !== '') return false;
        }
        return true;
      },
      PATIENCE_MS,
      100,
    );
    if (took === undefined) throw new Error(`the fleet does not become whole: ${missing}`);
  }

  async #missingAt(front: Front): Promise<string> {
    const { paths, servers } = await front.state();
    for (const number of NUMBERS) {
      const pool = paths.get(`/fixture/${number}/`);
      const up = servers.filter(({ backend, isUp, isOut }) => backend === pool && isUp && !isOut);
      if (up.length === this.machines.length) continue;
      const has = up.map(({ at }) => at).join(', ');
      return `${front.host} sends callers of ${number} to ${pool ?? 'nobody'}: ${has}`;
    }
    return '';
  }

  get #asked(): Worker {
    if (this.#callers === undefined) throw new Error('there are no callers yet');
    return this.#callers;
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.network.close();
    removeDirectory(this.#directory);
  }
}
