import type { Server } from 'node:net';
import { showEndpoint } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { Sweeper } from '../../time.ts';
import { bind, bindAll, isMissingAddress, portOf } from '../../transport/listener.ts';
import { checkShareable, type GivenListener, hostOf, listenWith } from './given-socket.ts';
import { ANY_IPV4, ANY_IPV6 } from '../machine/hosts.ts';
import { expand } from '../machine/local-addresses.ts';
import type { Log } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import { limitSegments } from '../machine/segment-size.ts';
import type { Router } from './router.ts';
import type { Services } from './services.ts';
import { sleep } from '../../time.ts';

interface PortsOptions {
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  /** Takes what is accepted. */
  readonly router: Pick<Router, 'accept'>;
  /** Keep copies. */
  readonly services: Pick<Services, 'keep' | 'drop'>;
}

/** A listening socket. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly server: Server;
}

interface Port {
  /** By local IP address. */
  readonly listening: Map<string, Listening>;
  /** How many registrations want which host. */
  readonly wanted: Map<string, number>;
}

// A daemon that died left its listening sockets with its services; they bring them within moments.
const IN_USE_RETRY_MS = 1_000;
const IN_USE_PAUSE_MS = 25;
// How soon a wildcard registration is reachable at an address that the machine has been given.
const RESCAN_MS = 5_000;

/**
 * The daemon's listening sockets: one for each local address that somebody registered for, so that
 * registrations with different addresses never stand in each other's way. "All addresses" is every
 * address that the machine has, looked up again from time to time: a wildcard socket could not be had
 * beside one for loopback, and changing from one to the other would refuse connections for a moment.
 */
export class Ports {
  readonly #options: PortsOptions;
  readonly #limits: Limits;
  /** `host:port` of the sockets that systemd keeps. */
  readonly #activated: string[] = [];
  readonly #ports = new Map<number, Port>();
  /** Looks for addresses that the machine has been given while somebody wants all of them. */
  readonly #rescan = new Sweeper(() => {
    const hosts = [...this.#ports.values()].flatMap(({ wanted }) => [...wanted.keys()]);
    if (!hosts.some((host) => host === ANY_IPV4 || host === ANY_IPV6)) return Infinity;
    void this.#scan();
    return RESCAN_MS;
  });

  constructor(options: PortsOptions) {
    this.#options = options;
    this.#limits = options.limits;
  }

  /** `host:port` of the sockets that somebody else has opened and keeps. */
  get activated(): readonly string[] {
    return this.#activated;
  }

  /** Every listening socket of a port; of all ports when none is named. */
  listening(port?: number): readonly Listening[] {
    const ports = port === undefined ? [...this.#ports.values()] : [this.#ports.get(port)];
    return ports.flatMap((entry) => [...(entry?.listening.values() ?? [])]);
  }

  /**
   * Listens for one more registration.
   *
   * @param port 0: the kernel chooses
   * @returns the port
   * @throws {NetTcpError} `AddressAlreadyInUse`, `Communication`
   */
  async acquire(port: number, hosts: readonly string[]): Promise<number> {
    if (port === 0) return await this.#acquireAny(hosts);
    const entry = this.#entry(port);
    const missing = expand(hosts).filter((host) => !entry.listening.has(host));
    if (missing.length > 0) await this.#listen(entry, port, missing, hosts);
    this.#want(entry, hosts);
    return port;
  }

  /** The reverse of `acquire`: sockets that nobody wants any more are closed. */
  release(port: number, hosts: readonly string[]): void {
    const entry = this.#ports.get(port);
    if (entry === undefined) return;
    for (const host of hosts) {
      const left = (entry.wanted.get(host) ?? 0) - 1;
      if (left > 0) entry.wanted.set(host, left);
      else entry.wanted.delete(host);
    }
    const needed = new Set(expand([...entry.wanted.keys()]));
    for (const { host, server } of entry.listening.values()) {
      if (needed.has(host)) continue;
      entry.listening.delete(host);
      server.close();
      this.#options.log.write('stopped listening', { on: showEndpoint(host, port) });
      this.#options.services.drop(host, port);
    }
    if (entry.wanted.size === 0 && entry.listening.size === 0) this.#ports.delete(port);
    this.#rescan.lookEvery(RESCAN_MS);
  }

  /**
   * Takes a listening socket over that a service kept.
   *
   * @returns false when there is one for that address already; the descriptor is then still the caller's
   */
  adopt({ host, port, descriptor }: GivenListener): boolean {
    const entry = this.#entry(port);
    if (entry.listening.has(host)) return false;
    const server = listenWith(descriptor, this.#limits.listenBacklog, (socket) =>
      this.#options.router.accept(socket, port, host),
    );
    this.#add(entry, host, port, server);
    return true;
  }

  /**
   * Listens with a socket that somebody else has opened and keeps, as systemd does: to the end, whether anybody is registered
   * or not. Where this listens on the same address already, with a copy of that socket, that one is kept.
   *
   * @throws {NetTcpError} `Communication` when it is not a TCP socket, or not one for a single address of this machine
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
    else this.#add(entry, host, port, server);
    this.#activated.push(showEndpoint(host, port));
  }

  /** Closes what was taken over and nobody has registered for. */
  closeUnwanted(): void {
    for (const port of this.#ports.keys()) this.release(port, []);
  }

  /** Stops listening everywhere. Copies that services keep are theirs. */
  close(): void {
    this.#rescan.stop();
    for (const { server } of this.listening()) server.close();
    this.#ports.clear();
  }

  #entry(port: number): Port {
    let entry = this.#ports.get(port);
    if (entry === undefined) {
      this.#ports.set(port, (entry = { listening: new Map(), wanted: new Map() }));
    }
    return entry;
  }

  #want(entry: Port, hosts: readonly string[]): void {
    for (const host of hosts) entry.wanted.set(host, (entry.wanted.get(host) ?? 0) + 1);
  }

  #add(entry: Port, host: string, port: number, server: Server): void {
    const listening = { host, port, server };
    entry.listening.set(host, listening);
    limitSegments(server, this.#options.native);
    this.#options.log.write('listening', { on: showEndpoint(host, port) });
    this.#options.services.keep(listening);
  }

  async #acquireAny(hosts: readonly string[]): Promise<number> {
    let port = 0;
    const servers = await bindAll(expand(hosts), 0, this.#limits.listenBacklog, (socket, host) =>
      this.#options.router.accept(socket, port, host),
    );
    port = portOf(servers);
    const entry = this.#entry(port);
    for (const server of servers) this.#add(entry, hostOf(server), port, server);
    this.#want(entry, hosts);
    return port;
  }

  async #listen(
    entry: Port,
    port: number,
    missing: readonly string[],
    wanted: readonly string[],
  ): Promise<void> {
    const deadline = performance.now() + IN_USE_RETRY_MS;
    let absent: unknown;
    for (const host of missing) {
      while (!entry.listening.has(host)) {
        try {
          const server = await bind(host, port, this.#limits.listenBacklog, (socket) =>
            this.#options.router.accept(socket, port, host),
          );
          this.#add(entry, host, port, server);
        } catch (error) {
          if (isMissingAddress(error) && missing.length + entry.listening.size > 1) {
            absent = error;
            break;
          }
          const isInUse = error instanceof NetTcpError && error.code === 'AddressAlreadyInUse';
          if (!isInUse || performance.now() > deadline) {
            this.#forgetUnwanted(entry, port);
            throw error;
          }
          await sleep(IN_USE_PAUSE_MS);
        }
      }
    }
    if (absent !== undefined && !expand(wanted).some((host) => entry.listening.has(host))) {
      this.#forgetUnwanted(entry, port);
      throw absent;
    }
  }

  #forgetUnwanted(entry: Port, port: number): void {
    if (entry.wanted.size === 0 && this.#ports.get(port) === entry) this.release(port, []);
  }

  async #scan(): Promise<void> {
    for (const [port, entry] of this.#ports) {
      const hosts = expand([...entry.wanted.keys()]).filter((host) => !entry.listening.has(host));
      for (const host of hosts) {
        // An address that is gone again, or that somebody else listens on: it is tried again later.
        await this.#listen(entry, port, [host], [...entry.wanted.keys()]).catch(() => {});
      }
    }
  }
}
