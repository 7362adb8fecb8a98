import type { Socket } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import { ControlChannel } from '../handshake/line-channel.ts';
import {
  type Attach,
  type DaemonMessage,
  type Hello,
  parseServiceMessage,
  PROTOCOL_VERSION,
  type ServiceMessage,
} from '../handshake/messages.ts';
import { ControlSocket } from './control-socket.ts';
import type { Daemon } from './daemon.ts';
import type { Lock } from '../machine/lock.ts';
import type { Log } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';
import { problemOf, type RouteProblem } from '../handshake/route-problem.ts';
import { readRoutes } from '../machine/routes-file.ts';
import { type ControlConnection, ServicePeer } from './service-peer.ts';
import { passOn } from './succession.ts';

export interface ControlServerOptions {
  readonly daemon: Daemon;
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  readonly version: string;
  readonly paths: Paths;
  readonly lock: Lock;
}

/** Where services and tools of the same user talk to the daemon. */
export class ControlServer {
  readonly #options: ControlServerOptions;
  /** Where it listens; to be bound, and given its name, before anybody comes. */
  readonly socket: ControlSocket;
  readonly #peers = new Map<string, ServicePeer>();
  /** Open ones, but for those that carry descriptors or a relayed connection. */
  readonly #connections = new Set<ControlConnection>();
  #isBeingReplaced = false;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.socket = new ControlSocket(options.paths, (socket) => this.#onConnection(socket));
  }

  /** Whether the socket's name still leads here. */
  check(): 'ours' | 'missing' | 'replaced' {
    // While it is being replaced, `passOn` looks after that.
    return this.#isBeingReplaced ? 'ours' : this.socket.leads();
  }

  /**
   * Takes no more connections, removes the name if it is ours, and ends what is open: whoever told this daemon to end
   * waits for that, and this process could not end before it.
   */
  close(): void {
    this.socket.close();
    for (const control of this.#connections) control.close();
  }

  #onConnection(socket: Socket): void {
    const { native, limits, log } = this.#options;
    const descriptor = descriptorOf(socket);
    const uid = descriptor === undefined ? undefined : native?.peerUid(descriptor);
    if (uid !== undefined && uid !== process.getuid?.() && uid !== 0) {
      log.write('control connection refused', { uid });
      socket.destroy();
      return;
    }
    const control: ControlConnection = new ControlChannel(
      socket,
      limits.maxControlMessageBytes,
      parseServiceMessage,
    );
    this.#connections.add(control);
    socket.once('close', () => this.#connections.delete(control));
    const timer = setTimeout(() => control.close('no hello in time'), limits.helloTimeoutMs);
    control.onMessage = (message) => {
      clearTimeout(timer);
      if (message.type === 'hello') this.#onHello(control, message);
      else if (message.type === 'attach') this.#onAttach(control, message);
      else control.close(`expected hello, got ${message.type}`);
    };
    control.onClose = (reason) => {
      clearTimeout(timer);
      if (reason !== undefined) log.write('control connection refused', { reason });
    };
  }

  #onHello(control: ControlConnection, hello: Hello): void {
    const { daemon, native, version, log } = this.#options;
    if (hello.protocol !== PROTOCOL_VERSION) {
      log.write('version unsupported', { pid: hello.pid, version: hello.version });
      control.send({ type: 'version-unsupported', protocol: PROTOCOL_VERSION, version });
      control.close();
      return;
    }
    const welcome = {
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      version,
      pid: process.pid,
    } as const;
    if (hello.role === 'tool') {
      const transfer = native === undefined ? 'relay' : 'hand-over';
      control.onMessage = (message) => this.#onToolMessage(control, message);
      control.send({ ...welcome, transfer, token: '' });
      return;
    }
    if (daemon.isEnding) return control.close('the port-sharing daemon is ending');
    if (hello.role === 'successor') return this.#onSuccessor(control, hello, welcome);
    const peer = daemon.addService(hello.pid, hello.handOver, control);
    this.#peers.set(peer.token, peer);
    control.onMessage = (message) => daemon.onServiceMessage(peer, message);
    control.onClose = (reason) => {
      this.#peers.delete(peer.token);
      daemon.removeService(peer, reason);
    };
    control.send({ ...welcome, transfer: peer.transfer, token: peer.token });
  }

  /** Another daemon wants to take over. */
  #onSuccessor(
    control: ControlConnection,
    { pid, handOver }: Hello,
    welcome: Omit<Extract<DaemonMessage, { type: 'welcome' }>, 'transfer' | 'token'>,
  ): void {
    const { native, limits } = this.#options;
    if (this.#isBeingReplaced) {
      const message = `The port-sharing daemon (pid ${process.pid}) is being replaced already.`;
      control.send({ type: 'succession-refused', message });
      return control.close();
    }
    this.#isBeingReplaced = true;
    const peer = new ServicePeer(pid, control, handOver ? native : undefined, limits, NO_HANDLER);
    this.#peers.set(peer.token, peer);
    const reclaimName = async (): Promise<void> => {
      if (this.socket.leads() !== 'ours') await this.socket.listen();
    };
    void passOn(peer, { ...this.#options, reclaimName }).then((isReplaced) => {
      this.#peers.delete(peer.token);
      peer.close();
      this.#isBeingReplaced = isReplaced;
    });
    control.send({ ...welcome, transfer: peer.transfer, token: peer.token });
  }

  #onAttach(control: ControlConnection, { token, dispatch }: Attach): void {
    const peer = this.#peers.get(token);
    if (peer === undefined) return control.close('attach with an unknown token');
    const read = control.detach();
    this.#connections.delete(control);
    if (dispatch === undefined) peer.attachDescriptors(control.socket);
    else peer.attachRelay(dispatch, control.socket, read);
  }

  async #updateRoutes(control: ControlConnection): Promise<void> {
    const problems = await loadRoutes(this.#options.daemon, this.#options.paths);
    control.send({ type: 'routes', problems });
  }

  #onToolMessage(control: ControlConnection, message: ServiceMessage | Attach): void {
    const { daemon } = this.#options;
    if (message.type === 'status') control.send({ type: 'status', status: daemon.status });
    else if (message.type === 'routes') void this.#updateRoutes(control);
    else if (message.type === 'stop') void daemon.stop('told to by net-tcp-port-sharing stop');
    else control.close(`a tool cannot say ${message.type}`);
  }
}

/** No connection is ever dispatched to a successor. */
const NO_HANDLER = { onReturned() {}, onTooMany() {}, onDone() {}, onRelay() {} };

/** Has a daemon take the static routes that the file names. @returns what could not be done */
export async function loadRoutes(daemon: Daemon, paths: Paths): Promise<readonly RouteProblem[]> {
  try {
    return await daemon.setRoutes(readRoutes(paths));
  } catch (error) {
    return [problemOf(NetTcpError.from(error))];
  }
}
