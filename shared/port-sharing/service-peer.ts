import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { showEndpoint } from '../address.ts';
import type { Limits } from '../limits.ts';
import { descriptorOf, stopReading } from '../transport/socket-handle.ts';
import type { Arrival } from './arrival.ts';
import type { ControlChannel } from './control-channel.ts';
import type { Attach, DaemonMessage, ServiceMessage } from './control-protocol.ts';
import type { Native } from './native.ts';
import type { Registration } from './registry.ts';
import { relay } from './relay.ts';

export type ControlConnection = ControlChannel<ServiceMessage | Attach, DaemonMessage>;

export interface ServicePeerHandler {
  /** The service would not, or could not, take the connection. */
  onReturned(arrival: Arrival, reason: string): void;
  /** Nothing happens with the connection in the daemon any more. */
  onDone(arrival: Arrival): void;
  onRelay(started: boolean): void;
}

interface Dispatched {
  readonly arrival: Arrival;
  readonly registration: Registration<ServicePeer>;
}

// While a service's descriptor channel is full, and no answer of its own says that there is room again.
const FULL_RETRY_MS = 10;

/** The daemon's side of one service process. */
export class ServicePeer {
  readonly pid: number;
  /** Proves that further connections come from the same process. */
  readonly token = randomBytes(16).toString('hex');
  readonly control: ControlConnection;
  readonly #handler: ServicePeerHandler;
  readonly #limits: Limits;
  /** Set when both sides can hand over. */
  readonly #native: Native | undefined;
  #descriptors: Socket | undefined;
  readonly #unacknowledged = new Map<number, Dispatched>();
  #queue: Dispatched[] = [];
  /** Listening sockets that the service keeps copies of, as `host:port`. */
  readonly #listeners = new Set<string>();
  #nextId = 1;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    pid: number,
    control: ControlConnection,
    native: Native | undefined,
    limits: Limits,
    handler: ServicePeerHandler,
  ) {
    this.pid = pid;
    this.control = control;
    this.#native = native;
    this.#limits = limits;
    this.#handler = handler;
  }

  get transfer(): 'hand-over' | 'relay' {
    return this.#native === undefined ? 'relay' : 'hand-over';
  }

  /** Connections that the service has not taken yet. */
  queued(registration: Registration<ServicePeer>): number {
    const waiting = [...this.#queue, ...this.#unacknowledged.values()];
    return waiting.filter((entry) => entry.registration === registration).length;
  }

  /** The second connection has come, whose data Node never reads: it carries descriptors. */
  attachDescriptors(socket: Socket): void {
    this.#descriptors?.destroy();
    this.#descriptors = socket;
    stopReading(socket);
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
    if (read.length > 0) client.write(read);
    relay(client, socket, () => this.#handler.onRelay(false));
    this.#pump();
  }

  /**
   * Brings a connection to the service, behind those that wait already.
   *
   * @returns false when too many wait
   */
  dispatch(arrival: Arrival, registration: Registration<ServicePeer>): boolean {
    const waiting = this.#queue.length;
    if (waiting >= registration.queueLength) {
      registration.counts.refused += 1;
      return false;
    }
    this.#queue.push({ arrival, registration });
    this.#pump();
    return true;
  }

  /** A connection that waits here is gone. */
  forget(arrival: Arrival): void {
    this.#queue = this.#queue.filter((entry) => entry.arrival !== arrival);
    for (const [id, entry] of this.#unacknowledged) {
      if (entry.arrival === arrival) this.#unacknowledged.delete(id);
    }
  }

  accepted(dispatch: number): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    entry.registration.counts.handedOver += 1;
    entry.arrival.release();
    this.#handler.onDone(entry.arrival);
    this.#pump();
  }

  rejected(dispatch: number, reason: string): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    this.#handler.onReturned(entry.arrival, reason);
    this.#pump();
  }

  /** Gives the service a copy of a listening socket, unless it has one. */
  sendListener(host: string, port: number, server: Server): void {
    const descriptor = descriptorOf(server);
    if (descriptor === undefined || this.#listeners.has(showEndpoint(host, port))) return;
    const id = this.#sendDescriptor(descriptor);
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
    const channel = this.#descriptors === undefined ? undefined : descriptorOf(this.#descriptors);
    if (channel === undefined) return undefined;
    const received = this.#native?.receiveDescriptor(channel);
    return received?.id === id ? received.descriptor : undefined;
  }

  /** The service is gone. @returns the connections that it had not taken */
  close(): readonly Arrival[] {
    clearTimeout(this.#retry);
    this.#descriptors?.destroy();
    const left = [...this.#unacknowledged.values(), ...this.#queue];
    this.#unacknowledged.clear();
    this.#queue = [];
    return left.map(({ arrival }) => arrival);
  }

  #take(dispatch: number): Dispatched | undefined {
    const entry = this.#unacknowledged.get(dispatch);
    this.#unacknowledged.delete(dispatch);
    return entry;
  }

  /** Sends as many as the service may have unacknowledged. */
  #pump(): void {
    while (this.#queue.length > 0 && this.#unacknowledged.size < this.#limits.maxUnacknowledged) {
      const [entry] = this.#queue;
      if (entry === undefined) return;
      const { socket } = entry.arrival;
      const descriptor = socket === undefined ? undefined : descriptorOf(socket);
      if (descriptor === undefined && this.#native !== undefined) {
        this.#queue.shift(); // closed meanwhile
        this.#handler.onDone(entry.arrival);
        continue;
      }
      const id = descriptor === undefined ? this.#nextId++ : this.#transferId(descriptor);
      if (id === 'full') {
        this.#retryLater();
        return;
      }
      if (id === 'gone') return; // its control connection closes, too, and brings them back
      this.#queue.shift();
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

  #transferId(descriptor: number): number | 'full' | 'gone' {
    return this.#native === undefined ? this.#nextId++ : this.#sendDescriptor(descriptor);
  }

  #sendDescriptor(descriptor: number): number | 'full' | 'gone' {
    const channel = this.#descriptors === undefined ? undefined : descriptorOf(this.#descriptors);
    if (channel === undefined || this.#native === undefined) return 'gone';
    const id = this.#nextId++;
    const outcome = this.#native.sendDescriptor(channel, id, descriptor);
    return outcome === 'sent' ? id : outcome;
  }

  #retryLater(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, FULL_RETRY_MS);
  }
}
