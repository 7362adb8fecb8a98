import { type EndpointAddress, parseAddressToCall } from '../../address.ts';
import type { CallOptions, Contract, Operation, Operations } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import type { ClientMessageSecurity } from '../../encoding/message-security.ts';
import { checkOptions, OBJECT, STRING } from '../../options.ts';
import type { UserNameCredential } from '../../security/message-credentials/client-token.ts';
import type { Security } from '../../security/settings.ts';
import { checkClientCredentials, type ClientCredentials } from '../../security/credentials.ts';
import { ignoreError } from '../../transport/connection.ts';
import type { ClientUpgrade } from '../../transport/upgrade.ts';
import type { UpgradeOfClient } from './open-session.ts';
import { ConnectionPool } from '../../transport/connection-pool.ts';
import type { Binding } from '../binding.ts';
import { checkCallOptions, NO_OPTIONS } from '../calls/call-options.ts';
import type { ChannelState, RequestChannel } from './channel-state.ts';
import { ClientChannel } from './client-channel.ts';
import { StreamedChannel } from './streamed-channel.ts';
import { TokenChannel } from './token-channel.ts';

/** What every proxy has beside the operations of its contract. */
export interface Channel {
  /** `created`, then `opened` with the first call, until it becomes `closed` or `faulted`. */
  readonly state: ChannelState;
  /** Opens the channel; the first call does so, too. */
  open(options?: CallOptions): Promise<void>;
  /** Waits for running calls and ends the session. */
  close(): Promise<void>;
  /** Drops the connection; running calls fail. */
  abort(): void;
  /** Lets the process end while the channel is open, even while calls wait for an answer. */
  unref(): this;
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The credentials that a factory's channels show, and those that they check services against. */
export interface ChannelFactoryOptions {
  /** Those that the binding's security needs. */
  readonly credentials?: ClientCredentials;
}

/** How a channel gets to its endpoint. */
export interface ChannelOptions {
  /**
   * The `net.tcp` address to connect to if it is not the endpoint's own, as with a port mapping or a tunnel:
   * the `via` of WCF's `CreateChannel`. Default: the address of the endpoint.
   */
  readonly via?: string | undefined;
}

/** A typed proxy: the operations of contract `C`, and the channel under them. */
export type Proxy<C> = Operations<C> & Channel;

/**
 * Makes channels to endpoints that offer a contract.
 *
 *     const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
 *     const proxy = factory.createChannel('net.tcp://localhost:9000/calculator/4381');
 *     await proxy.Add(100, 15.99);
 *     await proxy.close();
 *     factory.close();
 *
 * Connections whose session has ended are kept for the next channel to the same host and port.
 */
export class ChannelFactory<C extends Contract> {
  readonly #contract: C;
  readonly #binding: Binding;
  readonly #pool: ConnectionPool;
  readonly #upgrade: UpgradeOfClient | undefined;
  #loading: Promise<ClientUpgrade> | undefined;
  /** The user who asks for tokens, if messages have to show one. */
  readonly #user: UserNameCredential | undefined;

  /**
   * @param binding a `NetTcpBinding`; its options for listening do not matter here
   * @throws {NetTcpError} `Usage` for credentials that are missing, or that the binding's security does not use
   */
  constructor(contract: C, binding: Binding, options?: ChannelFactoryOptions) {
    checkOptions('ChannelFactory', options, { credentials: OBJECT });
    const { security } = binding;
    const credentials = checkClientCredentials(security, options?.credentials);
    if (security.upgrade !== 'none') {
      this.#upgrade = () => (this.#loading ??= binding.clientUpgrade(credentials));
    }
    this.#user = userOf(security, credentials);
    this.#contract = contract;
    this.#binding = binding;
    this.#pool = new ConnectionPool(binding.limits);
  }

  /**
   * Makes a channel; it connects with its first call.
   *
   * Every operation takes the contract's arguments and, after them, {@link CallOptions}. Its promise
   * rejects with a {@link NetTcpError}.
   *
   * @param address of the endpoint
   * @throws {NetTcpError} `Usage` if an address is invalid
   */
  createChannel(address: string, options?: ChannelOptions): Proxy<C> {
    checkOptions('createChannel', options, { via: STRING });
    const to = parseAddressToCall(address);
    const via = options?.via === undefined ? to : parseAddressToCall(options.via);
    const channel = this.#channel(to, via);
    const proxy = new ChannelProxy(channel) as ChannelProxy & Record<string, unknown>;
    for (const operation of this.#contract.operations.values()) {
      proxy[operation.method] = methodFor(channel, operation);
    }
    return proxy as unknown as Proxy<C>;
  }

  #channel(to: EndpointAddress, via: EndpointAddress): RequestChannel {
    const Kind = this.#binding.isStreamed ? StreamedChannel : ClientChannel;
    const make = (security?: ClientMessageSecurity): RequestChannel =>
      new Kind(this.#contract, this.#binding, via, to.uri, this.#pool, this.#upgrade, security);
    const user = this.#user;
    return user === undefined ? make() : new TokenChannel(via.uri, user, make);
  }

  /** Closes the connections that are kept for later; open channels go on. */
  close(): void {
    this.#pool.close();
    void this.#loading?.then((upgrade) => upgrade.close?.(), ignoreError);
  }

  /** `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function userOf(
  security: Security,
  { userName, password }: ClientCredentials,
): UserNameCredential | undefined {
  const isAsked = security.upgrade === 'tls' && security.client === 'username';
  if (!isAsked || userName === undefined || password === undefined) return undefined;
  return { userName, password };
}

/** What all proxies share. Operations are added as functions of their own, so that each can be passed on. */
class ChannelProxy implements Channel {
  readonly #channel: RequestChannel;

  constructor(channel: RequestChannel) {
    this.#channel = channel;
  }

  get state(): ChannelState {
    return this.#channel.state;
  }

  async open(options?: CallOptions): Promise<void> {
    await this.#channel.open(checkCallOptions('open', options));
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  abort(): void {
    this.#channel.abort();
  }

  unref(): this {
    this.#channel.unref();
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function methodFor(
  channel: RequestChannel,
  operation: Operation,
): (...args: unknown[]) => Promise<unknown> {
  const count = operation.parameters.length;
  return (...args) => {
    if (args.length === count) return channel.call(operation, args, NO_OPTIONS);
    if (args.length !== count + 1) {
      const text = `${operation.name} takes ${count} arguments, and options behind them; it got ${args.length}`;
      return Promise.reject(new NetTcpError('Usage', text));
    }
    try {
      const options = checkCallOptions(`a call of ${operation.name}`, args[count]);
      return channel.call(operation, args.slice(0, count), options);
    } catch (error) {
      return Promise.reject(NetTcpError.from(error));
    }
  };
}
