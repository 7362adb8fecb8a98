import type { Socket } from 'node:net';
import type { Limits } from '../../limits.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import { ControlChannel } from '../handshake/channel.ts';
import { pagesOf } from '../handshake/codec.ts';
import { type CallerControl, CallerLink } from '../handshake/link.ts';
import {
  type Attach,
  type DaemonMessage,
  type Hello,
  PROTOCOL_VERSION,
  type ServiceMessage,
} from '../handshake/messages.ts';
import { readOldHello, refusalForOld } from '../handshake/protocol-1.ts';
import type { RouteProblem } from '../handshake/route-problem.ts';
import { checkServiceMessage } from '../handshake/shapes.ts';
import type { RegistrationStatus } from '../handshake/status.ts';
import { ownNetwork } from '../machine/local-addresses.ts';
import type { Lock } from '../machine/lock.ts';
import type { Log } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';
import { ControlSocket } from './control-socket.ts';
import type { Daemon } from './daemon.ts';
import { passOn } from './succession/predecessor.ts';

interface ControlServerOptions {
  readonly daemon: Daemon;
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  readonly version: string;
  readonly paths: Paths;
  readonly lock: Lock;
}

// What a page takes beside its items.
const PAGE_ROOM_BYTES = 64;

/** Where services and tools of the same user talk to the daemon. */
export class ControlServer {
  readonly #options: ControlServerOptions;
  /** Where it listens; to be bound, and given its name, before anybody comes. */
  readonly socket: ControlSocket;
  /** By token. */
  readonly #links = new Map<string, CallerLink>();
  /** Open ones, but for those that carry descriptors or a relayed connection. */
  readonly #connections = new Set<CallerControl>();
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
    const control: CallerControl = new ControlChannel(socket, {
      maxMessageBytes: limits.maxControlMessageBytes,
      check: checkServiceMessage,
      onProtocol1: (line) => this.#refuseOld(control, line),
    });
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

  /** Tells whoever speaks protocol 1 so, in protocol 1. */
  #refuseOld(control: CallerControl, line: string): void {
    const hello = readOldHello(line);
    if (hello === undefined) return control.close('not a message of protocol 1 either');
    this.#options.log.write('version unsupported', { ...hello, protocol: 1 });
    control.socket.write(refusalForOld());
    control.close();
  }

  #onHello(control: CallerControl, hello: Hello): void {
    const { daemon, native, limits, version, log } = this.#options;
    const protocol = PROTOCOL_VERSION;
    if (hello.protocol !== protocol) {
      const { pid } = hello;
      log.write('version unsupported', { pid, version: hello.version, protocol: hello.protocol });
      control.send({ type: 'version-unsupported', protocol, version });
      return control.close();
    }
    const network = ownNetwork();
    const welcome = { type: 'welcome', protocol, version, pid: process.pid, network } as const;
    if (hello.role === 'tool') {
      const transfer = native === undefined ? 'relay' : 'hand-over';
      this.#serveTool(control);
      control.send({ ...welcome, transfer, token: '' });
      return;
    }
    if (daemon.ending.hasBegun) {
      control.send({ type: 'ending' });
      return control.close('the port-sharing daemon is ending');
    }
    if (hello.role === 'successor' && this.#isBeingReplaced) {
      const message = `The port-sharing daemon (pid ${process.pid}) is being replaced already.`;
      control.send({ type: 'succession-refused', message });
      return control.close();
    }
    if (hello.role !== 'successor' && hello.role !== 'service') {
      return control.close('nobody has that role');
    }
    const link = new CallerLink(control, hello, native, limits);
    const { token, transfer } = link;
    this.#links.set(token, link);
    control.socket.once('close', () => this.#links.delete(token));
    control.send({ ...welcome, transfer, token });
    if (hello.role === 'successor') void this.#passOn(link);
    else daemon.serve(link);
  }

  /** Another daemon wants to take over. */
  async #passOn(link: CallerLink): Promise<void> {
    this.#isBeingReplaced = true;
    const { ports, ending } = this.#options.daemon;
    const reclaimName = async (): Promise<void> => {
      if (this.socket.leads() !== 'ours') await this.socket.listen();
    };
    this.#isBeingReplaced = await passOn(link, { ...this.#options, ports, ending, reclaimName });
  }

  #onAttach(control: CallerControl, attach: Attach): void {
    const link = this.#links.get(attach.token);
    if (link === undefined) return control.close('attach with an unknown token');
    this.#connections.delete(control);
    link.attach(control, attach);
  }

  #serveTool(control: CallerControl): void {
    const { daemon, paths, limits } = this.#options;
    const maxBytes = limits.maxControlMessageBytes - PAGE_ROOM_BYTES;
    /** What is left of an answer that comes in pages. */
    let pages: Iterator<DaemonMessage> | undefined;
    const sendPage = (): void => {
      const page = pages?.next();
      if (page?.done !== false) return control.close('there is no more');
      if (!control.send(page.value)) control.close('a page is too long for a message');
    };
    const onMessage = async ({ type }: ServiceMessage): Promise<void> => {
      if (type === 'status') {
        pages = statusPages(daemon, maxBytes);
        sendPage();
      } else if (type === 'routes') {
        pages = routePages(await daemon.routes.load(paths), maxBytes);
        sendPage();
      } else if (type === 'more') sendPage();
      else if (type === 'stop') void daemon.ending.stop('told to by net-tcp-port-sharing stop');
      else control.close(`a tool cannot say ${type}`);
    };
    control.onMessage = (message) => void onMessage(message);
  }
}

function* statusPages(daemon: Daemon, maxBytes: number): Generator<DaemonMessage> {
  yield { type: 'status', status: daemon.status };
  for (const { page, isLast } of pagesOf(statusItems(daemon), maxBytes)) {
    const listeners = page.filter((item) => typeof item === 'string');
    const registrations = page.filter((item) => typeof item !== 'string');
    yield { type: 'status-page', listeners, registrations, isLast };
  }
}

function* statusItems(daemon: Daemon): Generator<string | RegistrationStatus> {
  yield* daemon.listeners;
  yield* daemon.registrations();
}

function* routePages(
  problems: readonly RouteProblem[],
  maxBytes: number,
): Generator<DaemonMessage> {
  for (const { page, isLast } of pagesOf(problems, maxBytes)) {
    yield { type: 'routes', problems: page, isLast };
  }
}
