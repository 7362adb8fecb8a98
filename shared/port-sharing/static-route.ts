import { connect, type Socket } from 'node:net';
import type { FramingFault } from '../framing/faults.ts';
import type { Limits } from '../limits.ts';
import { ignoreError } from '../transport/connection.ts';
import type { Arrival } from './arrival.ts';
import type { Registration } from './registry.ts';
import type { Destination } from './router.ts';
import type { RouteEntry } from './routes-file.ts';
import { relaySession } from './session-relay.ts';

export interface StaticRouteHandler {
  onRefused(arrival: Arrival, fault: FramingFault): void;
  /** The connection is the relay's from now on. */
  onDone(arrival: Arrival): void;
  onRelay(isStarted: boolean): void;
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
  readonly #limits: Limits;
  readonly #handler: StaticRouteHandler;
  /** Connections whose other half is still being opened. */
  readonly #opening = new Map<Arrival, Socket>();

  constructor(entry: RouteEntry, limits: Limits, handler: StaticRouteHandler) {
    this.entry = entry;
    this.#limits = limits;
    this.#handler = handler;
  }

  dispatch(arrival: Arrival, registration: Registration<Destination>): void {
    if (this.#opening.size >= registration.queueLength) {
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
      const client = arrival.takeSocket();
      if (client === undefined) {
        service.destroy();
        return;
      }
      registration.counts.relayed += 1;
      this.#handler.onDone(arrival);
      this.#handler.onRelay(true);
      relaySession(client, service, arrival.octets, {
        onDone: () => this.#handler.onRelay(false),
        onNext: (octets) => this.#handler.onNext(arrival, client, octets),
      });
    });
  }

  queued(): number {
    return this.#opening.size;
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
}
