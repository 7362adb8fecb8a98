import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { NetTcpError } from '../../errors.ts';
import { adoptSocket } from '../../transport/shared-read.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import type { Incoming } from '../../transport/listener.ts';
import type { Limits } from '../../limits.ts';
import { connectControl, type DaemonLink } from '../handshake/connect.ts';
import type { DaemonMessage } from '../handshake/messages.ts';
import { DescriptorChannel } from '../handshake/descriptor-channel.ts';
import { descriptorLimit } from '../machine/descriptor-limit.ts';
import type { Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';
import { gone, refusal } from '../handshake/refusal.ts';

export interface ServiceLinkHandler {
  onConnection(connection: Incoming): void;
  /** A copy of a listening socket, to be kept and closed. */
  onListener(host: string, port: number, descriptor: number): void;
  onListenerClosed(host: string, port: number): void;
  /** The daemon has the socket that was sent back under this id. */
  onTaken(id: number): void;
  /** The daemon was told to end. */
  onStopping(): void;
  onNotice(text: string): void;
}

const NOTICE_EVERY_MS = 10_000;

interface Waiting {
  readonly resolve: (address: string) => void;
  readonly reject: (error: NetTcpError) => void;
}

/** A service's connection to one daemon: what `SharedListener` has while that daemon lives. */
export class ServiceLink {
  readonly #link: DaemonLink;
  readonly #paths: Paths;
  readonly #native: Native | undefined;
  readonly #handler: ServiceLinkHandler;
  readonly #registering = new Map<number, Waiting>();
  readonly #descriptors: DescriptorChannel;
  #onAttached: () => void = () => {};
  /** Clients get no descriptor from here on. */
  readonly #descriptorsForClients: number;
  /** Characters of base64 that fit into a message, beside the rest of it. */
  readonly #maxOctets: number;
  #noticedAt = -Infinity;
  #nextRequest = 1;
  #isLost = false;
  #lose: () => void = () => {};
  /** Resolves when the daemon is gone, or the link was closed. */
  readonly lost = new Promise<void>((resolve) => (this.#lose = resolve));

  constructor(
    link: DaemonLink,
    paths: Paths,
    native: Native | undefined,
    limits: Limits,
    handler: ServiceLinkHandler,
  ) {
    this.#link = link;
    this.#paths = paths;
    this.#native = native;
    this.#descriptors = new DescriptorChannel(
      link.welcome.transfer === 'hand-over' ? native : undefined,
    );
    this.#handler = handler;
    this.#descriptorsForClients = descriptorLimit(native) - limits.serviceReservedDescriptors;
    this.#maxOctets = limits.maxControlMessageBytes - 128;
    link.control.onMessage = (message) => this.#onMessage(message);
    link.control.onClose = () => this.#onLost();
    if (!link.control.isOpen) this.#onLost();
  }

  /** The daemon is gone, or the link was closed. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Opens the second connection, that descriptors travel on. @throws {NetTcpError} `Communication` */
  async attach(): Promise<void> {
    if (!this.handsOver) return;
    const socket = await connectControl(this.#paths, this.#native);
    if (socket === undefined || this.#isLost) {
      socket?.destroy();
      throw gone();
    }
    this.#descriptors.attach(socket);
    const attached = new Promise<void>((resolve) => (this.#onAttached = resolve));
    const { token } = this.#link.welcome;
    socket.write(`${JSON.stringify({ type: 'attach', token })}\n`);
    await Promise.race([attached, this.lost]);
    if (this.#isLost) throw gone();
  }

  /**
   * Registers an endpoint address.
   *
   * @returns the address with its real port
   * @throws {NetTcpError} `AddressAlreadyInUse`, `QuotaExceeded`, `Communication`
   */
  register(address: string, hosts: readonly string[], queueLength: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#isLost) return reject(gone());
      const request = this.#nextRequest++;
      this.#registering.set(request, { resolve, reject });
      this.#link.control.send({ type: 'register', request, address, hosts, queueLength });
    });
  }

  /** Whether descriptors can travel between daemon and service. */
  get handsOver(): boolean {
    return this.#descriptors.handsOver;
  }

  /** Gives the daemon a listening socket. */
  offerListener(host: string, port: number, listening: number): void {
    const id = this.#descriptors.send(listening);
    if (typeof id !== 'number') return;
    this.#link.control.send({ type: 'listener', descriptor: id, host, port });
  }

  /**
   * Gives a connection back.
   *
   * @returns the id under which `onTaken` says that the daemon has it; `'full'`: not now; `'gone'`: the daemon is;
   *   `'closed'`: the connection is, or cannot be sent at all
   */
  sendBack({ socket, octets }: Incoming): number | 'full' | 'gone' | 'closed' {
    const encoded = Buffer.from(octets).toString('base64');
    const descriptor = descriptorOf(socket);
    if (descriptor === undefined || encoded.length > this.#maxOctets) return 'closed';
    const id = this.#descriptors.send(descriptor);
    if (typeof id === 'number') {
      this.#link.control.send({ type: 'redispatch', descriptor: id, octets: encoded });
    }
    return id;
  }

  /** Ends all registrations. */
  close(): void {
    this.#link.control.close();
    this.#onLost();
  }

  #onMessage(message: DaemonMessage): void {
    switch (message.type) {
      case 'attached':
        return this.#onAttached();
      case 'registered':
        return this.#settle(message.request)?.resolve(message.address);
      case 'refused':
        return this.#settle(message.request)?.reject(refusal(message.status, message.message));
      case 'listener': {
        const descriptor = this.#descriptors.receive(message.descriptor);
        if (descriptor === undefined) return;
        return this.#handler.onListener(message.host, message.port, descriptor);
      }
      case 'listener-closed':
        return this.#handler.onListenerClosed(message.host, message.port);
      case 'dispatch':
        if (message.transfer === 'hand-over') this.#take(message.dispatch, message.octets);
        else void this.#takeRelayed(message.dispatch, message.octets);
        return;
      case 'taken':
        return this.#handler.onTaken(message.descriptor);
      case 'stopping':
        return this.#handler.onStopping();
      default:
        return;
    }
  }

  #settle(request: number): Waiting | undefined {
    const waiting = this.#registering.get(request);
    this.#registering.delete(request);
    return waiting;
  }

  /** A connection has been handed over: the socket is ours from here on. */
  #take(dispatch: number, octets: string): void {
    const descriptor = this.#descriptors.receive(dispatch);
    if (descriptor === undefined || !this.#isSpare(descriptor)) {
      // The kernel drops descriptors that a process has no room for.
      if (descriptor !== undefined) closeSync(descriptor);
      return this.#rejectForWant(dispatch);
    }
    // Before anything is written to the client: from now on nobody else may answer it.
    this.#link.control.send({ type: 'accepted', dispatch });
    const socket = adoptSocket(descriptor);
    this.#handler.onConnection({ socket, octets: Buffer.from(octets, 'base64') });
  }

  /** Whether enough are left beside it: the kernel gives out the lowest number that is free. */
  #isSpare(descriptor: number | undefined): boolean {
    return descriptor === undefined || descriptor < this.#descriptorsForClients;
  }

  /** The client is told ServerTooBusy; those who are connected already notice nothing. */
  #rejectForWant(dispatch: number): void {
    const reason = 'the service has no descriptor left';
    this.#link.control.send({ type: 'rejected', dispatch, reason, busy: true });
    const now = performance.now();
    if (now < this.#noticedAt + NOTICE_EVERY_MS) return;
    this.#noticedAt = now;
    this.#handler.onNotice(
      'Connections are refused: this process is close to its limit of open files.',
    );
  }

  async #takeRelayed(dispatch: number, octets: string): Promise<void> {
    let socket: Socket | undefined;
    try {
      socket = await connectControl(this.#paths, this.#native);
    } catch {
      return this.#rejectForWant(dispatch);
    }
    if (socket === undefined && !this.#isLost) {
      // The socket's name was removed: another try may find it made again.
      const reason = 'the daemon could not be reached to relay';
      return this.#link.control.send({ type: 'rejected', dispatch, reason });
    }
    if (socket === undefined || !this.#isSpare(descriptorOf(socket)) || this.#isLost) {
      socket?.destroy();
      return this.#rejectForWant(dispatch);
    }
    const { token } = this.#link.welcome;
    socket.write(`${JSON.stringify({ type: 'attach', token, dispatch })}\n`);
    socket.resume();
    this.#handler.onConnection({ socket, octets: Buffer.from(octets, 'base64') });
  }

  #onLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#descriptors.close();
    for (const { reject } of this.#registering.values()) reject(gone());
    this.#registering.clear();
    this.#lose();
  }
}
