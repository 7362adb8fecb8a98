import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NetTcpError } from '../errors.ts';
import type { ServiceMessageSecurity } from '../encoding/message-security.ts';
import { ANONYMOUS, type Caller } from '../security/caller.ts';

/** What a connection reads and writes: a socket, or what an upgrade has made of one. */
export interface ByteStream extends Duplex {
  /** Closes it once everything that was written is sent. */
  destroySoon(): void;
}

/**
 * What an upgrade has made of a socket. All of the session goes through `stream`, which closes when the socket
 * does; destroying it, or ending it by `destroySoon`, closes the socket.
 */
export interface Secured {
  readonly stream: ByteStream;
  /**
   * Takes the upgrade off, after a session that has ended on both sides: from this call on nothing is read
   * through `stream`, and what was written to it is sent, with no farewell after it. The next session's
   * preamble comes in the clear, on the socket, which is reading and has no owner.
   *
   * Absent, or false: the upgrade cannot be taken off (any more), and the connection has to be closed.
   */
  readonly release?: () => boolean;
  /** What an error of `stream` means before the ack: a peer may refuse a credential only after its handshake. */
  readonly explain?: (error: Error) => NetTcpError;
}

/** The same in a service, which now knows who calls. */
export interface SecuredCaller extends Secured, Sender {
  /** An error of `stream` as the service's owner is told of it. Default: as it is. */
  readonly told?: (error: Error) => Error;
}

/** Who sends the messages of a session. */
export interface Sender {
  /** Known at once, or by the time of the first call. */
  readonly caller: Caller;
  /** Checks what messages say of the sender, where they do. */
  readonly security?: ServiceMessageSecurity;
}

/** The sender of a session in the clear. */
export const NOBODY: Sender = { caller: ANONYMOUS };

/**
 * How a service upgrades its connections: TLS, or negotiate. One for each host.
 *
 * `accept` gets a socket that does not read and has no listeners; the upgrade's response has been written to it.
 * It sets no timer: the connection has a deadline, and destroys the socket then.
 */
export interface ServiceUpgrade {
  /** As the preamble's upgrade request names it. */
  readonly contentType: string;
  /**
   * @throws {NetTcpError} `SecurityNegotiation`, among others, if the handshake fails or the client may not
   *   connect; the socket is closed then, or will be once the peer has been told
   */
  accept(socket: Socket): Promise<SecuredCaller>;
  /**
   * For one session, where messages name their sender.
   *
   * @param source    the client's IP address, if it is known
   * @param onRefused told of a credential that is refused, once
   */
  sender?(source: string | undefined, onRefused: (error: Error) => void): Sender;
  /** The host is closed: no new handshake comes, and connections live on. */
  close?(): void;
}

/** How a client upgrades its connections. One for each factory. */
export interface ClientUpgrade {
  readonly contentType: string;
  /** It shows the service who the client is: a refusal is not tried again. */
  readonly showsCredential: boolean;
  /**
   * @param socket as `ServiceUpgrade.accept` gets it
   * @param host of the endpoint's address: the service has to prove that it is this host
   * @throws {NetTcpError} `SecurityNegotiation`, or `Communication` where it broke; the socket is closed then
   */
  initiate(socket: Socket, host: string): Promise<Secured>;
  close?(): void;
}
