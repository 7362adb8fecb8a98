import { connect, type Socket } from 'node:net';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { ignoreError } from '../../transport/connection.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import { packageVersion } from '../../version.ts';
import { ControlChannel } from './line-channel.ts';
import {
  type Attach,
  type DaemonMessage,
  type Hello,
  parseDaemonMessage,
  PROTOCOL_VERSION,
  type ServiceMessage,
} from './messages.ts';
import type { Native } from '../machine/native.ts';
import { checkRunDirectory, type Paths } from '../machine/paths.ts';

export type Welcome = Extract<DaemonMessage, { type: 'welcome' }>;

/** A control connection on which daemon and caller have said hello. */
export interface DaemonLink {
  readonly control: ControlChannel<DaemonMessage, ServiceMessage | Attach>;
  readonly welcome: Welcome;
}

/**
 * Connects to the daemon of this user.
 *
 * @returns `undefined` when none is running
 * @throws {NetTcpError} `Communication` when it speaks another version, belongs to somebody else, or does not answer
 */
export async function connectToDaemon(
  paths: Paths,
  native: Native | undefined,
  limits: Limits,
  role: Hello['role'],
): Promise<DaemonLink | undefined> {
  const socket = await connectControl(paths, native);
  if (socket === undefined) return undefined;
  return await new Promise((resolve, reject) => {
    const fail = (text: string): void => {
      clearTimeout(timer);
      control.close();
      reject(new NetTcpError('Communication', text));
    };
    const timer = setTimeout(() => {
      fail(`The port-sharing daemon at ${paths.controlSocket} does not answer.`);
    }, limits.helloTimeoutMs);
    const control = new ControlChannel<DaemonMessage, ServiceMessage | Attach>(
      socket,
      limits.maxControlMessageBytes,
      parseDaemonMessage,
    );
    control.onMessage = (message) => {
      if (message.type === 'version-unsupported') {
        const text = `The port-sharing daemon that is running is version ${message.version}, which does not go with version ${packageVersion()}. Stop its services, then try again.`;
        return fail(text);
      }
      if (message.type === 'succession-refused') {
        clearTimeout(timer);
        control.close();
        return reject(new NetTcpError('ServerTooBusy', message.message));
      }
      if (message.type !== 'welcome') return fail('The port-sharing daemon answered nonsense.');
      clearTimeout(timer);
      resolve({ control, welcome: message });
    };
    control.onClose = () => {
      // It was ending just then: as good as none.
      clearTimeout(timer);
      resolve(undefined);
    };
    control.send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      version: packageVersion(),
      pid: process.pid,
      role,
      handOver: native !== undefined,
    });
  });
}

/**
 * Opens one more connection to the daemon's socket. It does not read until it is resumed: what
 * carries descriptors must never be read by Node, which would drop them.
 *
 * @returns `undefined` when nobody listens there
 * @throws {NetTcpError} `Communication` when directory or listener are not this user's
 */
export function connectControl(
  paths: Paths,
  native: Native | undefined,
): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    // Before a word is said to whoever listens there.
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
      const uid = descriptor === undefined ? undefined : native?.peerUid(descriptor);
      if (uid === undefined || uid === process.getuid?.() || uid === 0) return resolve(socket);
      socket.destroy();
      const text = `The daemon at ${paths.controlSocket} belongs to user ${uid}. Remove that file.`;
      reject(new NetTcpError('Communication', text, { reason: 'access-denied' }));
    });
  });
}
