import { printable, rawText, type Received, type Untrusted } from '../../printable.ts';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { Incoming } from '../../transport/listener.ts';
import { Origin, setOrigin } from '../../transport/fronts/origin.ts';
import { adoptSocket } from '../../transport/shared-read.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import type { DaemonLink } from '../handshake/link.ts';
import type { DaemonMessage, Dispatch, Register, RefusalStatus } from '../handshake/messages.ts';
import { gone, refusal } from '../handshake/refusal.ts';
import { machineMs } from '../../time.ts';
import { descriptorLimit } from '../machine/descriptor-limit.ts';
import type { Native } from '../machine/native.ts';

export interface ServiceLinkHandler {
  /** @param isRelayed whether its bytes go through the daemon */
  onConnection(connection: Incoming, isRelayed: boolean): void;
  /** A copy of a listening socket, which the handler keeps and closes. */
  onListener(host: string, port: number, descriptor: number): void;
  onListenerClosed(host: string, port: number): void;
  /** The daemon has the socket that was sent back under this id. */
  onTaken(id: number): void;
  /** The daemon was told to end. */
  onStopping(): void;
  onNotice(text: string): void;
  /** Whether there is room for another connection: if not, another replica gets it. Absent if nobody else could. */
  readonly hasRoom?: (() => boolean) | undefined;
}

const NOTICE_EVERY_MS = 10_000;

/** What is registered. */
type Endpoint = Omit<Register, 'type' | 'request'>;

interface Waiting {
  readonly address: string;
  readonly resolve: (address: string) => void;
  readonly reject: (error: NetTcpError) => void;
}

/** A service's link to one daemon: its registrations there, and the connections that come from it. */
export class ServiceLink {
  readonly #link: DaemonLink;
  readonly #handler: ServiceLinkHandler;
  readonly #registering = new Map<number, Waiting>();
  /** Clients get no descriptor from this number on. */
  readonly #descriptorsForClients: number;
  readonly #answerTimeoutMs: number;
  /** The requests of what is registered, in the order in which it came to be. */
  readonly registered: number[] = [];
  #noticedAt = -Infinity;
  #nextRequest = 1;

  /** @param link with its descriptor connection attached, if there is to be one */
  constructor(
    link: DaemonLink,
    native: Native | undefined,
    limits: Limits,
    handler: ServiceLinkHandler,
  ) {
    this.#link = link;
    this.#handler = handler;
    this.#answerTimeoutMs = limits.daemonStartTimeoutMs;
    this.#descriptorsForClients = descriptorLimit(native) - limits.serviceReservedDescriptors;
    link.control.onMessage = (message) => this.#onMessage(message);
    void link.lost.then(() => {
      for (const { reject } of this.#registering.values()) reject(gone());
      this.#registering.clear();
    });
  }

  /**
   * Registers the address of an endpoint.
   *
   * @returns the address with its real port
   * @throws {NetTcpError} `AddressAlreadyInUse`, `QuotaExceeded`, `Communication`; `Timeout` if the daemon does
   *   not answer
   */
  async register(endpoint: Endpoint): Promise<string> {
    const daemon = `the port-sharing daemon (pid ${this.#link.welcome.pid})`;
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = setTimeout(() => {
        const text = `For ${this.#answerTimeoutMs} ms ${daemon} has not answered the registration of ${endpoint.address}: it is stopped, or has too much to do. Look at its log, or end it.`;
        reject(new NetTcpError('Timeout', text));
      }, this.#answerTimeoutMs);
    });
    try {
      return await Promise.race([this.#ask(endpoint), late]);
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Says how many of the connections that were handed over are still there. */
  reportOpen(connections: number): void {
    this.#link.control.send({ type: 'open', connections });
  }

  #ask(endpoint: Endpoint): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#link.isLost) return reject(gone());
      const request = this.#nextRequest++;
      const message = { type: 'register', request, ...endpoint } as const;
      if (!this.#link.control.send(message)) {
        return reject(refusal('path-too-long', 'the registration is too long for a message'));
      }
      this.#registering.set(request, { address: endpoint.address, resolve, reject });
    });
  }

  /** Gives the daemon a listening socket. */
  offerListener(host: string, port: number, listening: number): void {
    this.#link.sendDescriptor(listening, (descriptor) => ({
      type: 'listener',
      descriptor,
      host,
      port,
    }));
  }

  #onMessage(message: Received<DaemonMessage>): void {
    switch (message.type) {
      case 'registered':
        this.registered.push(message.request);
        return this.#settle(message.request)?.resolve(printable(message.address, Infinity));
      case 'refused':
        return this.#onRefused(message.request, message.status, message.message);
      case 'listener': {
        const descriptor = this.#link.receiveDescriptor(message.descriptor, 'listener');
        if (descriptor === undefined) return;
        return this.#handler.onListener(message.host, message.port, descriptor);
      }
      case 'listener-closed':
        return this.#handler.onListenerClosed(message.host, message.port);
      case 'dispatch':
        if (message.descriptor === undefined) void this.#takeRelayed(message);
        else this.#take(message, message.descriptor);
        return;
      case 'taken':
        return this.#handler.onTaken(message.descriptor);
      case 'stopping':
        return this.#handler.onStopping();
      default:
        return;
    }
  }

  #onRefused(request: number, status: RefusalStatus, message: Untrusted): void {
    const waiting = this.#settle(request);
    waiting?.reject(refusal(status, printable(message, Infinity), waiting.address));
  }

  #settle(request: number): Waiting | undefined {
    const waiting = this.#registering.get(request);
    this.#registering.delete(request);
    return waiting;
  }

  /** Takes a connection that was handed over: the socket is ours from now on. */
  #take(message: Received<Dispatch>, id: number): void {
    const { dispatch, octets, takeBy } = message;
    const descriptor = this.#link.receiveDescriptor(id, 'connection');
    if (descriptor === undefined || !this.#isSpare(descriptor)) {
      // No room: the kernel drops descriptors then, or this one leaves too few for others.
      if (descriptor !== undefined) closeSync(descriptor);
      return this.#rejectForWant(dispatch);
    }
    const { control } = this.#link;
    if (takeBy !== undefined && machineMs() > takeBy) {
      closeSync(descriptor);
      const reason = 'this process took it too late';
      return void control.send({ type: 'rejected', dispatch, reason, late: true });
    }
    if (this.#handler.hasRoom?.() === false) {
      closeSync(descriptor);
      return this.#rejectBusy(dispatch);
    }
    // Said before anything is written to the client: from now on nobody else may answer it.
    control.send({ type: 'accepted', dispatch });
    // The daemon may not have heard of it in time: then another replica has the connection. Its client tries again.
    if (takeBy !== undefined && (machineMs() > takeBy || control.socket.writableLength > 0)) {
      return closeSync(descriptor);
    }
    const socket = adoptSocket(descriptor);
    tellOrigin(socket, message);
    this.#handler.onConnection({ socket, octets }, false);
  }

  #rejectBusy(dispatch: number): void {
    const reason = 'the service has as many sessions as it may have';
    this.#link.control.send({ type: 'rejected', dispatch, reason, busy: true });
  }

  /** Whether enough descriptors are left beside it: the kernel gives out the lowest free number. */
  #isSpare(descriptor: number | undefined): boolean {
    return descriptor === undefined || descriptor < this.#descriptorsForClients;
  }

  /** Has the client told ServerTooBusy; those already connected notice nothing. */
  #rejectForWant(dispatch: number): void {
    const reason = 'the service has no descriptor left';
    if (!this.#link.control.send({ type: 'rejected', dispatch, reason, busy: true })) return;
    const now = performance.now();
    if (now < this.#noticedAt + NOTICE_EVERY_MS) return;
    this.#noticedAt = now;
    this.#handler.onNotice(
      'Connections are refused: this process is close to its limit of open files.',
    );
  }

  async #takeRelayed(message: Received<Dispatch>): Promise<void> {
    const { dispatch, octets } = message;
    if (this.#handler.hasRoom?.() === false) return this.#rejectBusy(dispatch);
    let socket: Socket | undefined;
    try {
      socket = await this.#link.openRelay(dispatch);
    } catch {
      return this.#rejectForWant(dispatch);
    }
    if (socket === undefined) {
      // The control socket's name was removed: another try may find it made again.
      const reason = 'the daemon could not be reached to relay';
      this.#link.control.send({ type: 'rejected', dispatch, reason });
      return;
    }
    if (!this.#isSpare(descriptorOf(socket))) {
      socket.destroy();
      return this.#rejectForWant(dispatch);
    }
    socket.resume();
    tellOrigin(socket, message);
    this.#handler.onConnection({ socket, octets }, true);
  }
}

/** Keeps what the daemon says of where a connection comes from. */
function tellOrigin(socket: Socket, { from, fronted }: Received<Dispatch>): void {
  if (from !== undefined) setOrigin(socket, new Origin(rawText(from), fronted === true));
}
