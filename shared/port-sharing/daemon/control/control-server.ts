import type { Received } from '../../../printable.ts';
import type { Socket } from 'node:net';
import type { Limits } from '../../../limits.ts';
import { descriptorOf } from '../../../transport/node-internals.ts';
import { ControlChannel } from '../../handshake/channel.ts';
import { type CallerControl, CallerLink } from '../../handshake/link.ts';
import { type Attach, type Hello, PROTOCOL_VERSION } from '../../handshake/messages.ts';
import { readOldHello, refusalForOld } from '../../handshake/protocol-1.ts';
import { checkServiceMessage } from '../../handshake/shapes.ts';
import { ownNetwork } from '../../machine/local-addresses.ts';
import type { Lock } from '../../machine/lock.ts';
import type { Log } from '../../machine/log.ts';
import type { Native } from '../../machine/native.ts';
import type { Paths } from '../../machine/paths.ts';
import type { Daemon } from '../daemon.ts';
import { passOn } from '../succession/predecessor.ts';
import { Callers } from './callers.ts';
import { ControlSocket } from './control-socket.ts';
import { NOBODY } from './shares.ts';
import { serveTool } from './tool-requests.ts';

interface ControlServerOptions {
  readonly daemon: Daemon;
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  readonly version: string;
  readonly paths: Paths;
  readonly lock: Lock;
}

/** Where services and tools of the same user, or of root, talk to the daemon. */
export class ControlServer {
  readonly #options: ControlServerOptions;
  /** Where it listens; it must be bound, and given its name, before anybody can come. */
  readonly socket: ControlSocket;
  /** The links, by their tokens. */
  readonly #links = new Map<string, CallerLink>();
  readonly #callers: Callers;
  #isBeingReplaced = false;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#callers = new Callers(options.daemon.shares, options.limits.maxControlBytesPerProcess);
    this.socket = new ControlSocket(options.paths, (socket) => this.#onConnection(socket));
  }

  /** Whether the socket's name still leads here. */
  check(): 'ours' | 'missing' | 'replaced' {
    // While it is being replaced, `passOn` takes care of the name.
    return this.#isBeingReplaced ? 'ours' : this.socket.leads();
  }

  /**
   * Takes no more connections, removes the name if it is ours, and ends open connections: whoever told this
   * daemon to end waits for that, and this process cannot end before.
   */
  close(): void {
    this.socket.close();
    this.#callers.close();
  }

  #onConnection(socket: Socket): void {
    const { native, limits, log } = this.#options;
    const descriptor = descriptorOf(socket);
    const peer = descriptor === undefined ? undefined : native?.peer(descriptor);
    const pid = peer?.pid ?? NOBODY;
    if (peer !== undefined && peer.uid !== process.getuid?.() && peer.uid !== 0) {
      log.write('control connection refused', { uid: peer.uid });
      socket.destroy();
      return;
    }
    const control: CallerControl = new ControlChannel(socket, {
      maxMessageBytes: limits.maxControlMessageBytes,
      check: checkServiceMessage,
      onProtocol1: (line) => this.#refuseOld(control, line),
      mayHold: () => this.#callers.mayHold(control),
    });
    if (!this.#callers.add(control, pid)) return this.#refuseGreedy(control, pid);
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

  /** Refuses a process that has taken its share of the connections: others need room. */
  #refuseGreedy(control: CallerControl, pid: number): void {
    const reason = 'it has too many connections and listening sockets here';
    this.#options.log.write('control connection refused', { pid, reason });
    const message = `The port-sharing daemon (pid ${process.pid}) accepts no more connections of process ${pid}: it has its share of them. Close some of its services.`;
    control.send({ type: 'too-many', message });
    control.close();
  }

  /** Refuses a caller that speaks protocol 1, in protocol 1. */
  #refuseOld(control: CallerControl, line: string): void {
    const hello = readOldHello(line);
    if (hello === undefined) return control.close('not a message of protocol 1 either');
    this.#options.log.write('version unsupported', { ...hello, protocol: 1 });
    control.socket.write(refusalForOld());
    control.close();
  }

  #onHello(control: CallerControl, hello: Received<Hello>): void {
    const { daemon, native, limits, version, log } = this.#options;
    const pid = this.#callers.identify(control, hello.pid);
    if (pid === undefined) return this.#refuseGreedy(control, hello.pid);
    const protocol = PROTOCOL_VERSION;
    if (hello.protocol !== protocol) {
      log.write('version unsupported', { pid, version: hello.version, protocol: hello.protocol });
      control.send({ type: 'version-unsupported', protocol, version });
      return control.close();
    }
    const network = ownNetwork();
    const welcome = { type: 'welcome', protocol, version, pid: process.pid, network } as const;
    if (hello.role === 'tool') {
      const transfer = native === undefined ? 'relay' : 'hand-over';
      serveTool(control, this.#options);
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
      return control.close('there is no such role');
    }
    const link = new CallerLink(control, pid, hello, native, limits);
    const { token, transfer } = link;
    this.#links.set(token, link);
    control.socket.once('close', () => this.#links.delete(token));
    control.send({ ...welcome, transfer, token, calls: true });
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
    // A relaying connection is counted with its client's.
    if (attach.dispatch !== undefined) this.#callers.delete(control);
    link.attach(control, attach);
  }
}
