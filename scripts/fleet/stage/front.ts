import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AdminSocket } from '../../../shared/fleet/front/admin-socket.ts';
import {
  readMap,
  readServers,
  type ServerState,
} from '../../../shared/fleet/front/engine-state.ts';
import { until } from '../../faults/harness/clock.ts';
import { RunningProcess } from '../../process.ts';
import { output } from '../../run.ts';
import { PORT, TOOL } from './machine.ts';
import type { Network } from './network.ts';

const PATIENCE_MS = 60_000;
// A master that has just started its worker hears no signal for a moment: HAProxy 2.6 loses one that comes then.
const UNHEARD_MS = 3_000;
const LOADED = /Loading success/;

/** A front: HAProxy, and what keeps it current. */
export class Front {
  readonly host: string;
  readonly #network: Network;
  readonly #directory: string;
  readonly #registry: string;
  #feeder: RunningProcess | undefined;
  #haproxy: RunningProcess | undefined;

  /** @param registry where etcd is, `etcd://…` */
  constructor(network: Network, host: string, directory: string, registry: string) {
    this.host = host;
    this.#network = network;
    this.#registry = registry;
    this.#directory = path.join(directory, host);
    mkdirSync(this.#directory, { mode: 0o700 });
  }

  /** Starts both, as the page says it is done. */
  async start(): Promise<void> {
    const within = this.#network.on(this.host);
    const file = path.join(this.#directory, 'haproxy.cfg');
    writeFileSync(file, await output([...TOOL, 'front', '--print-config', ...this.#words]));
    await this.feed();
    const backends = path.join(this.#directory, 'backends.cfg');
    this.#haproxy = new RunningProcess(['haproxy', '-W', '-f', file, '-f', backends], {
      within,
      isGroup: true,
    });
    await this.haproxy.said(LOADED);
  }

  /** Starts the command that keeps HAProxy current, and waits until what HAProxy starts from is there. */
  async feed(): Promise<void> {
    const words = ['front', '--registry', this.#registry, ...this.#words];
    const within = this.#network.on(this.host);
    const feeder = new RunningProcess([...TOOL, ...words], { within });
    this.#feeder = feeder;
    const files = [this.map, path.join(this.#directory, 'backends.cfg')];
    const areThere = await until(() => files.every((each) => existsSync(each)), PATIENCE_MS);
    if (areThere === undefined) throw new Error(`front makes no files: ${feeder.stderr}`);
  }

  /** Reloads HAProxy, and waits until the new worker takes connections. */
  async reload(): Promise<void> {
    const before = this.#loads;
    const isLoaded = await until(async () => {
      // The master alone: it passes on what its workers need.
      process.kill(this.haproxy.pid, 'SIGUSR2');
      return (await until(() => this.#loads > before, UNHEARD_MS)) !== undefined;
    }, PATIENCE_MS);
    if (isLoaded === undefined) throw new Error(`HAProxy does not reload: ${this.haproxy.stderr}`);
  }

  get map(): string {
    return path.join(this.#directory, 'fleet.map');
  }

  get socket(): string {
    return path.join(this.#directory, 'admin.sock');
  }

  /** @throws {Error} if it was not started */
  get haproxy(): RunningProcess {
    if (this.#haproxy === undefined) throw new Error(`${this.host} has no HAProxy`);
    return this.#haproxy;
  }

  /** @throws {Error} if it was not started */
  get feeder(): RunningProcess {
    if (this.#feeder === undefined) throw new Error(`${this.host} has no front`);
    return this.#feeder;
  }

  /** What HAProxy has now: where each path goes, and its servers. */
  async state(): Promise<{
    readonly paths: ReadonlyMap<string, string>;
    readonly servers: readonly ServerState[];
  }> {
    const admin = await AdminSocket.open(this.socket);
    try {
      const paths = readMap(await admin.ask(`show map ${this.map}`));
      return { paths, servers: readServers(await admin.ask('show servers state')) };
    } finally {
      admin.close();
    }
  }

  /** Ends both at once. */
  async die(): Promise<void> {
    await Promise.all([this.haproxy.end(), this.feeder.end()]);
  }

  get #words(): readonly string[] {
    const listen = `${this.#network.address(this.host)}:${PORT}`;
    return ['--haproxy', this.socket, '--directory', this.#directory, '--listen', listen];
  }

  /** How often HAProxy has loaded its configuration. */
  get #loads(): number {
    return this.haproxy.stderr.split(LOADED).length - 1;
  }
}
