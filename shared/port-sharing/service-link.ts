import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { NetTcpError } from '../errors.ts';
import { adoptSocket } from '../transport/shared-read.ts';
import { descriptorOf } from '../transport/socket-handle.ts';
import type { Incoming } from '../transport/listener.ts';
import { connectControl, type DaemonLink } from './daemon-link.ts';
import type { DaemonMessage, RefusalStatus } from './control-protocol.ts';
import type { Native } from './native.ts';
import type { Paths } from './paths.ts';

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
  #descriptors: Socket | undefined;
  #onAttached: () => void = () => {};
  #nextRequest = 1;
  #isLost = false;
  #lose: () => void = () => {};
  /** Resolves when the daemon is gone, or the link was closed. */
  readonly lost = new Promise<void>((resolve) => (this.#lose = resolve));

  constructor(
    link: DaemonLink,
    paths: Paths,
    native: Native | undefined,
    handler: ServiceLinkHandler,
  ) {
    this.#link = link;
    this.#paths = paths;
    this.#native = link.welcome.transfer === 'hand-over' ? native : undefined;
    this.#handler = handler;
    link.control.onMessage = (message) => this.#onMessage(message);
    link.control.onClose = () => this.#onLost();
    if (!link.control.isOpen) this.#onLost();
  }

  /** Opens the second connection, that descriptors travel on. @throws {NetTcpError} `Communication` */
  async attach(): Promise<void> {
    if (this.#native === undefined) return;
    const socket = await connectControl(this.#paths, this.#native);
    if (socket === undefined || this.#isLost) {
      socket?.destroy();
      throw gone();
    }
    this.#descriptors = socket;
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

  /** Gives the daemon a listening socket. */
  offerListener(id: number, host: string, port: number, descriptor: number): void {
    if (this.#sendDescriptor(id, descriptor)) {
      this.#link.control.send({ type: 'listener', descriptor: id, host, port });
    }
  }

  /** Gives a connection back. `onTaken` says when the daemon has it. @returns whether it was sent */
  sendBack(id: number, { socket, octets }: Incoming): boolean {
    const descriptor = descriptorOf(socket);
    if (descriptor === undefined || !this.#sendDescriptor(id, descriptor)) return false;
    const encoded = Buffer.from(octets).toString('base64');
    this.#link.control.send({ type: 'redispatch', descriptor: id, octets: encoded });
    return true;
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
        const descriptor = this.#receiveDescriptor(message.descriptor);
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
    const descriptor = this.#receiveDescriptor(dispatch);
    if (descriptor === undefined) {
      // The kernel drops descriptors that a process has no room for.
      const reason = 'the service has no descriptor left';
      this.#link.control.send({ type: 'rejected', dispatch, reason });
      this.#handler.onNotice(
        'A connection was refused: this process is at its limit of open files.',
      );
      return;
    }
    // Before anything is written to the client: from now on nobody else may answer it.
    this.#link.control.send({ type: 'accepted', dispatch });
    const socket = adoptSocket(descriptor);
    this.#handler.onConnection({ socket, octets: Buffer.from(octets, 'base64') });
  }

  async #takeRelayed(dispatch: number, octets: string): Promise<void> {
    const socket = await connectControl(this.#paths, this.#native).catch(() => undefined);
    if (socket === undefined || this.#isLost) {
      const reason = 'the service could not open a connection to relay over';
      this.#link.control.send({ type: 'rejected', dispatch, reason });
      socket?.destroy();
      return;
    }
    const { token } = this.#link.welcome;
    socket.write(`${JSON.stringify({ type: 'attach', token, dispatch })}\n`);
    socket.resume();
    this.#handler.onConnection({ socket, octets: Buffer.from(octets, 'base64') });
  }

  #sendDescriptor(id: number, descriptor: number): boolean {
    const channel = this.#descriptors === undefined ? undefined : descriptorOf(this.#descriptors);
    if (channel === undefined) return false;
    return this.#native?.sendDescriptor(channel, id, descriptor) === 'sent';
  }

  #receiveDescriptor(id: number): number | undefined {
    const channel = this.#descriptors === undefined ? undefined : descriptorOf(this.#descriptors);
    if (channel === undefined) return undefined;
    const received = this.#native?.receiveDescriptor(channel);
    if (received === undefined || received.id === id) return received?.descriptor;
    if (received.descriptor !== undefined) closeSync(received.descriptor);
    return undefined;
  }

  #onLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#descriptors?.destroy();
    for (const { reject } of this.#registering.values()) reject(gone());
    this.#registering.clear();
    this.#lose();
  }
}

const PREFIX =
  'The TransportManager failed to listen on the supplied URI using the NetTcpPortSharing service: ';

function gone(): NetTcpError {
  return new NetTcpError('Communication', `${PREFIX}the daemon ended meanwhile. Try again.`);
}

function refusal(status: RefusalStatus, message: string): NetTcpError {
  switch (status) {
    case 'conflicting-registration':
      return new NetTcpError('AddressAlreadyInUse', `${PREFIX}${message}. Choose another path.`, {
        reason: 'already-registered',
      });
    case 'failed-to-listen':
      return new NetTcpError(
        'AddressAlreadyInUse',
        `${PREFIX}the service failed to listen. ${message} The port belongs to a program that does not share it: end that program, or choose another port.`,
      );
    case 'path-too-long':
    case 'quota-exceeded':
      return new NetTcpError('QuotaExceeded', `${PREFIX}${message}.`);
    default:
      return new NetTcpError('Communication', `${PREFIX}${message}.`);
  }
}
