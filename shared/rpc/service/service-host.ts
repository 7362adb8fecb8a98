import { isLoopback, parseAddress } from '../../address.ts';
import type { Contract, Implementation } from '../../contract/contract.ts';
import type { MessageEncoding } from '../../encoding/encoding.ts';
import { NetTcpError } from '../../errors.ts';
import { harmless } from '../hooks.ts';
import { ignoreError } from '../../transport/connection.ts';
import type { Incoming, Listener } from '../../transport/listener.ts';
import type { Binding } from '../binding.ts';
import { withCallerFrames } from '../caller-frames.ts';
import { methodsOf } from '../dispatch/methods.ts';
import { instanceMethods, PerSession } from '../dispatch/per-session.ts';
import { checkLength } from './address-length.ts';
import { EndpointTable, type Route } from './endpoint-table.ts';
import { checkServiceCredentials, type ServiceCredentials } from '../../security/credentials.ts';
import type { ServiceUpgrade } from '../../transport/upgrade.ts';
import { guardOf } from '../dispatch/authorization.ts';
import {
  checkEndpointOptions,
  checkHostOptions,
  type EndpointOptions,
  type MetadataFile,
  type ServiceHostOptions,
} from './host-options.ts';
import { HostConnections } from './host-connections.ts';
import { loadSessions } from './sessions/load-sessions.ts';
import { toldOf, type OnOperationError } from '../dispatch/operation-errors.ts';

/** WCF's CommunicationState of a host. */
type HostState = 'created' | 'opening' | 'opened' | 'closing' | 'closed';

/**
 * Hosts endpoints: each a contract, its implementation and a `net.tcp` address.
 *
 *     const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
 *     host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:9000/calculator/4381');
 *     await host.open();
 *
 * All endpoints of a host are on one port. An address is matched by its longest registered prefix.
 */
export class ServiceHost {
  readonly #binding: Binding;
  readonly #options: ServiceHostOptions;
  readonly #credentials: ServiceCredentials;
  #upgrade: ServiceUpgrade | undefined;
  readonly #endpoints = new EndpointTable();
  readonly #connections: HostConnections;
  readonly #onError: OnOperationError;
  readonly #onConnectionError: (error: Error) => void;
  #listener: Listener | undefined;
  #opening: AbortController | undefined;
  #state: HostState = 'created';
  #opened = Promise.resolve();
  #closed = Promise.resolve();
  /** Connections that came before the host was open. */
  readonly #early: Incoming[] = [];
  /**
   * @param binding a `NetTcpBinding`
   * @throws {NetTcpError} `Usage` for an unknown option, and for credentials that are missing, or that the
   *   binding's security does not use
   */
  constructor(binding: Binding, options: ServiceHostOptions = {}) {
    checkHostOptions(options, binding.security);
    this.#credentials = checkServiceCredentials(binding.security, options.credentials);
    this.#onError = toldOf(options.onOperationError, binding.limits);
    this.#onConnectionError = harmless('onConnectionError', options.onConnectionError);
    this.#binding = binding;
    this.#options = options;
    this.#connections = new HostConnections(binding.limits, {
      route: (preamble) => this.#routed(this.#endpoints.route(preamble)),
      giveAway: (connection) => this.#listener?.redispatch?.(connection) ?? false,
      onClosed: (error) => error && this.#onConnectionError(error),
    });
  }

  /** `opened` between a successful `open` and `close`. */
  get state(): HostState {
    return this.#state;
  }

  /** Addresses listened on, once open; with the real port if port 0 was asked for. */
  get addresses(): readonly string[] {
    return this.#listener?.addresses.map(({ uri }) => uri) ?? [];
  }

  /** Open connections, for diagnosis. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Adds an endpoint; only before `open`. There may be several at one address, for several contracts: SOAP
   * finds the operation by its action, MessagePack by its name.
   *
   * @param implementation an object with a method for each operation, which is `this` in them, or one for each
   *   session, by {@link perSession}
   * @param address `net.tcp://host:port/path`; with port 0 the kernel chooses one, see {@link addresses}
   * @throws {NetTcpError} `Usage` if the address is invalid, another endpoint there has an operation of the same
   *   action, or an operation has no method;
   *   `QuotaExceeded` if the address is longer than `maxViaBytes`
   */
  addEndpoint<C extends Contract>(
    contract: C,
    implementation: Implementation<C> | PerSession<Implementation<C>>,
    address: string,
    options: EndpointOptions = {},
  ): this {
    checkEndpointOptions(options);
    if (this.#state !== 'created') {
      throw new NetTcpError('Usage', 'endpoints are added before the host is opened');
    }
    const { includeExceptionDetailInFaults, limits } = this.#binding;
    const { authorize, allow, onCall } = this.#options;
    const isPerSession = implementation instanceof PerSession;
    const endpoint = {
      contract,
      implementation: isPerSession
        ? instanceMethods(contract, implementation)
        : methodsOf(contract, implementation),
      includeExceptionDetailInFaults,
      isStateful: isPerSession || contract.sessionMode === 'required',
      acceptsAnyTo: options.addressFilterMode === 'any',
      metadata: options.metadata,
      understood: options.understoodHeaders ?? [],
      guard: guardOf(authorize, allow),
      onDenied: this.#onConnectionError,
      onError: this.#onError,
      onCall,
    };
    this.#endpoints.add(checkLength(parseAddress(address), limits), endpoint);
    return this;
  }

  /**
   * All endpoints in WSDL 1.1 and XML Schema 1.0: files that name each other, `Service.wsdl` first.
   * @throws {NetTcpError} `Usage` for contracts that WSDL cannot describe
   */
  describe(): Promise<readonly MetadataFile[]> {
    return this.#endpoints.describe(this.#binding.security, this.addresses);
  }

  /**
   * Starts to listen.
   *
   * @throws {NetTcpError} `AddressAlreadyInUse`, `Communication` and other errors of the binding;
   *   `CommunicationObjectAborted` when it is closed meanwhile. The host may be opened again
   */
  open(): Promise<void> {
    if (this.#state !== 'created') {
      return Promise.reject(new NetTcpError('Usage', `the host is ${this.#state}`));
    }
    this.#state = 'opening';
    this.#opening = new AbortController();
    return (this.#opened = this.#open(this.#opening.signal));
  }

  async #open(signal: AbortSignal): Promise<void> {
    // Forty modules: they load while a daemon starts; loading them before would delay that start.
    let loading: Promise<readonly MessageEncoding[]> | undefined;
    const load = (): Promise<readonly MessageEncoding[]> =>
      (loading ??= this.#binding.serviceEncodings());
    let listener: Listener | undefined;
    let describesItself = false;
    try {
      if (this.#binding.security.upgrade !== 'none')
        this.#upgrade = await this.#binding.serviceUpgrade(this.#credentials);
      listener = await this.#binding.listen({
        addresses: this.#endpoints.addresses,
        onConnection: (incoming) => this.#accept(incoming),
        onHosts: (hosts) => (describesItself = hosts.every(isLoopback)),
        hasRoom: () => this.#connections.hasRoom,
        counts: () => this.#endpoints.counts,
        onWaiting: () => void load().catch(() => undefined),
        signal,
      });
      const { limits, security } = this.#binding;
      this.#connections.useDescriptors(await this.#binding.descriptorLimit());
      const encodings = await load();
      signal.throwIfAborted();
      const kinds = await loadSessions(this.#endpoints);
      const opening = { encodings, limits, security, describesItself, ...kinds };
      this.#endpoints.open(listener.addresses, opening);
      this.#listener = listener;
      this.#state = 'opened';
      for (const incoming of this.#early.splice(0)) {
        if (!incoming.socket.destroyed) this.#accept(incoming);
      }
    } catch (error) {
      await listener?.close();
      this.#upgrade?.close?.();
      this.#state = 'created';
      for (const { socket } of this.#early.splice(0)) socket.destroy();
      throw withCallerFrames(signal.aborted ? signal.reason : error);
    }
  }

  /**
   * Stops: takes no new connections or calls, answers running calls, and ends sessions with End. Sessions that
   * have not ended after `hostCloseTimeoutMs` end with their calls unanswered. A host that is being opened gives
   * that up.
   */
  close(): Promise<void> {
    if (this.#state === 'opened') this.#closed = this.#close();
    if (this.#state === 'opening') {
      this.#opening?.abort(closedTooSoon());
      // Only here: a rejection with two who wait would lose the frames of the one that opens.
      this.#closed = this.#opened.catch(ignoreError);
    }
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#state = 'closing';
    await this.#listener?.close();
    this.#upgrade?.close?.();
    await this.#connections.close(this.#binding.replicas);
    this.#state = 'closed';
  }

  /** Drops every connection at once. */
  abort(): void {
    if (this.#state === 'opened') this.#state = 'closed';
    this.#opening?.abort(closedTooSoon());
    void this.#listener?.close();
    this.#upgrade?.close?.();
    this.#connections.abort();
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A connection can go to another service only if the port is shared. */
  #routed(route: Route): Route {
    const isNobodys = route.to === 'elsewhere' && this.#listener?.redispatch === undefined;
    return isNobodys ? { to: 'fault', fault: 'EndpointNotFound' } : route;
  }

  #accept(incoming: Incoming): void {
    if (this.#state !== 'opening') return this.#connections.accept(incoming, this.#upgrade);
    // Its own error also comes with 'close', of which the socket's next owner is told.
    incoming.socket.on('error', ignoreError);
    this.#early.push(incoming);
  }
}

function closedTooSoon(): NetTcpError {
  return new NetTcpError('CommunicationObjectAborted', 'The host was closed while it was opened.');
}
