import { type EndpointAddress, parseAddress } from '../../address.ts';
import type { Contract, Implementation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import type { MessageEncoding } from '../../encoding/encoding.ts';
import type { Limits } from '../../limits.ts';
import { PrefixTable } from '../../prefix-table.ts';
import { ignoreError } from '../../transport/connection.ts';
import type { Incoming, Listener } from '../../transport/listener.ts';
import type { Binding } from '../binding.ts';
import { type Endpoint, methodsOf } from './dispatcher.ts';
import {
  type Route,
  ServiceConnection,
  type ServiceConnectionOwner,
} from './service-connection.ts';

export type HostState = 'created' | 'opening' | 'opened' | 'closing' | 'closed';

export interface ServiceHostEvents {
  /** A connection broke, or its peer broke the rules: for a log. Calls of others go on. */
  readonly onConnectionError?: (error: Error) => void;
}

/**
 * Hosts endpoints: each a contract, its implementation and a `net.tcp` address.
 *
 *     const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
 *     host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:9000/calculator/4381');
 *     await host.open();
 *
 * All endpoints of a host are on one port. An address is matched by its longest registered prefix.
 */
export class ServiceHost implements ServiceConnectionOwner {
  readonly #binding: Binding;
  readonly #events: ServiceHostEvents;
  readonly #added: { readonly address: EndpointAddress; readonly endpoint: Endpoint }[] = [];
  readonly #table = new PrefixTable<Route>();
  readonly #connections = new Set<ServiceConnection>();
  /** What is answered; known once the host is open. */
  encodings: readonly MessageEncoding[] = [];
  #listener: Listener | undefined;
  #state: HostState = 'created';
  #onDrained: (() => void) | undefined;
  /** Connections that came before the host was open. */
  readonly #early: Incoming[] = [];
  #clock: NodeJS.Timeout | undefined;

  constructor(binding: Binding, events: ServiceHostEvents = {}) {
    this.#binding = binding;
    this.#events = events;
  }

  get state(): HostState {
    return this.#state;
  }

  /** Addresses listened at, once open: the real ones, where port 0 was asked for. */
  get addresses(): readonly string[] {
    return this.#listener?.addresses.map(({ uri }) => uri) ?? [];
  }

  get limits(): Limits {
    return this.#binding.limits;
  }

  /** Open connections, for diagnosis. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Adds an endpoint; before `open`.
   *
   * @throws {NetTcpError} `Usage` for a bad address, one that was added before, or an operation without a method
   */
  addEndpoint<C extends Contract>(
    contract: C,
    implementation: Implementation<C>,
    address: string,
  ): this {
    if (this.#state !== 'created') {
      throw new NetTcpError('Usage', 'endpoints are added before the host is opened');
    }
    const parsed = parseAddress(address);
    if (this.#added.some((other) => other.address.uri.toLowerCase() === parsed.uri.toLowerCase())) {
      throw new NetTcpError('Usage', `A registration already exists for URI '${parsed.uri}'.`);
    }
    const { includeExceptionDetailInFaults } = this.#binding;
    const methods = methodsOf(contract, implementation);
    const endpoint = { contract, implementation: methods, includeExceptionDetailInFaults };
    this.#added.push({ address: parsed, endpoint });
    return this;
  }

  /**
   * Starts to listen.
   *
   * @throws {NetTcpError} `AddressAlreadyInUse`, `Communication` and what else the binding reports; the host may be opened again
   */
  async open(): Promise<void> {
    if (this.#state !== 'created') throw new NetTcpError('Usage', `the host is ${this.#state}`);
    this.#state = 'opening';
    // Forty modules: they are loaded while a daemon starts, and not before, or it would start later.
    let loading: Promise<readonly MessageEncoding[]> | undefined;
    const load = (): Promise<readonly MessageEncoding[]> =>
      (loading ??= this.#binding.serviceEncodings());
    let listener: Listener | undefined;
    try {
      listener = await this.#binding.listen({
        addresses: this.#added.map(({ address }) => address),
        onConnection: (incoming) => this.#accept(incoming),
        onWaiting: () => void load().catch(() => undefined),
      });
      this.encodings = await load();
      this.#listener = listener;
      for (const [index, { endpoint }] of this.#added.entries()) {
        const address = listener.addresses[index];
        if (address === undefined) continue;
        const { contract } = endpoint;
        const codec = { contract, limits: this.limits, address: address.uri };
        this.#table.set(address.segments, { to: 'endpoint', endpoint, codec });
      }
      this.#state = 'opened';
      for (const incoming of this.#early.splice(0)) {
        if (!incoming.socket.destroyed) this.#accept(incoming);
      }
    } catch (error) {
      await listener?.close();
      this.#state = 'created';
      for (const { socket } of this.#early.splice(0)) socket.destroy();
      throw error;
    }
  }

  /**
   * Stops: no new connections and calls, running calls are answered, sessions end with End.
   * What has not ended after `hostCloseTimeoutMs` ends with its calls unanswered.
   */
  async close(): Promise<void> {
    if (this.#state !== 'opened') return;
    this.#state = 'closing';
    await this.#listener?.close();
    for (const connection of this.#connections) connection.close();
    if (this.#connections.size > 0) {
      const timer = setTimeout(() => {
        for (const connection of this.#connections) connection.giveUp();
      }, this.limits.hostCloseTimeoutMs);
      await new Promise<void>((resolve) => (this.#onDrained = resolve));
      clearTimeout(timer);
    }
    this.#state = 'closed';
  }

  /** Drops every connection at once. */
  abort(): void {
    void this.#listener?.close();
    for (const connection of this.#connections) connection.abort();
  }

  route(via: string): Route {
    let segments: readonly string[];
    try {
      ({ segments } = parseAddress(via));
    } catch {
      return { to: 'fault', fault: 'EndpointNotFound' };
    }
    const found = this.#table.find(segments);
    if (found !== undefined) return found;
    const isShared = this.#listener?.redispatch !== undefined;
    return isShared ? { to: 'elsewhere' } : { to: 'fault', fault: 'EndpointNotFound' };
  }

  giveAway(connection: Incoming): boolean {
    return this.#listener?.redispatch?.(connection) ?? false;
  }

  onClosed(connection: ServiceConnection, error: Error | undefined): void {
    this.#connections.delete(connection);
    if (error !== undefined) this.#events.onConnectionError?.(error);
    if (this.#connections.size === 0) this.#onDrained?.();
  }

  #accept(incoming: Incoming): void {
    if (this.#state === 'opening') {
      // An error of its own comes with 'close', which whoever takes the socket hears of.
      incoming.socket.on('error', ignoreError);
      this.#early.push(incoming);
      return;
    }
    const connection = new ServiceConnection(this, incoming);
    this.#connections.add(connection);
    this.#clock ??= setInterval(this.#checkTimes, this.#tickMs).unref();
    connection.start(incoming.octets);
  }

  /** A connection is given up late by at most a thirty-second of the shortest time limit: twice this. */
  get #tickMs(): number {
    const { preambleTimeoutMs, receiveTimeoutMs, idleTimeoutMs } = this.limits;
    return Math.min(preambleTimeoutMs, receiveTimeoutMs, idleTimeoutMs) / 64;
  }

  /** One timer for all connections: one for each would take a tenth of the memory that an idle one does. */
  readonly #checkTimes = (): void => {
    const now = performance.now();
    for (const connection of this.#connections) connection.checkTime(now);
    if (this.#connections.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  };
}
