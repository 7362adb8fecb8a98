import { closeSync } from 'node:fs';
import { atPort, type EndpointAddress, parseAddress } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { sleep } from '../../time.ts';
import type { CallCounts, Incoming, Listener } from '../../transport/listener.ts';
import { connectToDaemon } from '../handshake/connect.ts';
import type { DaemonLink } from '../handshake/link.ts';
import { gone } from '../handshake/refusal.ts';
import { ReturnQueue } from '../handshake/return-queue.ts';
import type { Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';
import { CallReports } from './call-reports.ts';
import { ListenerCopies } from './listener-copies.ts';
import { OpenConnections } from './open-connections.ts';
import { ServiceLink, type ServiceLinkHandler } from './service-link.ts';
import { connectOrStart } from './start-daemon.ts';
import { toolCommand } from '../../own-package.ts';

interface SharedListenerOptions {
  readonly addresses: readonly EndpointAddress[];
  /** Local IP addresses to listen on; see `Registration.hosts`. */
  readonly hosts: readonly string[];
  readonly paths: Paths;
  /** `undefined` if connections can only be relayed to this process. */
  readonly native: Native | undefined;
  /** What clients have to use, in words for `status`. */
  readonly security: string;
  readonly limits: Limits;
  /** Whether other processes may register the same addresses, if they say so, too. */
  readonly isReplica: boolean;
  readonly onConnection: (connection: Incoming) => void;
  /** See `ListenOptions`. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** See `ListenOptions`. */
  readonly counts?: (() => readonly CallCounts[]) | undefined;
  /** See `ListenOptions`. */
  readonly onWaiting?: (() => void) | undefined;
  /** See `ListenOptions`. */
  readonly signal?: AbortSignal | undefined;
  /** Told what an operator wants to know: the daemon was stopped, does not come back, or takes its time. */
  readonly onNotice: (text: string) => void;
}

const FIRST_PAUSE_MS = 5;
// After that, the person who started the service begins to wonder.
const PATIENCE_MS = 1_000;
const LONGEST_PAUSE_MS = 1_000;
// Whoever stops the daemon will start it again, and clients are refused until it is found.
const STOPPED_PAUSE_MS = 50;
// About a second, in which nobody has to know.
const NOTICE_AFTER_ATTEMPTS = 8;

/**
 * The service's side of port sharing: registers endpoints with the daemon and takes connections from it. When the
 * daemon dies, this starts another and registers everything again; connections already taken notice nothing.
 */
export class SharedListener implements Listener {
  readonly #options: SharedListenerOptions;
  readonly #copies = new ListenerCopies();
  readonly #returned: ReturnQueue;
  readonly #handler: ServiceLinkHandler;
  readonly #reports: CallReports | undefined;
  /** Only of a replica: nobody else is asked. */
  readonly #open: OpenConnections | undefined;
  #link: DaemonLink | undefined;
  #addresses: readonly EndpointAddress[];
  #isClosed = false;
  /** The daemon was stopped on purpose: this service must not start it again. */
  #wasStopped = false;
  /** The operator has been told that the daemon is away. */
  #isMissed = false;
  /** The daemon ended while this was connecting to it. */
  #wasLost = false;

  private constructor(options: SharedListenerOptions) {
    this.#options = options;
    this.#addresses = options.addresses;
    this.#returned = new ReturnQueue(options.limits);
    const open = options.isReplica ? new OpenConnections() : undefined;
    this.#open = open;
    const { counts, limits } = options;
    this.#reports = counts && new CallReports(counts, limits.maxControlMessageBytes);
    this.#handler = {
      onConnection: (connection, isRelayed) => {
        if (!isRelayed) open?.add(connection.socket);
        options.onConnection(connection);
      },
      hasRoom: options.isReplica ? options.hasRoom : undefined,
      onNotice: options.onNotice,
      onListener: (host, port, descriptor) => {
        if (this.#isClosed) closeSync(descriptor);
        else this.#copies.keep(host, port, descriptor);
      },
      onListenerClosed: (host, port) => this.#copies.drop(host, port),
      onTaken: (id) => this.#returned.taken(id),
      onStopping: () => this.#onStopping(),
    };
  }

  /**
   * Registers, and starts the daemon if none runs.
   *
   * @throws {NetTcpError} `AddressAlreadyInUse`, `QuotaExceeded`, `Timeout`, or `Communication` for other
   *   obstacles; what `signal` was aborted with, before anything is started
   */
  static async open(options: SharedListenerOptions): Promise<SharedListener> {
    options.signal?.throwIfAborted();
    const listener = new SharedListener({
      ...options,
      // A daemon takes its time to start, and has a time limit for that.
      onWaiting: () => {
        patience.refresh();
        options.onWaiting?.();
      },
    });
    const patience = setTimeout(() => {
      options.onNotice(stillWaiting(options.addresses[0]?.port ?? 0));
    }, PATIENCE_MS);
    options.signal?.addEventListener('abort', () => void listener.close());
    const deadline = performance.now() + options.limits.daemonStartTimeoutMs;
    for (;;) {
      try {
        await listener.#connect();
        break;
      } catch (error) {
        // The daemon has just ended, or given way to another: that is no answer.
        if (listener.#isClosed || !listener.#wasLost || performance.now() > deadline) {
          clearTimeout(patience);
          await listener.close();
          throw error;
        }
        await sleep(FIRST_PAUSE_MS, 0.2);
      }
    }
    clearTimeout(patience);
    void listener.#stayConnected();
    return listener;
  }

  get addresses(): readonly EndpointAddress[] {
    return this.#addresses;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#copies.close();
    this.#reports?.close();
    this.#link?.close();
    this.#returned.close();
    await Promise.resolve();
  }

  redispatch(connection: Incoming): boolean {
    if (this.#options.native === undefined || this.#isClosed) return false;
    this.#returned.give(connection);
    return true;
  }

  async #connect(): Promise<void> {
    const { paths, native, limits, onWaiting } = this.#options;
    this.#wasLost = false;
    const link = this.#wasStopped
      ? await connectToDaemon(paths, native, limits, 'service')
      : await connectOrStart(paths, native, limits, onWaiting);
    if (link === undefined) throw new NetTcpError('Communication', 'the daemon is stopped');
    this.#wasStopped = false;
    this.#link = link;
    onWaiting?.();
    try {
      if (this.#isClosed) throw gone();
      await link.attach();
      await this.#register(new ServiceLink(link, native, limits, this.#handler), link);
    } catch (error) {
      this.#wasLost = link.isLost;
      link.close();
      throw error;
    }
    this.#returned.use(link);
  }

  /** Gives a daemon what the last one had: the listening sockets and the registrations. */
  async #register(service: ServiceLink, link: DaemonLink): Promise<void> {
    const { hosts, security, limits, isReplica } = this.#options;
    // A daemon that cannot take the copies could not listen while they are open.
    if (link.transfer === 'relay') this.#copies.close();
    this.#open?.use(service);
    for (const { host, port, descriptor } of this.#copies.all()) {
      service.offerListener(host, port, descriptor);
    }
    const registered: EndpointAddress[] = [];
    for (const address of this.#addresses) {
      // Port 0 stands for one port for all endpoints of a host: the one that the first gets.
      const { uri } = atPort(address, registered[0]?.port ?? address.port);
      const real = await service.register({
        address: uri,
        hosts,
        queueLength: limits.maxPendingConnections,
        security,
        replicas: isReplica ? true : undefined,
      });
      registered.push(parseAddress(real));
    }
    this.#addresses = registered;
    this.#reports?.use(link, service.registered);
  }

  /** Whenever the daemon is gone, connects to another, or starts it, and registers there. */
  async #stayConnected(): Promise<void> {
    while (!this.#isClosed) {
      await this.#link?.lost;
      for (let attempt = 1; !this.#isClosed; attempt++) {
        try {
          await this.#connect();
          break;
        } catch (error) {
          if (attempt === NOTICE_AFTER_ATTEMPTS && !this.#wasStopped) {
            this.#isMissed = true;
            this.#options.onNotice(NetTcpError.from(error).message);
          }
        }
        const longest = this.#wasStopped ? STOPPED_PAUSE_MS : LONGEST_PAUSE_MS;
        await sleep(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), longest), 0.2);
      }
      if (this.#isMissed && !this.#isClosed) {
        this.#isMissed = false;
        this.#options.onNotice(
          'The port-sharing daemon is back: new clients reach this service again.',
        );
      }
    }
    this.#link?.close(); // closed while it was connecting
  }

  #onStopping(): void {
    this.#wasStopped = true;
    this.#isMissed = true;
    this.#copies.close();
    this.#options.onNotice(
      `The port-sharing daemon was stopped. New clients do not reach this service until it is started again: ${toolCommand('start')}`,
    );
  }
}

/** What a service says that does not listen yet. @param port 0: any that is free */
function stillWaiting(port: number): string {
  if (port === 0) return 'Still waiting to listen: the port-sharing daemon is slow to answer.';
  return `Still waiting to listen on port ${port}: another program has it, or the port-sharing daemon is slow to answer.`;
}
