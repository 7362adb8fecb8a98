import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { showEndpoint } from '../address.ts';
import type { Limits } from '../limits.ts';
import { descriptorOf, stopReading } from '../transport/connection.ts';
import type { Arrival } from './arrival.ts';
import type { ControlChannel } from './control-channel.ts';
import type { Attach, DaemonMessage, ServiceMessage } from './control-protocol.ts';
import type { Native } from './native.ts';
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

interface Dispatched {
  readonly arrival: Arrival;
  readonly registration: Registration<Destination>;
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
  /** Set when both sides can hand over. */
  readonly #native: Native | undefined;
  #descriptors: Socket | undefined;
  readonly #unacknowledged = new Map<number, Dispatched>();
  #queue: Dispatched[] = [];
  /** When the service last answered. */
  #progressAt = 0;
  #isStuck = false;
  #stuckTimer: NodeJS.Timeout | undefined;
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
  queued(registration: Registration<Destination>): number {
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
    this.#progress();
    if (read.length > 0) client.write(read);
    relay(client, socket, () => this.#handler.onRelay(false));
    this.#pump();
  }

  /**
   * Brings a connection to the service, behind those that wait already. When the queue is full and the service
   * has taken nothing for a while, the connection is returned as one too many.
   */
  dispatch(arrival: Arrival, registration: Registration<Destination>): void {
    this.#queue.push({ arrival, registration });
    this.#pump();
    if (this.#queue.length > registration.queueLength) this.#onFull();
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
    this.#progress();
    entry.registration.counts.handedOver += 1;
    entry.arrival.release();
    this.#handler.onDone(entry.arrival);
    this.#pump();
  }

  rejected(dispatch: number, reason: string, isBusy: boolean): void {
    const entry = this.#take(dispatch);
    if (entry === undefined) return;
    this.#progress();
    if (isBusy) entry.registration.counts.refused += 1;
    this.#handler.onReturned(entry.arrival, reason, isBusy);
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

  /** Sends one of this process's descriptors, when there is room; `undefined` when the other side is gone. */
  async sendDescriptor(descriptor: number): Promise<number | undefined> {
    for (;;) {
      const id = this.#sendDescriptor(descriptor);
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
    clearTimeout(this.#stuckTimer);
    this.#queue = [];
  }

  /** The service is gone. @returns the connections that it had not taken */
  close(): readonly Arrival[] {
    clearTimeout(this.#retry);
    clearTimeout(this.#stuckTimer);
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

  /** The service has answered: it is not stuck. */
  #progress(): void {
    this.#progressAt = performance.now();
    this.#isStuck = false;
  }

  /** Behind a full queue: turned away when the service is stuck; else that is found out first. */
  #onFull(): void {
    if (this.#isStuck) return this.#refuseBehind(0);
    const { busyAfterMs, listenBacklog } = this.#limits;
    this.#refuseBehind(listenBacklog);
    if (this.#stuckTimer !== undefined) return;
    const dueAt = performance.now() + busyAfterMs;
    this.#stuckTimer = setTimeout(() => {
      this.#stuckTimer = undefined;
      const now = performance.now();
      // Much too late: it was this process that was stuck, and answers may be waiting to be read.
      const isLate = now > dueAt + busyAfterMs;
      this.#isStuck = !isLate && now >= this.#progressAt + busyAfterMs;
      if (this.#queue.some(isBehind)) this.#onFull();
    }, busyAfterMs);
  }

  /** Turns away what is behind the end of the queue, or behind `least` where that is more. */
  #refuseBehind(least: number): void {
    const excess = this.#queue.filter((entry, index) => index >= least && isBehind(entry, index));
    if (excess.length === 0) return;
    this.#queue = this.#queue.filter((entry, index) => index < least || !isBehind(entry, index));
    for (const { arrival, registration } of excess) {
      registration.counts.refused += 1;
      this.#handler.onTooMany(arrival);
    }
  }

  #retryLater(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, FULL_RETRY_MS);
  }
}

/** Whether a place in the queue is one too many for the registration. */
function isBehind({ registration }: Dispatched, index: number): boolean {
  return index >= registration.queueLength;
}
