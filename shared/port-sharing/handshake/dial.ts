import { connect, type Socket } from 'node:net';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import { ignoreError } from '../../transport/connection.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import type { Native } from '../machine/native.ts';
import { checkRunDirectory, type Paths } from '../machine/paths.ts';

/**
 * Opens a connection to the daemon's socket. It does not read until it is resumed: Node must never read a
 * connection that carries descriptors, as it would drop them.
 *
 * @returns `undefined` if nobody listens there
 * @throws {NetTcpError} `Communication` if directory or listener are not this user's, or the daemon cannot be
 *   reached
 */
export function connectControl(
  paths: Paths,
  native: Native | undefined,
): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    // Checked before anything is sent to the listener.
    if (process.platform !== 'win32' && !checkRunDirectory(paths)) return resolve(undefined);
    const socket = connect({ path: paths.controlSocket, allowHalfOpen: true }).pause();
    socket.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') {
        return resolve(undefined);
      }
      const reason = code === 'EACCES' ? 'access-denied' : undefined;
      const text = `The port-sharing daemon at ${paths.controlSocket} cannot be reached: ${messageOf(error)}.`;
      reject(new NetTcpError('Communication', text, { cause: error, reason }));
    });
    socket.once('connect', () => {
      socket.removeAllListeners('error').on('error', ignoreError);
      const descriptor = descriptorOf(socket);
      const uid = descriptor === undefined ? undefined : native?.peer(descriptor)?.uid;
      if (uid === undefined || uid === process.getuid?.() || uid === 0) return resolve(socket);
      socket.destroy();
      const text = `The daemon at ${paths.controlSocket} belongs to user ${uid}. Remove that file.`;
      reject(new NetTcpError('Communication', text, { reason: 'access-denied' }));
    });
  });
}
