import type { Socket } from 'node:net';
import type { MessageEncoding } from '../../encoding/encoding.ts';
import type { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { UpgradeRequest } from '../../session/initiator-state.ts';
import type { Secured } from '../../transport/upgrade.ts';

/** What a session asks of its channel, and tells it. */
export interface ClientSessionOwner {
  readonly limits: Limits;
  readonly encoding: MessageEncoding;
  /** The preamble's via. */
  readonly via: string;
  /** The upgrade that the service must agree to before anything else is sent to it. */
  readonly upgrade: UpgradeRequest | undefined;
  /** Upgrades the connection: the service has agreed to it. */
  secure(socket: Socket): Promise<Secured>;
  /** The service acknowledged the preamble. */
  onOpened(): void;
  /** The session is over; `error` is undefined when both sides ended it in order. */
  onClosed(error: NetTcpError | undefined, canRetry: boolean): void;
  /** Takes the connection back after an orderly end. */
  keep(socket: Socket): void;
}
