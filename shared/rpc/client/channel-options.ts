import type { CallbackImplementation, Contract } from '../../contract/contract.ts';
import { BOOLEAN, FUNCTION, OBJECT, optionsOf, STRING } from '../../options.ts';
import type { SessionEvent } from './reopen/reopening-channel.ts';

/** How a channel gets to its endpoint, and what the service can call. */
export interface ChannelOptions<C = Contract> {
  /**
   * The `net.tcp` address to connect to if it is not the endpoint's own, as with a port mapping or a tunnel:
   * the `via` of WCF's `CreateChannel`. Default: the address of the endpoint.
   */
  readonly via?: string | undefined;
  /**
   * Where the contract has callbacks: an object with a method for each, which is `this` in them. They run as they
   * come, also while calls wait for their answers, until the channel is closed.
   */
  readonly callback?: CallbackImplementation<C> | undefined;
  /**
   * Whether the proxy opens again when its session has ended or its connection broke: with the next call, and at
   * the next address if there are several. Calls that may have reached the service are never sent again: they fail
   * with `Communication` and the reason `maybe-executed`. Default: false.
   */
  readonly reopen?: boolean | undefined;
  /** With `reopen`: told of each session that was opened, could not be, or has ended. */
  readonly onSession?: ((event: SessionEvent) => void) | undefined;
}

/** For `checkOptions`. */
export const CHANNEL_OPTIONS = optionsOf('createChannel', {
  via: STRING,
  callback: OBJECT,
  reopen: BOOLEAN,
  onSession: FUNCTION,
} as const satisfies Record<keyof ChannelOptions, unknown>);
