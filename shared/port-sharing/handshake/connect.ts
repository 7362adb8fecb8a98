import type { Socket } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { printable, rawText, type Received, type Untrusted } from '../../printable.ts';
import { sleep } from '../../time.ts';
import { packageVersion } from '../../own-package.ts';
import type { Native } from '../machine/native.ts';
import { ownNetwork } from '../machine/local-addresses.ts';
import { DIRECTORY_VARIABLE, type Paths } from '../machine/paths.ts';
import { ControlChannel } from './channel.ts';
import { Conversation } from './conversation.ts';
import { connectControl } from './dial.ts';
import { type DaemonControl, DaemonLink } from './link.ts';
import { type Hello, PROTOCOL_VERSION, type DaemonMessage, type Welcome } from './messages.ts';
import { askOldDaemon } from './protocol-1.ts';
import { checkDaemonMessage } from './shapes.ts';

// A daemon that ends closes its connections, and is gone moments later.
const ATTEMPTS = 5;
const PAUSE_MS = 20;

/**
 * Connects to the daemon of this user.
 *
 * @returns `undefined` if none is running, or it is ending
 * @throws {NetTcpError} `Communication` if it speaks another version, belongs to another user, is in another
 *   network, or does not answer; `ServerTooBusy` if it is already being replaced, and this is a successor;
 *   `QuotaExceeded` if this process has too many connections there
 */
export async function connectToDaemon(
  paths: Paths,
  native: Native | undefined,
  limits: Limits,
  role: Hello['role'],
): Promise<DaemonLink | undefined> {
  for (let attempt = 1; ; attempt++) {
    const socket = await connectControl(paths, native);
    if (socket === undefined) return undefined;
    const control: DaemonControl = new ControlChannel(socket, {
      maxMessageBytes: limits.maxControlMessageBytes,
      check: checkDaemonMessage,
    });
    const answer = await sayHello(control, role, native !== undefined, paths, limits);
    if (answer?.type === 'welcome') {
      if (role !== 'tool') checkNetwork(control, answer, paths);
      return new DaemonLink(control, answer, paths, native, limits);
    }
    control.close();
    if (answer !== undefined) return refused(answer);
    // It closed the connection without a word: it has just died, or it does not know this protocol.
    const second = await connectControl(paths, native);
    if (second === undefined) return undefined;
    await checkProtocol(second, limits);
    if (attempt === ATTEMPTS) {
      const text = `The port-sharing daemon at ${paths.controlSocket} closes every connection without an answer.`;
      throw new NetTcpError('Communication', text);
    }
    await sleep(PAUSE_MS);
  }
}

/** @throws {NetTcpError} `Communication` if the daemon listens where no client of this service looks for it */
function checkNetwork(
  control: DaemonControl,
  { network, pid }: Received<Welcome>,
  paths: Paths,
): void {
  const own = ownNetwork();
  if (network === undefined || own === undefined || rawText(network) === own) return;
  control.close();
  const text = `The port-sharing daemon of ${paths.runDirectory} (pid ${pid}) is in another network of this machine, such as that of a container or a VPN: what it listens on is not reached from here. Set ${DIRECTORY_VARIABLE} to another directory for the programs of this network.`;
  throw new NetTcpError('Communication', text);
}

/** @returns the daemon's answer, or `undefined` if it closed the connection without one */
async function sayHello(
  control: DaemonControl,
  role: Hello['role'],
  handOver: boolean,
  paths: Paths,
  { helloTimeoutMs }: Limits,
): Promise<Received<DaemonMessage> | undefined> {
  control.send({
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    version: packageVersion(),
    pid: process.pid,
    role,
    handOver,
    newline: '\n',
  });
  try {
    return await new Conversation(control, 'the daemon').next(helloTimeoutMs);
  } catch (error) {
    if (NetTcpError.from(error).code !== 'Timeout') return undefined;
    control.close();
    const text = `The port-sharing daemon at ${paths.controlSocket} does not answer.`;
    throw new NetTcpError('Communication', text, { cause: error });
  }
}

/** @throws {NetTcpError} for every answer except `ending`: that daemon is as good as gone */
function refused(answer: Received<DaemonMessage>): undefined {
  switch (answer.type) {
    case 'ending':
      return undefined;
    case 'version-unsupported':
      throw otherVersion(answer.version, answer.protocol);
    case 'succession-refused':
      throw new NetTcpError('ServerTooBusy', printable(answer.message));
    case 'too-many':
      throw new NetTcpError('QuotaExceeded', printable(answer.message));
    default:
      throw new NetTcpError('Communication', 'The port-sharing daemon gave an unexpected answer.');
  }
}

/** @throws {NetTcpError} `Communication` if the daemon at the other end of `socket` speaks protocol 1 */
async function checkProtocol(socket: Socket, { helloTimeoutMs }: Limits): Promise<void> {
  const version = await askOldDaemon(socket, helloTimeoutMs);
  if (version !== undefined) throw otherVersion(version, 1);
}

function otherVersion(version: Untrusted, protocol: number): NetTcpError {
  const text = `The port-sharing daemon that is running is version ${printable(version)} (handshake protocol ${protocol}), which does not work with version ${packageVersion()} (protocol ${PROTOCOL_VERSION}). Stop its services, then try again.`;
  return new NetTcpError('Communication', text);
}
