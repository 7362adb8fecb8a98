import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { showEndpoint } from '../../address.ts';
import type { Limits } from '../../limits.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import type { Arrival } from './arrival.ts';
import type { ControlChannel } from '../handshake/line-channel.ts';
import type { Attach, DaemonMessage, ServiceMessage } from '../handshake/messages.ts';
import { DescriptorChannel } from '../handshake/descriptor-channel.ts';
import { type Dispatched, DispatchQueue } from './dispatch-queue.ts';
import type { Native } from '../machine/native.ts';
import type { Registration } from './registry.ts';
import type { Destination } from './router.ts';
import { relay } from './relay.ts';

export type ControlConnection = ControlChannel<ServiceMessage | Attach, DaemonMessage>;

export interface ServicePeerHandler {
  /** The service would not, or could not, take the connection. `isBusy`: later it may. */
  onReturned(arrival: Arrival, reason: string, isBusy: boolean): void;
  /** Too many wait for the service already. */
  onTooMany(arrival: Arrival): void;
  /** Nothing happens with the connection in the daemon any more. */
  onDone(arrival: Arrival): void;
  onRelay(started: boolean): void;
}

// While a service's descriptor channel is full, and no answer of its own says that there is room again.
const FULL_RETRY_MS = 10;

/** The daemon's side of one service process. */
export class ServicePeer implements Destination {
  readonly pid: number;
  /** Proves that further connections come from the same process. */
  readonly token = randomBytes(16).toString('hex');
  readonly control: ControlConnection;
  readonly #handler: ServicePeerHandler;
  readonly #limits: Limits;
  readonly #descriptors: DescriptorChannel;
  readonly #unacknowledged = new Map<number, Dispatched>();
  readonly #queue: DispatchQueue;
  /** Listening sockets that the service keeps copies of, as `host:port`. */
  readonly #listeners = new Set<string>();
  #retry: NodeJS.Timeout | undefined;

  /** @param native set when both sides can hand over */
  constructor(
    pid: number,
    control: ControlConnection,
    native: Native | undefined,
    limits: Limits,
    handler: ServicePeerHandler,
  ) {
    this.pid = pid;
    this.control = control;
    this.#descriptors = new DescriptorChannel(native);
    this.#queue = new DispatchQueue(limits, (arrival) => handler.onTooMany(arrival));
    this.#limits = limits;
    this.#handler = handler;
  }

  get transfer(): 'hand-over' | 'relay' {
    return this.#descriptors.handsOver ? 'hand-over' : 'relay';
  }

  /** Connections that the service has not taken yet. */
  queued(registration: Registration<Destination>): number {
    const waiting = [...this.#queue.entries, ...this.#unacknowledged.values()];
    return waiting.filter((entry) => entry.registration === registration).length;
  }

  /** The second connection has come. */
  attachDescriptors(socket: Socket): void {
    this.#descriptors.attach(socket);
    socket.on('close', () => this.control.close('the descriptor channel was closed'));
    this.control.send({ type: 'attached' });
  }

  /** The connection over which one dispatched connection's octets go has come. */
  attachRelay(dispatch: number, socket: Socket, read: Uint8Array): void {
    const entry = this.#take(dispatch);
    const client = entry?.arrival.takeSocket();
    if (entry === undefined || client === undefined) {
      socket.destroy();
      return;
    }
    entry.registration.counts.relayed += 1;
    this.#handler.onDone(entry.arrival);
    this.#handler.onRelay(true);
    this.#queue.progress();
    if (read.length > 0) client.write(read);
    relay(client, socket, () => this.#handler.onRelay(false));
    this.#pump();
  }

  /**
   * Brings a connection to the service, behind those that wait already. When the queue is full and the service
   * has taken nothing for a while, the connection is returned as one too many.
   */
  dispatch(arrival: Arrival, registration: Registration<Destination>): void {
    this.#queue.add({ arrival, registration });
    this.#pump();
    this.#queue.checkLength(registration);
  }

  /** A connection that waits here is gone. */
  forget(arrival: Arrival): void {
    this.#queue.remove(arrival);
    for (const [id, entry] of this.#unacknowledged) {
      if (entry.arrival === arrival) this.#unacknowledged.delete(id);
    }
  }

  accepted(dispatch: number): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    this.#queue.progress();
    entry.registration.counts.handedOver += 1;
    entry.arrival.release();
    this.#handler.onDone(entry.arrival);
    this.#pump();
  }

  rejected(dispatch: number, reason: string, isBusy: boolean): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    this.#queue.progress();
    if (isBusy) entry.registration.counts.refused += 1;
    this.#handler.onReturned(entry.arrival, reason, isBusy);
    this.#pump();
  }

  /** Gives the service a copy of a listening socket, unless it has one. */
  sendListener(host: string, port: number, server: Server): void {
    const descriptor = descriptorOf(server);
    if (descriptor === undefined || this.#listeners.has(showEndpoint(host, port))) return;
    const id = this.#descriptors.send(descriptor);
    if (typeof id !== 'number') return;
    this.keepsListener(host, port);
    this.control.send({ type: 'listener', descriptor: id, host, port });
  }

  /** The service has a copy of that listening socket. */
  keepsListener(host: string, port: number): void {
    this.#listeners.add(showEndpoint(host, port));
  }

  listenerClosed(host: string, port: number): void {
    if (!this.#listeners.delete(showEndpoint(host, port))) return;
    this.control.send({ type: 'listener-closed', host, port });
  }

  /** Takes a descriptor that the service has sent. */
  receiveDescriptor(id: number): number | undefined {
    return this.#descriptors.receive(id);
  }

  /** Sends one of this process's descriptors, when there is room; `undefined` when the other side is gone. */
  async sendDescriptor(descriptor: number): Promise<number | undefined> {
    for (;;) {
      const id = this.#descriptors.send(descriptor);
      if (id !== 'full') return id === 'gone' ? undefined : id;
      await new Promise((resolve) => setTimeout(resolve, FULL_RETRY_MS));
    }
  }

  /** Whether the service has been sent this connection, and has not said that it took it. */
  isDispatching(arrival: Arrival): boolean {
    return [...this.#unacknowledged.values()].some((entry) => entry.arrival === arrival);
  }

  /** Connections that it has been sent, and has not said that it took. */
  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  /** Takes back what has not been sent to the service yet. */
  clearQueue(): void {
    this.#queue.clear();
  }

  /** The service is gone. @returns the connections that it had not taken */
  close(): readonly Arrival[] {
    clearTimeout(this.#retry);
    this.#descriptors.close();
    const left = [...this.#unacknowledged.values(), ...this.#queue.clear()];
    this.#unacknowledged.clear();
    return left.map(({ arrival }) => arrival);
  }

  #take(dispatch: number): Dispatched | undefined {
    const entry = this.#unacknowledged.get(dispatch);
    this.#unacknowledged.delete(dispatch);
    return entry;
  }

  /** Sends as many as the service may have unacknowledged. */
  #pump(): void {
    while (this.#unacknowledged.size < this.#limits.maxUnacknowledged) {
      const [entry] = this.#queue.entries;
      if (entry === undefined) return;
      const id = this.#transfer(entry.arrival);
      if (id === 'full') return this.#retryLater();
      if (id === 'gone') return; // its control connection closes, too, and brings them back
      this.#queue.shift();
      if (id === 'closed') {
        this.#handler.onDone(entry.arrival);
        continue;
      }
      this.#unacknowledged.set(id, entry);
      this.control.send({
        type: 'dispatch',
        dispatch: id,
        via: entry.arrival.via,
        octets: Buffer.from(entry.arrival.octets).toString('base64'),
        transfer: this.transfer,
      });
    }
  }

  /** @returns the id under which a connection is dispatched; `'closed'`: the client has gone meanwhile */
  #transfer({ socket }: Arrival): number | 'full' | 'gone' | 'closed' {
    if (!this.#descriptors.handsOver) return this.#descriptors.takeId();
    const descriptor = socket === undefined ? undefined : descriptorOf(socket);
    return descriptor === undefined ? 'closed' : this.#descriptors.send(descriptor);
  }

  #retryLater(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, FULL_RETRY_MS);
  }
}
