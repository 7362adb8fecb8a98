import type { Socket } from 'node:net';
import type { AnswerWriter, MessageEncoding, Request } from '../../encoding/encoding.ts';
import type { OctetWriter } from '../../octets.ts';
import type { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { UpgradeRequest } from '../../session/initiator-state.ts';
import type { Secured } from '../../transport/upgrade.ts';

/** Where callbacks write their answers: a session. */
export interface AnswerSink {
  /** Begins a message. @returns `undefined` when the session has ended */
  begin(): OctetWriter | undefined;
  end(out: OctetWriter): void;
  /** Drops the connection; every call in flight fails with `error`. */
  abort(error: NetTcpError): void;
}

export type MakeCallbacks = (answers: AnswerWriter, sink: AnswerSink) => CallbackTaker;

/** Takes the callbacks of a session. */
export interface CallbackTaker {
  take(request: Request): void;
  /** The session is over. */
  gone(cause: Error | undefined): void;
}

/** What a session asks of its channel, and tells it. */
export interface ClientSessionOwner {
  readonly limits: Limits;
  readonly encoding: MessageEncoding;
  /** The preamble's via. */
  readonly via: string;
  /** The upgrade that the service must agree to before anything else is sent to it. */
  readonly upgrade: UpgradeRequest | undefined;
  /** Where the contract has callbacks: what takes those of a session. */
  readonly newCallbacks: MakeCallbacks | undefined;
  /** Upgrades the connection: the service has agreed to it. */
  secure(socket: Socket): Promise<Secured>;
  /** The service acknowledged the preamble. */
  onOpened(): void;
  /** The session is over; `error` is undefined when both sides ended it in order. */
  onClosed(error: NetTcpError | undefined, canRetry: boolean): void;
  /** Takes the connection back after an orderly end. */
  keep(socket: Socket): void;
}
