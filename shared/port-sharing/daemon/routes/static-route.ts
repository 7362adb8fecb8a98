import { connect, type Socket } from 'node:net';
import { showEndpoint } from '../../../address.ts';
import type { FramingFault } from '../../../framing/faults.ts';
import type { Limits } from '../../../limits.ts';
import { ignoreError } from '../../../transport/connection.ts';
import { keepAlive } from '../../../transport/keep-alive.ts';
import type { Log } from '../../machine/log.ts';
import type { RouteEntry } from '../../machine/routes-file.ts';
import type { Arrival } from '../arrival.ts';
import { refuseSocket } from '../refuse-socket.ts';
import type { Ports } from '../ports.ts';
import type { Registration } from '../registrations/registration.ts';
import type { Registry } from '../registrations/registry.ts';
import type { Connections, Destination } from '../destination.ts';
import { relaySession } from './session-relay.ts';

export interface StaticRouteOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly connections: Connections;
  /** With `registry`, tells whether a connection leads to a static route of the same daemon. */
  readonly ports: Ports;
  readonly registry: Registry<Destination>;
}

/**
 * A service without port sharing (CoreWCF, Mono, anything that speaks net.tcp) behind a path of a shared port:
 * its sessions are relayed byte for byte, the preamble included.
 */
export class StaticRoute implements Destination {
  readonly pid = process.pid;
  readonly entry: RouteEntry;
  readonly target: string;
  readonly #limits: Limits;
  readonly #options: StaticRouteOptions;
  /** Connections whose other half is still being opened. */
  readonly #opening = new Map<Arrival, Socket>();
  /** The service's halves of relayed connections on which it has not sent anything yet. */
  readonly #unanswered = new Set<Socket>();
  /** When it last answered, or had nothing to answer. */
  #progressAt = 0;
  #relayed = 0;
  #isClosed = false;

  constructor(entry: RouteEntry, options: StaticRouteOptions) {
    this.entry = entry;
    this.target = showEndpoint(entry.host, entry.port);
    this.#limits = options.limits;
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get open(): number {
    return this.#opening.size + this.#relayed;
  }

  /** As long as connections to it wait in vain: there is nobody to ask. */
  get isStuck(): boolean {
    return this.#unanswered.size > 0 && this.#isSilent;
  }

  dispatch(arrival: Arrival, registration: Registration<Destination>): void {
    const { connections } = this.#options;
    const refuse = (fault: FramingFault): void =>
      connections.notTaken(arrival, registration, fault);
    const waiting = this.queued();
    if (waiting === 0) this.#progressAt = performance.now();
    if (waiting >= this.#room(registration)) return refuse('ServerTooBusy');
    const { host, port } = this.entry;
    const service = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#opening.set(arrival, service);
    const timer = setTimeout(() => service.destroy(), this.#limits.openTimeoutMs);
    service.on('error', ignoreError);
    const onClose = (): void => {
      clearTimeout(timer);
      if (this.#opening.delete(arrival)) refuse('EndpointUnavailable');
    };
    service.once('close', onClose).once('connect', () => {
      clearTimeout(timer);
      service.off('close', onClose);
      this.#opening.delete(arrival);
      if (this.#leadsBack(arrival, service)) {
        service.destroy();
        return refuse('EndpointUnavailable');
      }
      const client = arrival.takeSocket();
      if (client === undefined) {
        service.destroy();
        return;
      }
      registration.counts.relayed += 1;
      this.#relay(arrival, client, service, registration);
    });
  }

  queued(): number {
    return this.#opening.size + this.#unanswered.size;
  }

  forget(arrival: Arrival): void {
    const service = this.#opening.get(arrival);
    this.#opening.delete(arrival);
    service?.destroy();
  }

  close(): readonly Arrival[] {
    this.#isClosed = true;
    const left = [...this.#opening.keys()];
    for (const arrival of left) this.forget(arrival);
    return left;
  }

  /** Whether a connection leads to a static route of the same daemon, so that it would go in circles. */
  #leadsBack({ via }: Arrival, { remotePort: port, remoteAddress: host }: Socket): boolean {
    const { ports, registry } = this.#options;
    if (port === undefined || host === undefined) return false;
    if (ports.listening(port).every((listening) => listening.host !== host)) return false;
    return registry.find(port, via, host)?.owner instanceof StaticRoute;
  }

  /** How many may wait. As in `DispatchQueue`, a burst is no reason to turn clients away. */
  #room({ queueLength }: Registration<Destination>): number {
    const { listenBacklog } = this.#limits;
    return this.#isSilent ? queueLength : Math.max(queueLength, listenBacklog);
  }

  get #isSilent(): boolean {
    return performance.now() >= this.#progressAt + this.#limits.busyAfterMs;
  }

  /** The kernel accepts connections for a stopped service, so one counts as open only once the service answers. */
  #relay(
    arrival: Arrival,
    client: Socket,
    service: Socket,
    registration: Registration<Destination>,
  ): void {
    const { connections, log } = this.#options;
    const timer = setTimeout(() => {
      registration.counts.refused += 1;
      giveUp();
      refuseSocket(client, 'EndpointUnavailable', this.#limits);
      const { remoteAddress: from, port, via } = arrival;
      const reason = `${this.target} has not answered in time`;
      log.write('connection refused', { from, port, via, reason });
    }, this.#limits.openTimeoutMs);
    const answered = (): void => {
      clearTimeout(timer);
      this.#unanswered.delete(service);
    };
    for (const side of [client, service]) keepAlive(side, this.#limits.keepAliveAfterMs);
    const onDone = connections.relaying(arrival);
    this.#relayed += 1;
    this.#unanswered.add(service);
    const giveUp = relaySession(client, service, arrival.octets, {
      onAnswer: () => {
        this.#progressAt = performance.now();
        answered();
      },
      onDone: () => {
        answered();
        this.#relayed -= 1;
        onDone();
      },
      onNext: (octets) => connections.again(arrival, client, octets),
    });
  }
}
