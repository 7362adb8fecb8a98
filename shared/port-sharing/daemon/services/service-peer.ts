import type { Socket } from 'node:net';
import { showEndpoint } from '../../../address.ts';
import { messageOf } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { keepAlive } from '../../../transport/keep-alive.ts';
import { descriptorOf } from '../../../transport/node-internals.ts';
import type { CallerLink } from '../../handshake/link.ts';
import type { ListenerMessage, Register, ServiceMessage } from '../../handshake/messages.ts';
import type { Log } from '../../machine/log.ts';
import type { Arrival } from '../arrival.ts';
import { type Dispatched, DispatchQueue } from './dispatch-queue.ts';
import type { Listening } from '../port.ts';
import type { Ports } from '../ports.ts';
import type { Registrar } from '../registrations/registrar.ts';
import type { Registration } from '../registrations/registry.ts';
import type { Connections, Destination } from '../router.ts';
import { relay } from '../routes/relay.ts';

interface ServicePeerOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly connections: Connections;
  readonly ports: Ports;
  readonly registrar: Registrar;
}

// Between tries while a service's descriptor channel is full, unless an answer comes before that.
const FULL_RETRY_MS = 10;

/** The daemon's side of one service process. */
export class ServicePeer implements Destination {
  readonly pid: number;
  readonly link: CallerLink;
  readonly #options: ServicePeerOptions;
  readonly #unacknowledged = new Map<number, Dispatched>();
  readonly #queue: DispatchQueue;
  /** Listening sockets that the service keeps copies of, as `host:port`. */
  readonly #listeners = new Set<string>();
  #nextDispatch = 1;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(link: CallerLink, options: ServicePeerOptions) {
    this.pid = link.pid;
    this.link = link;
    this.#options = options;
    this.#queue = new DispatchQueue(options.limits, options.connections);
    link.control.onMessage = (message) => this.#onMessage(message);
    link.onRelay = (dispatch, socket, read) => this.#relay(dispatch, socket, read);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  queued(registration: Registration<Destination>): number {
    const all = [...this.#queue.entries, ...this.#unacknowledged.values()];
    return all.filter((entry) => entry.registration === registration).length;
  }

  /** Brings a connection to the service, after those that wait; refuses it if the queue stays full. */
  dispatch(arrival: Arrival, registration: Registration<Destination>): void {
    this.#queue.add({ arrival, registration });
    this.#pump();
    this.#queue.checkLength(registration);
  }

  forget(arrival: Arrival): void {
    this.#queue.remove(arrival);
    for (const [id, entry] of this.#unacknowledged) {
      if (entry.arrival === arrival) this.#unacknowledged.delete(id);
    }
  }

  /** Gives the service a copy of a listening socket, unless it has one. */
  keep({ host, port, server }: Listening): void {
    const listening = descriptorOf(server);
    if (listening === undefined || this.#listeners.has(showEndpoint(host, port))) return;
    const message = { type: 'listener', host, port } as const;
    const id = this.link.sendDescriptor(listening, (descriptor) => ({ ...message, descriptor }));
    if (typeof id === 'number') this.#listeners.add(showEndpoint(host, port));
  }

  /** Has the service close its copy of a listening socket that is closed. */
  drop(host: string, port: number): void {
    if (!this.#listeners.delete(showEndpoint(host, port))) return;
    this.link.control.send({ type: 'listener-closed', host, port });
  }

  /** Connections that were sent to the service, and that it has not answered yet. */
  get unacknowledged(): readonly Arrival[] {
    return [...this.#unacknowledged.values()].map(({ arrival }) => arrival);
  }

  /** Forgets what has not been sent to the service yet. */
  clearQueue(): void {
    this.#queue.clear();
  }

  close(): readonly Arrival[] {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const left = [...this.#unacknowledged.values(), ...this.#queue.clear()];
    this.#unacknowledged.clear();
    return left.map(({ arrival }) => arrival);
  }

  #onMessage(message: ServiceMessage): void {
    switch (message.type) {
      case 'register':
        void this.#register(message);
        return;
      case 'listener':
        return this.#adopt(message);
      case 'accepted':
        return this.#onAccepted(message.dispatch);
      case 'rejected':
        return this.#onRejected(message.dispatch, message.reason, message.busy === true);
      case 'redispatch':
        return this.#redispatch(message.descriptor, message.octets);
      default:
        this.link.control.close(`a service cannot say ${message.type} here`);
    }
  }

  async #register({ request, address, ...others }: Register): Promise<void> {
    const { registrar, ports, log } = this.#options;
    const { control } = this.link;
    const outcome = await registrar.enter(this, { address, ...others });
    // The service asks the next daemon again.
    if (outcome === undefined) return control.close('the port-sharing daemon is ending');
    if ('status' in outcome) {
      const { status, message } = outcome;
      log.write('registration refused', { pid: this.pid, address, status, reason: message });
      return void control.send({ type: 'refused', request, status, message });
    }
    const { port, uri } = outcome.address;
    for (const listening of ports.listening(port)) this.keep(listening);
    control.send({ type: 'registered', request, address: uri });
  }

  /** Takes over a listening socket that the service kept when the last daemon died. */
  #adopt({ descriptor: id, host, port }: ListenerMessage): void {
    const descriptor = this.link.receiveDescriptor(id, 'listener');
    if (descriptor === undefined) return;
    try {
      this.#options.registrar.adopt({ host, port, descriptor }, this.pid);
      this.#listeners.add(showEndpoint(host, port));
    } catch (error) {
      this.link.control.close(messageOf(error));
    }
  }

  /** The service has the connection. */
  #onAccepted(dispatch: number): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    entry.registration.counts.handedOver += 1;
    entry.arrival.release();
    this.#options.connections.forget(entry.arrival);
    this.#pump();
  }

  /** The service would not, or could not, take the connection. */
  #onRejected(dispatch: number, reason: string, isBusy: boolean): void {
    const { log, connections } = this.#options;
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    const { arrival, registration } = entry;
    if (isBusy) registration.counts.refused += 1;
    log.write('not taken', { pid: this.pid, via: arrival.via, reason });
    connections.refuse(arrival, isBusy ? 'ServerTooBusy' : 'ConnectionDispatchFailed');
    this.#pump();
  }

  /** The service has opened the connection over which a dispatched one's bytes go. */
  #relay(dispatch: number, socket: Socket, read: Uint8Array): void {
    const entry = this.#take(dispatch);
    const client = entry?.arrival.takeSocket();
    if (entry === undefined || client === undefined) {
      socket.destroy();
      return;
    }
    const { limits, connections } = this.#options;
    entry.registration.counts.relayed += 1;
    const onDone = connections.relaying(entry.arrival);
    if (read.length > 0) client.write(read);
    keepAlive(client, limits.keepAliveAfterMs);
    relay(client, socket, onDone);
    this.#pump();
  }

  /** The service gives back a connection whose client wants to go somewhere else. */
  #redispatch(id: number, octets: Uint8Array): void {
    const { link } = this;
    const descriptor = link.receiveDescriptor(id, 'connection');
    // Only this makes the service close its own copy, so it is sent even if the socket did not come.
    link.control.send({ type: 'taken', descriptor: id });
    if (descriptor !== undefined) this.#options.connections.comeBack(descriptor, octets);
  }

  /** Removes a dispatch that the service has answered. */
  #take(dispatch: number): Dispatched | undefined {
    const entry = this.#unacknowledged.get(dispatch);
    if (entry !== undefined) this.#queue.progress();
    this.#unacknowledged.delete(dispatch);
    return entry;
  }

  /** Sends as many connections as the service may have unacknowledged. */
  #pump(): void {
    const { limits, connections } = this.#options;
    while (this.#unacknowledged.size < limits.maxUnacknowledged) {
      const [entry] = this.#queue.entries;
      if (entry === undefined) return;
      const dispatch = this.#nextDispatch;
      const outcome = this.#send(dispatch, entry.arrival);
      if (outcome === 'full') return this.#retryLater();
      if (outcome === 'gone') return; // its control connection closes, too, which brings them back
      this.#queue.shift();
      if (outcome === 'sent') {
        this.#nextDispatch += 1;
        this.#unacknowledged.set(dispatch, entry);
      } else if (outcome === 'closed') connections.forget(entry.arrival);
      else connections.refuse(entry.arrival, 'ConnectionDispatchFailed');
    }
  }

  /** @returns `'closed'`: the client has gone; `'too long'`: no message has room for what was read from it */
  #send(dispatch: number, arrival: Arrival): 'sent' | 'full' | 'gone' | 'closed' | 'too long' {
    const { via, octets, socket } = arrival;
    if (!this.link.hasRoomFor(octets)) return 'too long';
    const message = { type: 'dispatch', dispatch, via, octets } as const;
    if (this.link.transfer === 'relay') return this.link.control.send(message) ? 'sent' : 'gone';
    const client = socket === undefined ? undefined : descriptorOf(socket);
    if (client === undefined) return 'closed';
    const id = this.link.sendDescriptor(client, (descriptor) => ({ ...message, descriptor }));
    return typeof id === 'number' ? 'sent' : id;
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, FULL_RETRY_MS);
  }
}
