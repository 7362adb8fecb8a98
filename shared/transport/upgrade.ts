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
 * does; where it is destroyed, or ends by `destroySoon`, so does the socket.
 */
export interface Secured {
  readonly stream: ByteStream;
  /**
   * Takes the upgrade off, behind a session that has ended on both sides: from this call on nothing is read
   * through `stream` any more, and what was written to it is sent, without a farewell behind it. The next
   * session's preamble comes in the clear, on the socket, which reads and which nobody owns.
   *
   * Absent, or false: it cannot be taken off (any more), and the connection has to be closed.
   */
  readonly release?: () => boolean;
  /** What an error of `stream` means before the ack: a peer may refuse a credential only behind its handshake. */
  readonly explain?: (error: Error) => NetTcpError;
}

/** The same at a service, which knows now who calls. */
export interface SecuredCaller extends Secured, Sender {}

/** Who sends the messages of a session. */
export interface Sender {
  /** Known at once, or by the time of the first call. */
  readonly caller: Caller;
  /** What the messages themselves say of it, where they do. */
  readonly security?: ServiceMessageSecurity;
}

/** Of a session in the clear. */
export const NOBODY: Sender = { caller: ANONYMOUS };

/**
 * How a service upgrades its connections: TLS, or negotiate. One for each host.
 *
 * `accept` gets a socket that does not read and has no listeners; the upgrade's response has been written to it.
 * It sets no timer: the connection has a deadline, and destroys the socket.
 */
export interface ServiceUpgrade {
  /** As the preamble's upgrade request names it. */
  readonly contentType: string;
  /**
   * @throws {NetTcpError} `SecurityNegotiation` where the handshake fails, or the client is not who may connect;
   *   the socket is closed then, or will be once the peer has been told
   */
  accept(socket: Socket): Promise<SecuredCaller>;
  /** Where messages say who sends them, for one session. @param source the client's IP address, if it is known */
  sender?(source: string | undefined): Sender;
  /** The host is closed: no new handshake comes, and connections live on. */
  close?(): void;
}

/** How a client upgrades its connections. One for each factory. */
export interface ClientUpgrade {
  readonly contentType: string;
  /** It shows the service who the client is: what is refused then is not tried again. */
  readonly showsCredential: boolean;
  /**
   * @param socket as `ServiceUpgrade.accept` gets it
   * @param host of the endpoint's address: whom the service has to be
   * @throws {NetTcpError} `SecurityNegotiation`; the socket is closed then
   */
  initiate(socket: Socket, host: string): Promise<Secured>;
  close?(): void;
}
