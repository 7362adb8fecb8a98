import { Server, type Socket } from 'node:net';
import { showEndpoint } from '../../address.ts';
import type { Limits } from '../../limits.ts';
import { Sweeper } from '../../time.ts';
import { bind, bindAll, isMissingAddress, portOf } from '../../transport/listener.ts';
import { type Attempt, bindInTime } from './bind-in-time.ts';
import { NOBODY, type Shares } from './control/shares.ts';
import {
  checkListens,
  checkShareable,
  type GivenListener,
  hostOf,
  listenWith,
} from './given-socket.ts';
import { ANY_IPV4, ANY_IPV6 } from '../machine/hosts.ts';
import { Port, type Listening } from './port.ts';
import { expand } from '../machine/local-addresses.ts';
import type { Log } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import { limitSegments } from '../machine/segment-size.ts';
import type { Router } from './router.ts';
import type { Services } from './services/services.ts';

interface PortsOptions {
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  /** Takes what is accepted. */
  readonly router: Pick<Router, 'accept' | 'isRecovering'>;
  /** Tells services to keep copies, and to close them. */
  readonly services: Pick<Services, 'keep' | 'drop'>;
  /** Counts listening sockets by process. */
  readonly shares: Shares;
}

// How soon a wildcard registration is reachable at a new address of the machine.
const RESCAN_MS = 5_000;

/**
 * The daemon's listening sockets: one for each local address that somebody registered for, so that registrations
 * with different addresses never conflict. "All addresses" means every address that the machine has, looked up
 * again from time to time: a wildcard socket cannot be opened beside one for loopback, and changing from one to
 * the other would refuse connections for a moment.
 */
export class Ports {
  readonly #options: PortsOptions;
  readonly #limits: Limits;
  /** See {@link activated}. */
  readonly #activated: string[] = [];
  readonly #ports = new Map<number, Port>();
  /** Looks for new addresses of the machine while somebody wants all of them. */
  readonly #rescan = new Sweeper(() => {
    const hosts = [...this.#ports.values()].flatMap(({ wanted }) => wanted);
    if (!hosts.some((host) => host === ANY_IPV4 || host === ANY_IPV6)) return Infinity;
    void this.#scan();
    return RESCAN_MS;
  });

  constructor(options: PortsOptions) {
    this.#options = options;
    this.#limits = options.limits;
  }

  /** `host:port` of the sockets that somebody else, such as systemd, has opened and keeps. */
  get activated(): readonly string[] {
    return this.#activated;
  }

  /** Every listening socket of a port; by default of all ports. */
  listening(port?: number): readonly Listening[] {
    const ports = port === undefined ? this.#ports.values() : [this.#ports.get(port)];
    return [...ports].flatMap((entry) => [...(entry?.listening.values() ?? [])]);
  }

  /**
   * Listens for one more registration.
   *
   * @param port 0: the kernel chooses
   * @returns the port
   * @throws {NetTcpError} `AddressAlreadyInUse`, `QuotaExceeded`, `Communication`; nothing is left open then
   */
  async acquire(port: number, hosts: readonly string[], attempt: Attempt): Promise<number> {
    if (port === 0) return await this.#acquireAny(hosts, attempt.pid);
    const entry = this.#entry(port);
    this.#want(entry, hosts);
    try {
      await this.#listen(entry, port, hosts, attempt);
    } catch (error) {
      this.release(port, hosts);
      throw error;
    }
    return port;
  }

  /** The reverse of `acquire`: sockets that nobody wants any more are closed. */
  release(port: number, hosts: readonly string[]): void {
    const entry = this.#ports.get(port);
    if (entry === undefined) return;
    for (const { host, server, pid } of entry.release(hosts)) {
      server.close();
      this.#options.shares.giveBack(pid);
      this.#options.log.write('stopped listening', { on: showEndpoint(host, port) });
      this.#options.services.drop(host, port);
    }
    if (entry.isOver) this.#ports.delete(port);
  }

  /**
   * Takes over a listening socket from a service or another daemon, and keeps it until its services have come.
   *
   * @param pid process that it counts for
   * @returns false when there is one for that address already; the descriptor is then still the caller's
   * @throws {NetTcpError} `Protocol` when it listens somewhere else, `QuotaExceeded`; it is closed then
   */
  adopt({ host, port, descriptor }: GivenListener, pid: number): boolean {
    const known = this.#ports.get(port);
    if (known?.listening.has(host) === true) return false;
    const server = listenWith(descriptor, this.#limits.listenBacklog, this.#acceptAt(port, host));
    try {
      checkListens(server, host, port);
      this.#options.shares.reserve(pid, 1)();
    } catch (error) {
      server.close();
      throw error;
    }
    const entry = this.#entry(port);
    entry.await(host);
    this.#add(entry, host, port, server, pid);
    return true;
  }

  /**
   * Listens, until the daemon ends, on a socket that somebody else, such as systemd, has opened and keeps, whether
   * anybody is registered or not. If the daemon already listens on that address, with a copy of that socket, it
   * keeps that one.
   *
   * @throws {NetTcpError} `Communication` if it is not a TCP socket for a single address
   */
  activate(descriptor: number): void {
    let at = { host: '', port: 0 };
    const server = listenWith(descriptor, this.#limits.listenBacklog, (socket) =>
      this.#options.router.accept(socket, at.port, at.host),
    );
    at = checkShareable(server, descriptor);
    const { host, port } = at;
    const entry = this.#entry(port);
    this.#want(entry, [host]);
    if (entry.listening.has(host)) server.close();
    else this.#add(entry, host, port, server, NOBODY);
    this.#activated.push(showEndpoint(host, port));
  }

  /** Closes sockets that were taken over and that nobody has registered for. */
  closeUnwanted(): void {
    for (const [port, entry] of this.#ports) {
      if (!this.#options.router.isRecovering(port)) entry.awaitNobody();
      this.release(port, []);
    }
  }

  /** Stops listening everywhere. Copies that services keep are theirs. */
  close(): void {
    this.#rescan.stop();
    for (const { server } of this.listening()) server.close();
    this.#ports.clear();
  }

  #entry(port: number): Port {
    let entry = this.#ports.get(port);
    if (entry === undefined) this.#ports.set(port, (entry = new Port()));
    return entry;
  }

  #acceptAt(port: number, host: string): (socket: Socket) => void {
    return (socket) => void this.#options.router.accept(socket, port, host);
  }

  #want(entry: Port, hosts: readonly string[]): void {
    entry.want(hosts);
    this.#rescan.lookEvery(RESCAN_MS);
  }

  #add(entry: Port, host: string, port: number, server: Server, pid: number): void {
    const listening = { host, port, server, pid };
    this.#options.shares.take(pid);
    entry.listening.set(host, listening);
    limitSegments(server, this.#options.native);
    this.#options.log.write('listening', { on: showEndpoint(host, port) });
    this.#options.services.keep(listening);
  }

  async #acquireAny(hosts: readonly string[], pid: number): Promise<number> {
    let port = 0;
    const all = expand(hosts);
    const reserved = this.#options.shares.reserve(pid, all.length);
    const servers = await bindAll(all, 0, this.#limits.listenBacklog, (socket, host) =>
      this.#options.router.accept(socket, port, host),
    ).finally(reserved);
    port = portOf(servers);
    const entry = this.#entry(port);
    for (const server of servers) this.#add(entry, hostOf(server), port, server, pid);
    this.#want(entry, hosts);
    return port;
  }

  /** Listens on the hosts in `at` that are still missing. @throws {NetTcpError} what stands in the way */
  async #listen(entry: Port, port: number, at: readonly string[], attempt: Attempt): Promise<void> {
    const all = expand(at);
    const missing = all.filter((host) => !entry.listening.has(host));
    const reserved = this.#options.shares.reserve(attempt.pid, missing.length);
    let absent: unknown;
    try {
      for (const host of missing) {
        absent = (await this.#listenAt(entry, host, port, attempt)) ?? absent;
      }
    } finally {
      reserved();
    }
    if (absent !== undefined && !all.some((host) => entry.listening.has(host))) throw absent;
  }

  /** @returns the error when this machine has no such address; others are thrown */
  async #listenAt(entry: Port, host: string, port: number, attempt: Attempt): Promise<unknown> {
    const isOver = (): boolean => entry.listening.has(host) || this.#ports.get(port) !== entry;
    const server = await bindInTime(attempt.deadline, isOver, () =>
      bind(host, port, this.#limits.listenBacklog, this.#acceptAt(port, host)),
    ).catch((error: unknown) => {
      if (isMissingAddress(error)) return error;
      throw error;
    });
    if (!(server instanceof Server)) return server;
    // Somebody brought a socket meanwhile, or nobody wants it any more.
    if (isOver()) server.close();
    else this.#add(entry, host, port, server, attempt.pid);
    return undefined;
  }

  async #scan(): Promise<void> {
    for (const [port, entry] of this.#ports) {
      for (const host of expand(entry.wanted)) {
        // Fails if the address is gone again, or if somebody else listens on it: it is tried again later.
        const attempt = { pid: NOBODY, deadline: 0 };
        await this.#listen(entry, port, [host], attempt).catch(() => {});
      }
      // Those who wanted it may have gone meanwhile.
      this.release(port, []);
    }
  }
}
