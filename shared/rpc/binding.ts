import type { MessageEncoding } from '../encoding/encoding.ts';
import type { Limits } from '../limits.ts';
import type { ClientCredentials, ServiceCredentials } from '../security/credentials.ts';
import type { Security } from '../security/settings.ts';
import type { ClientUpgrade, ServiceUpgrade } from '../transport/upgrade.ts';
import type { Listener, ListenOptions } from '../transport/listener.ts';

/**
 * How endpoints are reached: what `ServiceHost` and `ChannelFactory` need of a binding. `NetTcpBinding` makes
 * it. The package's types have only what a program may read of it.
 */
export interface Binding {
  /** Every limit, defaults included. */
  readonly limits: Limits;
  /** How a client's messages are written. */
  readonly encoding: 'msgpack' | 'soap';
  /** Whether a client sends each call in a session of its own: [MC-NMF] singleton-unsized mode. */
  readonly isStreamed: boolean;
  /** Whether other processes serve the same addresses. */
  readonly replicas: boolean;
  /** Callers see what went wrong inside an implementation. For development only. */
  readonly includeExceptionDetailInFaults: boolean;
  /** How its connections are secured. @internal */
  readonly security: Security;
  /** @param credentials as {@link security} needs them. @throws {NetTcpError} `Usage` for a bad key. @internal */
  serviceUpgrade(credentials: ServiceCredentials): Promise<ServiceUpgrade>;
  /** The same for a client. @internal */
  clientUpgrade(credentials: ClientCredentials): Promise<ClientUpgrade>;
  /** The encoding of a client. Loaded when it is first needed. @internal */
  clientEncoding(): Promise<MessageEncoding>;
  /** The encodings that a service answers. @internal */
  serviceEncodings(): Promise<readonly MessageEncoding[]>;
  /** Files and connections that this process may have open; Infinity if unknown. @internal */
  descriptorLimit(): Promise<number>;
  /** Starts to accept connections for a service host. @internal */
  listen(options: Omit<ListenOptions, 'hosts' | 'limits'>): Promise<Listener>;
}
