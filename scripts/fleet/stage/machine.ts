import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mkdirSync } from 'node:fs';
import { FRONTS_VARIABLE } from '../../../shared/port-sharing/machine/environment/fronts-variable.ts';
import { LIMITS_VARIABLE } from '../../../shared/port-sharing/machine/environment/limits-variable.ts';
import { TRANSFER_VARIABLE } from '../../../shared/port-sharing/machine/load-native.ts';
import { DIRECTORY_VARIABLE, resolvePaths } from '../../../shared/port-sharing/machine/paths.ts';
import { askStatus } from '../../../shared/tool/context.ts';
import { until } from '../../faults/harness/clock.ts';
import { RunningProcess } from '../../process.ts';
import { Worker } from '../../worker.ts';
import type { Network } from './network.ts';

const DIST = new URL('../../../', import.meta.url);
/** The command `net-tcp-port-sharing`. */
export const TOOL = [process.execPath, fileURLToPath(new URL('shared/tool/main.cjs', DIST))];
const PATIENCE_MS = 60_000;
const SERVICE = fileURLToPath(new URL('../../faults/processes/service.js', import.meta.url));
/** The port that every machine shares. */
export const PORT = 9_000;

/** A machine of the fleet: its daemon, services, and what publishes them. */
export class Machine {
  readonly host: string;
  /** Where fronts reach it. */
  readonly at: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #network: Network;
  readonly #registry: string;
  readonly #services = new Map<Worker, readonly number[]>();
  #publisher: RunningProcess | undefined;

  /**
   * @param fronts   addresses of those that it trusts
   * @param registry where etcd is, `etcd://…`
   * @param limits   of its daemons, `name=value`
   */
  constructor(
    network: Network,
    host: string,
    directory: string,
    {
      fronts,
      registry,
      limits,
    }: Readonly<Record<'registry' | 'limits', string>> & {
      readonly fronts: readonly string[];
    },
  ) {
    this.host = host;
    this.at = `${network.address(host)}:${PORT}`;
    this.#network = network;
    this.#registry = registry;
    const own = path.join(directory, host);
    mkdirSync(own, { mode: 0o700 });
    this.env = {
      ...process.env,
      NODE_OPTIONS: '',
      [DIRECTORY_VARIABLE]: own,
      [TRANSFER_VARIABLE]: '',
      [LIMITS_VARIABLE]: `idleExitMs=600000,${limits}`,
      [FRONTS_VARIABLE]: fronts.map((front) => `${front}/32`).join(','),
    };
  }

  /** Starts a service for these numbers; others of this machine may have them, too. */
  async serve(numbers: readonly number[]): Promise<Worker> {
    const service = new Worker(`service on ${this.host}`, [SERVICE], {
      env: this.env,
      within: this.#network.on(this.host),
    });
    this.#services.set(service, numbers);
    const options = { port: PORT, numbers, limits: {}, replicas: true, bind: '0.0.0.0' };
    await service.ask('open', options);
    return service;
  }

  /** Tells the registry what this machine serves. */
  async publish(): Promise<void> {
    const words = ['publish', '--registry', this.#registry, '--at', this.at];
    this.#publisher = this.run(words);
    await this.#publisher.said('published');
  }

  /** Runs `net-tcp-port-sharing`. */
  run(words: readonly string[]): RunningProcess {
    return new RunningProcess([...TOOL, ...words], {
      env: this.env,
      within: this.#network.on(this.host),
    });
  }

  /** @throws {Error} if it does not publish */
  get publisher(): RunningProcess {
    if (this.#publisher === undefined) throw new Error(`${this.host} does not publish`);
    return this.#publisher;
  }

  /** Process id of its daemon; `undefined` while none answers. */
  async daemon(): Promise<number | undefined> {
    return (await askStatus(resolvePaths(this.env)).catch(() => undefined))?.pid;
  }

  /** Waits until another daemon than `pid` answers. */
  async otherDaemon(pid: number | undefined): Promise<void> {
    const took = await until(async () => {
      const now = await this.daemon();
      return now !== undefined && now !== pid;
    }, PATIENCE_MS);
    if (took === undefined) throw new Error(`no daemon answers on ${this.host}`);
  }

  /** Ends a service in order: its sessions end, its addresses go. */
  async stop(service: Worker): Promise<void> {
    await service.ask('close');
    await this.kill(service);
  }

  async kill(service: Worker): Promise<void> {
    await service.end();
    this.#services.delete(service);
  }

  /** Its service for a number. @throws {Error} if there is none */
  serviceOf(number: number): Worker {
    for (const [service, numbers] of this.#services) if (numbers.includes(number)) return service;
    throw new Error(`nobody serves ${number} on ${this.host}`);
  }

  get services(): readonly Worker[] {
    return [...this.#services.keys()];
  }

  /** Ends every process at once, as a machine does whose power fails; its kernel is still there. */
  async die(): Promise<void> {
    for (const pid of await this.#network.processes(this.host)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended with another.
      }
    }
    this.#services.clear();
  }
}
