import { connect, type Socket } from 'node:net';
import { showEndpoint } from '../../address.ts';
import { writeFault } from '../../framing/encoder.ts';
import type { FramingFault } from '../../framing/faults.ts';
import type { Limits } from '../../limits.ts';
import { Connection, ignoreError } from '../../transport/connection.ts';
import type { Arrival } from './arrival.ts';
import type { Registration } from './registry.ts';
import type { Destination } from './router.ts';
import type { RouteEntry } from '../machine/routes-file.ts';
import { relaySession } from './session-relay.ts';

export interface StaticRouteHandler {
  onRefused(arrival: Arrival, fault: FramingFault): void;
  /** The connection is the relay's from now on. */
  onDone(arrival: Arrival): void;
  onRelay(isStarted: boolean): void;
  /** Whether a connection that has been made leads to a static route of the same daemon: round and round. */
  leadsBack(arrival: Arrival, service: Socket): boolean;
  /** The service took the connection and said nothing: its client has been told. */
  onUnanswered(arrival: Arrival): void;
  /** The client begins another session over the same connection, which may be for another service. */
  onNext(arrival: Arrival, socket: Socket, octets: Uint8Array): void;
}

/**
 * A service that is not ours (CoreWCF, Mono, anything that speaks net.tcp) behind a path of a shared
 * port: its sessions are relayed, octet for octet, the preamble included.
 */
export class StaticRoute implements Destination {
  readonly pid = process.pid;
  readonly entry: RouteEntry;
  readonly target: string;
  readonly #limits: Limits;
  readonly #handler: StaticRouteHandler;
  /** Connections whose other half is still being opened. */
  readonly #opening = new Map<Arrival, Socket>();
  /** Relayed ones to which the service has not said anything yet, by its half. */
  readonly #unanswered = new Set<Socket>();
  /** When it last answered, or had nothing to answer. */
  #progressAt = 0;

  constructor(entry: RouteEntry, limits: Limits, handler: StaticRouteHandler) {
    this.entry = entry;
    this.target = showEndpoint(entry.host, entry.port);
    this.#limits = limits;
    this.#handler = handler;
  }

  dispatch(arrival: Arrival, registration: Registration<Destination>): void {
    const waiting = this.queued();
    if (waiting === 0) this.#progressAt = performance.now();
    if (waiting >= this.#room(registration)) {
      registration.counts.refused += 1;
      return this.#handler.onRefused(arrival, 'ServerTooBusy');
    }
    const { host, port } = this.entry;
    const service = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#opening.set(arrival, service);
    const timer = setTimeout(() => service.destroy(), this.#limits.openTimeoutMs);
    service.on('error', ignoreError);
    const onClose = (): void => {
      clearTimeout(timer);
      if (!this.#opening.delete(arrival)) return;
      registration.counts.refused += 1;
      this.#handler.onRefused(arrival, 'EndpointUnavailable');
    };
    service.once('close', onClose).once('connect', () => {
      clearTimeout(timer);
      service.off('close', onClose);
      this.#opening.delete(arrival);
      if (this.#handler.leadsBack(arrival, service)) {
        service.destroy();
        registration.counts.refused += 1;
        return this.#handler.onRefused(arrival, 'EndpointUnavailable');
      }
      const client = arrival.takeSocket();
      if (client === undefined) {
        service.destroy();
        return;
      }
      registration.counts.relayed += 1;
      this.#handler.onDone(arrival);
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

  /** The route is removed. @returns the connections that have not got through */
  close(): readonly Arrival[] {
    const left = [...this.#opening.keys()];
    for (const arrival of left) this.forget(arrival);
    return left;
  }

  /** How many may wait. As for services that share the port, a burst is no reason to turn clients away. */
  #room({ queueLength }: Registration<Destination>): number {
    const { busyAfterMs, listenBacklog } = this.#limits;
    const isStuck = performance.now() >= this.#progressAt + busyAfterMs;
    return isStuck ? queueLength : Math.max(queueLength, listenBacklog);
  }

  /** The kernel takes connections for a service that is stopped: one is open only when the service answers. */
  #relay(
    arrival: Arrival,
    client: Socket,
    service: Socket,
    registration: Registration<Destination>,
  ): void {
    const timer = setTimeout(() => {
      registration.counts.refused += 1;
      giveUp();
      refuse(client, 'EndpointUnavailable', this.#limits);
      this.#handler.onUnanswered(arrival);
    }, this.#limits.openTimeoutMs);
    const answered = (): void => {
      clearTimeout(timer);
      this.#unanswered.delete(service);
    };
    this.#handler.onRelay(true);
    this.#unanswered.add(service);
    const giveUp = relaySession(client, service, arrival.octets, {
      onAnswer: () => {
        this.#progressAt = performance.now();
        answered();
      },
      onDone: () => {
        answered();
        this.#handler.onRelay(false);
      },
      onNext: (octets) => this.#handler.onNext(arrival, client, octets),
    });
  }
}

function refuse(socket: Socket, fault: FramingFault, limits: Limits): void {
  const connection = new Connection(socket, { onOctets() {}, onEnd() {}, onClose() {} });
  writeFault(connection.writer(), fault);
  connection.closeDraining(limits.faultDrainBytes, limits.faultDrainMs);
}
