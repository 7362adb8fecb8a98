import type { Socket } from 'node:net';
import { inTheClear } from '../session/opening.ts';
import { type Connection, ignoreError } from '../transport/connection.ts';
import { closeStream } from '../transport/draining.ts';
import type { Secured } from '../transport/upgrade.ts';

/**
 * Upgrades a connection whose peer has agreed to it; what was written before is sent first.
 *
 * @param isEmpty whether its decoder is empty: bytes that came in the clear never count as protected ones
 * @throws {NetTcpError} what `upgrade` throws, `SecurityNegotiation` for bytes in the clear
 */
export async function secure<S extends Secured>(
  connection: Connection,
  isEmpty: boolean,
  upgrade: (socket: Socket) => Promise<S>,
): Promise<S> {
  const { socket, octets } = connection.detach();
  if (isEmpty && octets.length === 0) return await upgrade(socket);
  socket.on('error', ignoreError).destroy();
  throw inTheClear();
}

/**
 * Takes the socket back after a session, in the clear. The connection reports nothing to its owner any more.
 *
 * @param isEmpty whether its decoder is empty: bytes after the session's end belong to no session
 * @returns a socket without an owner; undefined if it is closed instead
 */
export function takeBack(
  connection: Connection,
  isEmpty: boolean,
  secured: Secured | undefined,
): Socket | undefined {
  const { socket, octets } = connection.detach();
  const { stream } = connection;
  if (secured !== undefined) stream.on('error', ignoreError);
  const isClear = isEmpty && octets.length === 0;
  if (isClear && (secured === undefined || secured.release?.() === true)) return socket;
  closeStream(stream.on('error', ignoreError));
  return undefined;
}
