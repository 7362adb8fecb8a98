import { soapOnly } from '../../contract/message.ts';
import { type EndpointAddress, parseAddressToCall } from '../../address.ts';
import type { CallOptions, Contract, Operation, Operations } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import type { ClientMessageSecurity } from '../../encoding/message-security.ts';
import { checkOptions, FUNCTION, OBJECT, optionsOf } from '../../options.ts';
import type { UserNameCredential } from '../../security/message-credentials/client-token.ts';
import type { Security } from '../../security/settings.ts';
import {
  checkClientCredentials,
  CLIENT_CREDENTIALS,
  type ClientCredentials,
} from '../../security/credentials.ts';
import { ignoreError } from '../../transport/connection.ts';
import type { ClientUpgrade } from '../../transport/upgrade.ts';
import type { UpgradeOfClient } from './open-session.ts';
import { ConnectionPool } from '../../transport/connection-pool.ts';
import type { Binding } from '../binding.ts';
import type { OnCall } from '../call-events.ts';
import { checkCallOptions } from '../calls/call-options.ts';
import { heardCaller } from '../calls/heard-caller.ts';
import { type Caller, methodFor } from '../calls/proxy-method.ts';
import type { OnOperationError } from '../dispatch/operation-errors.ts';
import { callbackLoader, type LoadCallbacks } from './callbacks/load-callbacks.ts';
import { CHANNEL_OPTIONS, type ChannelOptions } from './channel-options.ts';
import type { ChannelState, RequestChannel } from './channel-state.ts';
import { ClientChannel } from './client-channel.ts';
import { checkReopening } from './reopen/check-reopening.ts';
import { ReopeningChannel } from './reopen/reopening-channel.ts';
import { StreamedChannel } from './streamed-channel.ts';
import { bufferedStreams } from './streams/buffered-streams.ts';
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
  /**
   * A callback threw something other than a `Fault`, or returned what its contract does not allow; the service is
   * told of an internal error. Default: a line on standard error.
   */
  readonly onOperationError?: OnOperationError;
  /** Told of each call that a proxy makes, and of callbacks; see {@link OnCall}. Default: nobody is. */
  readonly onCall?: OnCall;
}

const FACTORY_OPTIONS = optionsOf('ChannelFactory', {
  credentials: OBJECT,
  onOperationError: FUNCTION,
  onCall: FUNCTION,
} as const satisfies Record<keyof ChannelFactoryOptions, unknown>);

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
  readonly #onError: OnOperationError | undefined;
  readonly #onCall: OnCall | undefined;

  /**
   * @param binding a `NetTcpBinding`; its options for listening do not matter here
   * @throws {NetTcpError} `Usage` for credentials that are missing, or that the binding's security does not use, and
   *   for a contract that needs sessions with a streamed binding, which has none
   */
  constructor(contract: C, binding: Binding, options?: ChannelFactoryOptions) {
    const nested = { credentials: CLIENT_CREDENTIALS };
    checkOptions('ChannelFactory', options, FACTORY_OPTIONS, nested);
    if (binding.isStreamed && contract.sessionMode === 'required') {
      const text = `The contract ${contract.name} needs sessions, for callbacks or for what operations share, and the transferMode "streamed" has none: leave it out.`;
      throw new NetTcpError('Usage', text);
    }
    const { security } = binding;
    const credentials = checkClientCredentials(security, options?.credentials);
    if (security.upgrade !== 'none') {
      this.#upgrade = () => (this.#loading ??= binding.clientUpgrade(credentials));
    }
    this.#user = userOf(security, credentials);
    this.#onError = options?.onOperationError;
    this.#onCall = options?.onCall;
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
   * @param address of the endpoint; with `reopen` also several that offer the same, tried in turn
   * @throws {NetTcpError} `Usage` if an address is invalid, for options that do not go together, and if the
   *   implementation of the contract's callbacks is missing or incomplete
   */
  createChannel(address: string | readonly string[], options?: ChannelOptions<C>): Proxy<C> {
    checkOptions('createChannel', options, CHANNEL_OPTIONS);
    const { channel, uri } = this.#channelTo(address, options);
    const proxy = new ChannelProxy(channel) as ChannelProxy & Record<string, unknown>;
    for (const operation of this.#contract.operations.values()) {
      const caller = this.#caller(channel, operation);
      const heard = heardCaller(caller, this.#contract, uri, this.#onCall);
      proxy[operation.method] = methodFor(heard, operation);
    }
    return proxy as unknown as Proxy<C>;
  }

  #channelTo(
    address: string | readonly string[],
    options: ChannelOptions<C> = {},
  ): { readonly channel: RequestChannel; readonly uri: string } {
    const { reopen, via, callback, onSession } = options;
    const addresses = (typeof address === 'string' ? [address] : address).map(parseAddressToCall);
    const [to] = addresses;
    if (to === undefined) {
      throw new NetTcpError('Usage', 'createChannel takes one address or more.');
    }
    checkReopening(this.#contract, this.#binding, addresses.length, options);
    const way = via === undefined ? undefined : parseAddressToCall(via);
    const { uri } = way ?? to;
    const hooks = { onError: this.#onError, onCall: this.#onCall };
    const callbacks = callbackLoader(this.#contract, callback, uri, this.#binding, hooks);
    if (reopen !== true) return { channel: this.#channel(to, way ?? to, callbacks), uri };
    const { limits } = this.#binding;
    const make = (one: EndpointAddress): RequestChannel =>
      this.#channel(one, way ?? one, callbacks);
    return { channel: new ReopeningChannel({ addresses, make, limits, onSession }), uri };
  }

  /** What carries the calls of an operation: streams are special. */
  #caller(channel: RequestChannel, operation: Operation): Caller {
    const { isStreamed, limits, encoding } = this.#binding;
    const what = soapOnly(operation);
    if (isStreamed || what === undefined) return channel;
    const { name, streamsRequest, streamsReply } = operation;
    if (encoding === 'soap')
      return streamsRequest || streamsReply ? bufferedStreams(channel, limits) : channel;
    const text = `${name} has ${what}, which goes with the encoding "soap" only.`;
    return { call: () => Promise.reject(new NetTcpError('Usage', text)) };
  }

  #channel(
    to: EndpointAddress,
    via: EndpointAddress,
    callbacks: LoadCallbacks | undefined,
  ): RequestChannel {
    const Kind = this.#binding.isStreamed ? StreamedChannel : ClientChannel;
    const make = (security?: ClientMessageSecurity): RequestChannel =>
      new Kind({
        contract: this.#contract,
        binding: this.#binding,
        address: via,
        to: to.uri,
        pool: this.#pool,
        upgrade: this.#upgrade,
        loadCallbacks: callbacks,
        security,
      });
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
