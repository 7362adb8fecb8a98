import type { Preamble } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import type { Incoming } from '../../transport/listener.ts';
import type { SlowReaders } from '../../transport/slow-readers.ts';
import type { Route } from './endpoint-table.ts';
import type { HandshakeLimit } from '../handshake-limit.ts';
import type { ServiceConnection } from './service-connection.ts';

/** What a connection asks of the host that owns it. */
export interface ServiceConnectionOwner {
  readonly limits: Limits;
  readonly slowReaders: SlowReaders;
  readonly handshakes: HandshakeLimit;
  /** Where a preamble leads, and whether there is room for its session. */
  route(preamble: Preamble, connection: ServiceConnection): Route;
  onSessionOver(): void;
  /** It holds so many bytes now that have arrived and are not read: see `maxTotalPartialBytes`. */
  onHeld(connection: ServiceConnection, bytes: number): void;
  /** Takes what a connection was, whose preamble is for another service of the port. */
  giveAway(connection: ServiceConnection, incoming: Incoming): void;
  /** A credential was refused in a session that goes on: for a log. */
  onRefused(error: Error): void;
  onClosed(connection: ServiceConnection, error: Error | undefined): void;
}
