import type { Received } from '../../../printable.ts';
import type { Socket } from 'node:net';
import type { Limits } from '../../../limits.ts';
import { keepAlive } from '../../../transport/keep-alive.ts';
import { FULL_RETRY_MS } from '../../handshake/descriptor-channel.ts';
import type { CallerLink } from '../../handshake/link.ts';
import type { Register, Rejected, ServiceMessage } from '../../handshake/messages.ts';
import type { Log } from '../../machine/log.ts';
import type { Arrival } from '../arrival.ts';
import { type Dispatched, DispatchQueue } from './dispatch-queue.ts';
import type { Ports } from '../ports.ts';
import type { Registrar } from '../registrations/registrar.ts';
import type { Registration } from '../registrations/registration.ts';
import type { Connections, Destination } from '../destination.ts';
import { relay } from '../routes/relay.ts';
import { KeptListeners } from './kept-listeners.ts';
import { countCalls, wishOf } from './registering.ts';
import { sendConnection } from './send-connection.ts';
import { Unanswered } from './unanswered.ts';

interface ServicePeerOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly connections: Connections;
  readonly ports: Ports;
  readonly registrar: Registrar;
}

/** The daemon's side of one service process. */
export class ServicePeer implements Destination {
  readonly pid: number;
  readonly link: CallerLink;
  /** Listening sockets that the service keeps copies of. */
  readonly listeners: KeptListeners;
  readonly #options: ServicePeerOptions;
  readonly #unanswered: Unanswered;
  readonly #queue: DispatchQueue;
  /** Handed-over connections that it still has, as far as it says so: only a replica does. */
  #handedOver = 0;
  #relayed = 0;
  /** What it has registered, by request. */
  readonly #own = new Map<number, Registration<Destination>>();
  #nextDispatch = 1;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(link: CallerLink, options: ServicePeerOptions) {
    this.pid = link.pid;
    this.link = link;
    this.#options = options;
    this.listeners = new KeptListeners(link, options.registrar);
    this.#queue = new DispatchQueue(options.limits, options.connections);
    this.#unanswered = new Unanswered(options.limits.busyAfterMs, (entry) => this.#pass(entry));
    link.control.onMessage = (message) => this.#onMessage(message);
    link.onRelay = (dispatch, socket, read) => this.#relay(dispatch, socket, read);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get open(): number {
    return this.#queue.entries.length + this.#unanswered.size + this.#handedOver + this.#relayed;
  }

  get isStuck(): boolean {
    return this.#unanswered.isStuck;
  }

  queued(registration: Registration<Destination>): number {
    const all = [...this.#queue.entries, ...this.#unanswered.all()];
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
    this.#unanswered.forget(arrival);
  }

  /** Connections that were sent to the service, and that it has not answered yet. */
  get unacknowledged(): readonly Arrival[] {
    return this.#unanswered.all().map(({ arrival }) => arrival);
  }

  /** Forgets what has not been sent to the service yet. */
  clearQueue(): void {
    this.#queue.clear();
  }

  close(): readonly Arrival[] {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    return [...this.#unanswered.clear(), ...this.#queue.clear()].map(({ arrival }) => arrival);
  }

  #onMessage(message: Received<ServiceMessage>): void {
    switch (message.type) {
      case 'register':
        void this.#register(message);
        return;
      case 'listener':
        return this.listeners.adopt(message);
      case 'accepted':
        return this.#onAccepted(message.dispatch);
      case 'rejected':
        return this.#onRejected(message);
      case 'open':
        this.#handedOver = message.connections;
        return;
      case 'calls':
        return countCalls(this.#own, message.endpoints);
      case 'redispatch':
        return this.#redispatch(message.descriptor, message.octets);
      default:
        this.link.control.close(`a service may not send ${message.type} here`);
    }
  }

  async #register(message: Received<Register>): Promise<void> {
    const { registrar, ports, log } = this.#options;
    const { control } = this.link;
    const { request } = message;
    const wish = wishOf(message);
    const outcome = await registrar.enter(this, wish);
    // The service asks the next daemon again.
    if (outcome === undefined) return control.close('the port-sharing daemon is ending');
    if ('status' in outcome) {
      const { status, message } = outcome;
      log.write('registration refused', {
        pid: this.pid,
        address: wish.address,
        status,
        reason: message,
      });
      return void control.send({ type: 'refused', request, status, message });
    }
    this.#own.set(request, outcome);
    const { port, uri } = outcome.address;
    for (const listening of ports.listening(port)) this.listeners.keep(listening);
    control.send({ type: 'registered', request, address: uri });
  }

  /** The service has the connection. */
  #onAccepted(dispatch: number): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    entry.registration.counts.handedOver += 1;
    this.#handedOver += 1;
    entry.arrival.release();
    this.#options.connections.forget(entry.arrival);
    this.#pump();
  }

  /** The service would not, or could not, take the connection. */
  #onRejected({ dispatch, reason, busy, late }: Received<Rejected>): void {
    const { log, connections } = this.#options;
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    const { arrival, registration } = entry;
    if (late === true) connections.route(arrival);
    else {
      log.write('not taken', { pid: this.pid, via: arrival.via, reason });
      const fault = busy === true ? 'ServerTooBusy' : 'ConnectionDispatchFailed';
      connections.notTaken(arrival, registration, fault);
    }
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
    this.#relayed += 1;
    if (read.length > 0) client.write(read);
    keepAlive(client, limits.keepAliveAfterMs);
    relay(client, socket, () => {
      this.#relayed -= 1;
      onDone();
    });
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
    const entry = this.#unanswered.take(dispatch);
    if (entry !== undefined) this.#queue.progress();
    return entry;
  }

  /** The service is stuck: another replica gets the connection, if one can, and those that wait behind it. */
  #pass({ arrival, registration }: Dispatched): boolean {
    const { connections } = this.#options;
    if (!connections.pass(arrival, registration)) return false;
    this.#queue.pass((entry) => connections.pass(entry.arrival, entry.registration));
    return true;
  }

  /** Sends as many connections as the service may have unacknowledged. */
  #pump(): void {
    const { limits, connections } = this.#options;
    while (this.#unanswered.size < limits.maxUnacknowledged) {
      const [entry] = this.#queue.entries;
      if (entry === undefined) return;
      const dispatch = this.#nextDispatch;
      const outcome = sendConnection(this.link, dispatch, entry, limits.busyAfterMs);
      if (outcome === 'full') return this.#retryLater();
      if (outcome === 'gone') return; // its control connection closes, too, which brings them back
      this.#queue.shift();
      if (outcome === 'sent') {
        this.#nextDispatch += 1;
        this.#unanswered.add(dispatch, entry);
      } else if (outcome === 'closed') connections.forget(entry.arrival);
      else connections.refuse(entry.arrival, 'ConnectionDispatchFailed');
    }
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, FULL_RETRY_MS);
  }
}
