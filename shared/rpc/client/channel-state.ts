import type { CallOptions, Operation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';

/** WCF's CommunicationState. A `faulted` channel has lost its session and cannot be used again. */
export type ChannelState = 'created' | 'opening' | 'opened' | 'closing' | 'closed' | 'faulted';

/** What a proxy needs of a channel. */
export interface RequestChannel {
  readonly state: ChannelState;
  open(options?: CallOptions): Promise<void>;
  call(operation: Operation, args: readonly unknown[], options: CallOptions): Promise<unknown>;
  close(): Promise<void>;
  abort(): void;
  unref(): void;
  /** Told when the open channel has broken, or its session was ended by the service. */
  onFault?: ((error: NetTcpError) => void) | undefined;
}

/** The error of calls that were running when their own user aborted the channel. */
export function abortedByUser(uri: string): NetTcpError {
  return new NetTcpError(
    'CommunicationObjectAborted',
    `The channel to ${uri} was aborted by its own user.`,
  );
}

/**
 * @param faultedBy what broke the channel; becomes a part of the error
 * @throws {NetTcpError} `CommunicationObjectFaulted` or `CommunicationObjectAborted` if it takes no calls
 */
export function assertUsable(state: ChannelState, uri: string, faultedBy?: NetTcpError): void {
  if (state === 'faulted') {
    const why = faultedBy === undefined ? '' : ` It was broken by this: ${faultedBy.message}`;
    throw new NetTcpError(
      'CommunicationObjectFaulted',
      `The communication object, the channel to ${uri}, cannot be used for communication because it is in the Faulted state. Create another.${why}`,
      { cause: faultedBy },
    );
  }
  if (state === 'closed' || state === 'closing') {
    throw new NetTcpError(
      'CommunicationObjectAborted',
      `The channel to ${uri} cannot be used: it has been closed.`,
    );
  }
}
