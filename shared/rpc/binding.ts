import type { MessageEncoding } from '../encoding/encoding.ts';
import type { Limits } from '../limits.ts';
import type { ClientCredentials, ServiceCredentials } from '../security/credentials.ts';
import type { Security } from '../security/settings.ts';
import type { ClientUpgrade, ServiceUpgrade } from '../transport/upgrade.ts';
import type { Listener, ListenOptions } from '../transport/listener.ts';

/**
 * How endpoints are reached: what `ServiceHost` and `ChannelFactory` want to know of a binding. Made by
 * `NetTcpBinding`; what is internal of it is no part of the package, and not in its types.
 */
export interface Binding {
  /** Every limit, defaults included. */
  readonly limits: Limits;
  /** Whether a client sends each call in a session of its own: [MC-NMF] singleton-unsized mode. */
  readonly isStreamed: boolean;
  /** Callers see what went wrong inside an implementation. For development only. */
  readonly includeExceptionDetailInFaults: boolean;
  /** What its connections are upgraded by. @internal */
  readonly security: Security;
  /** @param credentials as {@link security} needs them. @throws {NetTcpError} `Usage` for what is not a key. @internal */
  serviceUpgrade(credentials: ServiceCredentials): Promise<ServiceUpgrade>;
  /** The same for a client. @internal */
  clientUpgrade(credentials: ClientCredentials): Promise<ClientUpgrade>;
  /** What a client speaks. Loaded when it is first needed. @internal */
  clientEncoding(): Promise<MessageEncoding>;
  /** What a service answers. @internal */
  serviceEncodings(): Promise<readonly MessageEncoding[]>;
  /** Files and connections that this process may have open; Infinity where nobody says. @internal */
  descriptorLimit(): Promise<number>;
  /** Starts to take connections for a service host. @internal */
  listen(options: Omit<ListenOptions, 'hosts' | 'limits'>): Promise<Listener>;
}
