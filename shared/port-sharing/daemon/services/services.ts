import type { Arrival } from '../arrival.ts';
import type { Idle } from '../idle.ts';
import type { Listening } from '../port.ts';
import type { Registry } from '../registrations/registry.ts';
import type { Destination } from '../destination.ts';
import type { ServicePeer } from './service-peer.ts';

interface ServicesOptions {
  readonly registry: Registry<Destination>;
  readonly idle: Idle;
}

/** All connected services, registered or not, and the copies of listening sockets that they keep. */
export class Services implements Iterable<ServicePeer> {
  readonly #options: ServicesOptions;
  readonly #peers = new Set<ServicePeer>();

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): Iterator<ServicePeer> {
    return this.#peers.values();
  }

  add(peer: ServicePeer): void {
    this.#peers.add(peer);
    this.#options.idle.enter();
  }

  delete(peer: ServicePeer): void {
    if (!this.#peers.delete(peer)) return;
    this.#options.idle.leave();
  }

  /** Whether one of them was sent this connection, and has not answered yet. */
  areDispatching(arrival: Arrival): boolean {
    return [...this.#peers].some((peer) => peer.unacknowledged.includes(arrival));
  }

  /** Gives a copy of a listening socket to each service that is registered on its port. */
  keep(listening: Listening): void {
    const owners = new Set<Destination>();
    for (const { owner } of this.#options.registry.onPort(listening.port)) owners.add(owner);
    for (const peer of this.#peers) if (owners.has(peer)) peer.listeners.keep(listening);
  }

  /** Has the copies of a closed listening socket closed. */
  drop(host: string, port: number): void {
    for (const peer of this.#peers) peer.listeners.drop(host, port);
  }
}
