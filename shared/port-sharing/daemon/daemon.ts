import { closeSync } from 'node:fs';
import type { Server } from 'node:net';
import { showEndpoint } from '../../address.ts';
import { adoptSocket } from '../../transport/shared-read.ts';
import type { Limits } from '../../limits.ts';
import { Admission } from './admission.ts';
import { descriptorLimit } from '../machine/descriptor-limit.ts';
import type { Attach, DaemonStatus, ServiceMessage } from '../handshake/messages.ts';
import { Ending } from './ending.ts';
import { limited, type Log, LOG_LINES_PER_SECOND } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import { type Listening, Ports } from './ports.ts';
import { Registrar } from './registrar.ts';
import { Registry } from './registry.ts';
import type { ReturnQueue } from '../service/return-queue.ts';
import { type Destination, Router } from './router.ts';
import type { RouteProblem } from '../handshake/route-problem.ts';
import type { RouteEntry } from '../machine/routes-file.ts';
import { type ControlConnection, ServicePeer } from './service-peer.ts';
import { StaticRoutes } from './static-routes.ts';

/** A listening socket that another daemon had: a descriptor of this process. */
export interface InheritedListener {
  readonly host: string;
  readonly port: number;
  readonly descriptor: number;
}

export interface DaemonOptions {
  /** `undefined`: every connection is relayed. */
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  /** Shown by `status`. */
  readonly logPath: string;
  readonly version: string;
}

/**
 * The port-sharing daemon: accepts the connections of shared ports, reads how far they want to go,
 * and brings them to the service that is registered there.
 *
 * It keeps nothing that its services cannot give back to it: registrations and listening sockets
 * come again with them when it has died and another has taken its place.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #registry: Registry<Destination>;
  readonly #router: Router;
  readonly #routes: StaticRoutes;
  readonly #ports: Ports;
  readonly #admission: Admission;
  readonly #registrar: Registrar;
  readonly #ending: Ending;
  readonly #peers = new Set<ServicePeer>();
  readonly #since = new Date();
  /** `host:port` of the sockets that systemd keeps. */
  readonly #activated: string[] = [];
  #relaying = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { limits } = options;
    this.#log = limited(options.log, LOG_LINES_PER_SECOND);
    this.#registry = new Registry(limits);
    this.#admission = new Admission(limits, {
      descriptorLimit: descriptorLimit(options.native),
      descriptorsEach: options.native === undefined ? 2 : 1,
      // A service has two connections to here, and one more for each connection that is relayed to it.
      otherDescriptors: () =>
        2 * this.#peers.size + (options.native === undefined ? 0 : this.#relaying),
    });
    this.#ports = new Ports(
      {
        onConnection: (socket, port, host) => void this.#router.accept(socket, port, host),
        onListener: (host, port, server) => this.#onListener(host, port, server),
        onListenerClosed: (host, port) => this.#onListenerClosed(host, port),
      },
      limits,
    );
    this.#router = new Router({
      limits,
      log: this.#log,
      registry: this.#registry,
      admission: this.#admission,
      onLess: () => this.#checkIdle(),
    });
    this.#routes = new StaticRoutes({
      limits,
      log: this.#log,
      registry: this.#registry,
      ports: this.#ports,
      router: this.#router,
      onRelay: (isStarted) => this.#onRelay(isStarted),
    });
    this.#registrar = new Registrar({
      limits,
      log: this.#log,
      registry: this.#registry,
      ports: this.#ports,
      isHere: (peer) => this.#peers.has(peer),
      isEnding: () => this.isEnding,
      onChange: () => {
        this.#checkIdle();
        this.#router.retry();
      },
    });
    this.#ending = new Ending({
      limits,
      log: this.#log,
      ports: this.#ports,
      router: this.#router,
      admission: this.#admission,
      peers: this.#peers,
      relaying: () => this.#relaying,
    });
    this.#checkIdle();
  }

  get status(): DaemonStatus {
    const { version, native, logPath } = this.#options;
    const registrations = this.#registry.all().map((registration) => ({
      address: registration.address.uri,
      pid: registration.owner.pid,
      since: registration.since.toISOString(),
      listensOn: registration.hosts,
      target: registration.owner.target,
      handedOver: registration.counts.handedOver,
      relayed: registration.counts.relayed,
      queued: registration.owner.queued(registration),
      refused: registration.counts.refused,
    }));
    return {
      pid: process.pid,
      version,
      since: this.#since.toISOString(),
      transfer: native === undefined ? 'relay' : 'hand-over',
      log: logPath,
      listeners: this.#ports.listening().map(({ host, port }) => showEndpoint(host, port)),
      activated: this.#activated,
      registrations: registrations.sort((a, b) => a.since.localeCompare(b.since)),
      pending: this.#router.arrivals.size,
      notFound: this.#router.notFound,
      dropped: this.#admission.dropped,
      relaying: this.#relaying,
    };
  }

  /** A service has said hello. */
  addService(pid: number, canHandOver: boolean, control: ControlConnection): ServicePeer {
    const { limits, native } = this.#options;
    const peer = new ServicePeer(pid, control, canHandOver ? native : undefined, limits, {
      onReturned: (arrival, reason, isBusy) => {
        this.#log.write('not taken', { pid, via: arrival.via, reason });
        this.#router.refuse(arrival, isBusy ? 'ServerTooBusy' : 'ConnectionDispatchFailed');
      },
      onTooMany: (arrival) => this.#router.refuse(arrival, 'ServerTooBusy'),
      onDone: (arrival) => this.#router.forget(arrival),
      onRelay: (isStarted) => this.#onRelay(isStarted),
    });
    this.#peers.add(peer);
    this.#checkIdle();
    return peer;
  }

  /** The descriptors of a service can travel from now on: it gets what it has to keep. */
  onServiceMessage(peer: ServicePeer, message: ServiceMessage | Attach): void {
    switch (message.type) {
      case 'register':
        return this.#registrar.register(peer, message);
      case 'unregister':
        return this.#registrar.unregister(peer, message.address);
      case 'listener':
        return this.#adopt(peer, message.descriptor, message.host, message.port);
      case 'accepted':
        return peer.accepted(message.dispatch);
      case 'rejected':
        return peer.rejected(message.dispatch, message.reason, message.busy === true);
      case 'redispatch':
        return this.#redispatch(peer, message.descriptor, message.octets);
      default:
        peer.control.close(`a service cannot say ${message.type} here`);
    }
  }

  /** Makes the static routes what `entries` says. @returns what could not be done */
  async setRoutes(entries: readonly RouteEntry[]): Promise<readonly RouteProblem[]> {
    if (this.isEnding) {
      return [{ code: 'Communication', message: 'the port-sharing daemon is ending' }];
    }
    const problems = await this.#routes.update(entries);
    this.#checkIdle();
    return problems;
  }

  /** A service's control connection is closed: its registrations end with it. */
  removeService(peer: ServicePeer, reason: string | undefined): void {
    this.#peers.delete(peer);
    const registrations = this.#registrar.remove(peer);
    if (!this.isEnding) {
      const details = { pid: peer.pid, registrations };
      this.#log.write('service left', reason === undefined ? details : { ...details, reason });
    }
    // What it had not taken finds another service, or hears that there is none.
    for (const arrival of peer.close()) this.#router.route(arrival);
    this.#checkIdle();
  }

  /** Resolves, with the reason, when the daemon has nothing to do any more or was told to end. */
  get ended(): Promise<string> {
    return this.#ending.ended;
  }

  /** Stops listening, lets connections end, and tells the services not to start another daemon. */
  stop(reason: string): Promise<void> {
    return this.#ending.stop(reason);
  }

  /** Gives another daemon, which accepts the connections now, what no service has yet, and ends. */
  retire(successor: ReturnQueue): Promise<void> {
    return this.#ending.retire(successor);
  }

  /** Leaves the field to another daemon: services connect to that one, with their listening sockets. */
  yieldTo(reason: string): Promise<void> {
    return this.#ending.yieldTo(reason);
  }

  /** It takes no more services and no more connections. */
  get isEnding(): boolean {
    return this.#ending.hasBegun;
  }

  /** What it listens on. */
  get listening(): readonly Listening[] {
    return this.#ports.listening();
  }

  /**
   * Listens with a socket that systemd opened and keeps: what waits there is for services that are about to come.
   *
   * @throws {NetTcpError} `Communication`; see `Ports.activate`
   */
  activate(descriptor: number): void {
    this.#activated.push(this.#ports.activate(descriptor));
    this.#awaitServices();
  }

  /** Listens no more, where it did not get as far as having anything to end. */
  abandon(): void {
    this.#ports.close();
  }

  /** Listens with sockets that another daemon has given: that one's services are about to come. */
  inherit(listeners: readonly InheritedListener[]): void {
    for (const { host, port, descriptor } of listeners) {
      if (!this.#ports.adopt(host, port, descriptor)) closeSync(descriptor);
    }
    this.#awaitServices();
  }

  /** Takes over a listening socket that a service kept when the last daemon died. */
  #adopt(peer: ServicePeer, id: number, host: string, port: number): void {
    const descriptor = peer.receiveDescriptor(id);
    if (descriptor === undefined) return;
    peer.keepsListener(host, port);
    if (this.isEnding || !this.#ports.adopt(host, port, descriptor)) return closeSync(descriptor);
    this.#log.write('took over', { listener: showEndpoint(host, port), pid: peer.pid });
    this.#awaitServices();
  }

  /** For a while, services may come back that connections are for already. */
  #awaitServices(): void {
    this.#router.awaitServices(() => this.#ports.closeUnwanted());
  }

  #redispatch(peer: ServicePeer, id: number, octets: string): void {
    const descriptor = peer.receiveDescriptor(id);
    // It has the socket only when we say so; without it, the service closes its own.
    peer.control.send({ type: 'taken', descriptor: id });
    if (descriptor === undefined) return;
    const socket = adoptSocket(descriptor);
    const { localPort: port, localAddress: host } = socket;
    if (port === undefined || host === undefined) {
      socket.destroy();
      return;
    }
    this.#router.accept(socket, port, host)?.receive(Buffer.from(octets, 'base64'));
  }

  #onRelay(isStarted: boolean): void {
    this.#relaying += isStarted ? 1 : -1;
    this.#checkIdle();
  }

  #onListener(host: string, port: number, server: Server): void {
    this.#log.write('listening', { on: showEndpoint(host, port) });
    for (const peer of this.#peersOn(port)) peer.sendListener(host, port, server);
  }

  #onListenerClosed(host: string, port: number): void {
    this.#log.write('stopped listening', { on: showEndpoint(host, port) });
    for (const peer of this.#peers) peer.listenerClosed(host, port);
  }

  #peersOn(port: number): ReadonlySet<ServicePeer> {
    const owners = this.#registry.onPort(port).map(({ owner }) => owner);
    return new Set(owners.filter((owner) => owner instanceof ServicePeer));
  }

  /** With nothing to do for a while, the daemon ends: the next service starts another. */
  #checkIdle(): void {
    const isIdle =
      this.#peers.size + this.#routes.size + this.#router.arrivals.size + this.#relaying === 0;
    if (!isIdle || this.isEnding) {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = undefined;
    } else {
      // The control socket keeps the process alive: when that is closed, so may the process be.
      this.#idleTimer ??= setTimeout(() => {
        void this.stop('nobody is registered');
      }, this.#options.limits.idleExitMs).unref();
    }
  }
}
