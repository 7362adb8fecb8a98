import type { MessageEncoding } from '../encoding/encoding.ts';
import type { Limits } from '../limits.ts';
import type { Listener, ListenOptions } from '../transport/listener.ts';

/** How endpoints are reached: what `ServiceHost` and `ChannelFactory` want to know of a binding. */
export interface Binding {
  readonly limits: Limits;
  /** What a client speaks. */
  readonly encoding: MessageEncoding;
  /** What a service answers. */
  readonly encodings: readonly MessageEncoding[];
  /** Callers see what went wrong inside an implementation. For development only. */
  readonly includeExceptionDetailInFaults: boolean;
  /** Starts to take connections for a service host. */
  listen(options: Omit<ListenOptions, 'hosts' | 'limits'>): Promise<Listener>;
}
