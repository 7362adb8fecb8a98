import type { CallOptions, Operation } from '../../contract/contract.ts';
import type { ClientMessageSecurity, IssuedToken } from '../../encoding/message-security.ts';
import { TOKEN_OPERATIONS } from '../../encoding/token-operations.ts';
import { NetTcpError } from '../../errors.ts';
import type {
  ClientToken,
  UserNameCredential,
} from '../../security/message-credentials/client-token.ts';
import { anotherOf, withCallerFrames } from '../caller-frames.ts';
import { NO_OPTIONS } from '../calls/call-options.ts';
import { assertUsable, type ChannelState, type RequestChannel } from './channel-state.ts';

/** A channel with the token that its messages show. */
interface Bearer {
  readonly channel: RequestChannel;
  readonly token: ClientToken;
}

/**
 * A channel for a user name. It asks for a token on a connection of its own, then carries calls with it on
 * others. A new token means a new channel below, which takes over while the old one ends: no call notices.
 *
 * A password that was refused is not sent again: the channel is faulted.
 */
export class TokenChannel implements RequestChannel {
  readonly #make: (security: ClientMessageSecurity) => RequestChannel;
  readonly #credential: UserNameCredential;
  readonly #uri: string;
  onFault: ((error: NetTcpError) => void) | undefined;
  #state: ChannelState = 'created';
  #bearer: Bearer | undefined;
  #opening: Promise<Bearer> | undefined;
  /** The channel that asks for a token. */
  #asking: RequestChannel | undefined;
  #renewal: Promise<void> | undefined;
  #faultedBy: NetTcpError | undefined;
  #isUnref = false;

  /**
   * @param uri  the address to connect to, for errors
   * @param make makes a channel whose messages carry this security
   */
  constructor(
    uri: string,
    credential: UserNameCredential,
    make: (security: ClientMessageSecurity) => RequestChannel,
  ) {
    this.#uri = uri;
    this.#credential = credential;
    this.#make = make;
  }

  get state(): ChannelState {
    const below = this.#bearer?.channel.state;
    return this.#state === 'opened' && below === 'faulted' ? below : this.#state;
  }

  async open(options: CallOptions = {}): Promise<void> {
    const { channel } = await this.#opened(options);
    await channel.open(options);
  }

  async call(
    operation: Operation,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<unknown> {
    const bearer = this.#bearer ?? (await this.#opened(options));
    if (bearer.token.isAging) this.#renewal ??= this.#renew(bearer);
    try {
      return await bearer.channel.call(operation, args, options);
    } catch (error) {
      const isRefused = error instanceof NetTcpError && error.code === 'MessageSecurity';
      // The token cannot be used any more: the next call asks for another one.
      if (isRefused && this.#bearer === bearer) this.#bearer = this.#drop(bearer);
      throw withCallerFrames(error);
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closing';
    await this.#opening?.catch(() => {});
    await this.#renewal;
    const bearer = this.#bearer;
    this.#bearer = undefined;
    try {
      if (bearer !== undefined) await end(bearer);
    } finally {
      this.#state = 'closed';
    }
  }

  abort(): void {
    this.#state = 'closed';
    this.#asking?.abort();
    this.#bearer?.channel.abort();
  }

  unref(): void {
    this.#isUnref = true;
    this.#asking?.unref();
    this.#bearer?.channel.unref();
  }

  /** Everybody who calls meanwhile shares the attempt. */
  async #opened(options: CallOptions): Promise<Bearer> {
    assertUsable(this.#state, this.#uri, this.#faultedBy);
    if (this.#bearer !== undefined) return this.#bearer;
    this.#opening ??= this.#open(options).finally(() => (this.#opening = undefined));
    try {
      return await this.#opening;
    } catch (error) {
      throw withCallerFrames(anotherOf(error));
    }
  }

  async #open(options: CallOptions): Promise<Bearer> {
    this.#state = 'opening';
    try {
      const bearer = await this.#ask(options);
      assertUsable(this.state, this.#uri);
      this.#bearer = bearer;
      this.#renewal = undefined; // one that failed was that of another token
      this.#state = 'opened';
      return bearer;
    } catch (error) {
      if (this.#state === 'opening') this.#fault(NetTcpError.from(error));
      throw error;
    }
  }

  #fault(error: NetTcpError): void {
    this.#state = 'faulted';
    this.#faultedBy = error;
  }

  /** Gets a token, on a connection that is not used for calls. */
  async #ask(options: CallOptions): Promise<Bearer> {
    // Loaded only when it is needed: other clients start faster without it.
    const { TokenAsker } = await import('../../security/message-credentials/client-token.ts');
    const asker = new TokenAsker(this.#credential);
    const asking = this.#below(asker);
    this.#asking = asking;
    try {
      const answer = await asking.call(TOKEN_OPERATIONS.issue, [asker.request], options);
      const token = asker.take(answer as IssuedToken | undefined);
      await asking.close();
      return { token, channel: this.#below(token) };
    } finally {
      asking.abort();
      this.#asking = undefined;
    }
  }

  #below(security: ClientMessageSecurity): RequestChannel {
    const channel = this.#make(security);
    if (this.#isUnref) channel.unref();
    channel.onFault = (error) => {
      if (this.#bearer?.channel === channel) this.onFault?.(error);
    };
    return channel;
  }

  /** Fails no call: the old token is good for a while, and a call after that gets the error. */
  async #renew(old: Bearer): Promise<void> {
    try {
      const bearer = await this.#ask(NO_OPTIONS);
      await bearer.channel.open(NO_OPTIONS);
      if (this.#bearer !== old) return this.#drop(bearer);
      this.#bearer = bearer;
      this.#renewal = undefined;
      this.#drop(old);
    } catch {
      // Not tried again: a password that is refused costs one attempt.
    }
  }

  /** Ends it once its calls are answered. Nobody waits for that. */
  #drop(bearer: Bearer): undefined {
    void end(bearer).catch(() => bearer.channel.abort());
  }
}

/** Cancels the token, as .NET does, after the calls already sent; a service that is gone has forgotten it. */
async function end({ channel, token }: Bearer): Promise<void> {
  if (channel.state === 'opened' && !token.isForgotten) {
    await channel.call(TOKEN_OPERATIONS.cancel, [token.cancellation], NO_OPTIONS).catch(() => {});
  }
  await channel.close();
}
