import { messageOf } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import type { Attach, DaemonMessage, ServiceMessage } from '../handshake/messages.ts';
import { Conversation } from '../handshake/conversation.ts';
import { connectToDaemon } from '../handshake/connect.ts';
import type { Daemon } from './daemon.ts';
import type { Lock } from '../machine/lock.ts';
import type { Log } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';
import { ReturnQueue } from '../service/return-queue.ts';
import { ServiceLink } from '../service/service-link.ts';
import type { ServicePeer } from './service-peer.ts';

export interface SuccessionOptions {
  readonly daemon: Daemon;
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  readonly paths: Paths;
  readonly lock: Lock;
  /** Makes sure that the control socket's name leads here. */
  readonly reclaimName: () => Promise<void>;
}

// Between "go" and "serving" a successor has nothing to do that takes time.
const SERVING_MS = 2_000;
const RECONNECT_PAUSE_MS = 20;

/**
 * The daemon's side of its own replacement.
 *
 * The successor gets copies of the listening sockets and prepares everything; until it says that it
 * serves, this daemon accepts connections as ever. It fails in any way, or is too slow: nothing has
 * happened. It succeeds: this daemon gives it what is under way and retires.
 *
 *     inherit → listener… inheritance → ready → go (+ the lock) → serving → retired
 *
 * @returns whether it succeeded
 */
export async function passOn(peer: ServicePeer, options: SuccessionOptions): Promise<boolean> {
  const { daemon, limits, log, lock } = options;
  const { control } = peer;
  const talk = new Conversation<ServiceMessage | Attach, DaemonMessage>(control);
  try {
    await talk.expect('inherit', limits.helloTimeoutMs);
    await sendListeners(peer, daemon);
    control.send({ type: 'inheritance' });
    await talk.expect('ready', limits.daemonStartTimeoutMs);
    const id = lock.descriptor === undefined ? undefined : await sendLock(peer, lock.descriptor);
    control.send(id === undefined ? { type: 'go' } : { type: 'go', descriptor: id });
    await talk.expect('serving', SERVING_MS);
  } catch (error) {
    log.write('not replaced', { by: peer.pid, reason: messageOf(error) });
    control.close();
    await options.reclaimName();
    return false;
  }
  control.send({ type: 'retired' });
  log.write('replaced', { by: peer.pid });
  lock.release();
  const returned = new ReturnQueue(limits);
  const isOver = daemon.retire(returned);
  await connect(returned, options, isOver);
  await isOver;
  returned.close();
  control.close();
  return true;
}

async function sendListeners(peer: ServicePeer, daemon: Daemon): Promise<void> {
  if (peer.transfer === 'relay') return;
  for (const { host, port, server } of daemon.listening) {
    const descriptor = descriptorOf(server);
    const id = descriptor === undefined ? undefined : await peer.sendDescriptor(descriptor);
    if (id !== undefined) peer.control.send({ type: 'listener', descriptor: id, host, port });
  }
}

async function sendLock(peer: ServicePeer, descriptor: number): Promise<number | undefined> {
  return peer.transfer === 'relay' ? undefined : await peer.sendDescriptor(descriptor);
}

/** Brings what is under way to the daemon that runs now, as a service does; to the next one, if that one dies. */
async function connect(
  returned: ReturnQueue,
  { paths, native, limits }: SuccessionOptions,
  isOver: Promise<void>,
): Promise<void> {
  let isEnding = false;
  void isOver.then(() => (isEnding = true));
  while (!isEnding) {
    const link = await connectToDaemon(paths, native, limits, 'service').catch(() => undefined);
    if (link !== undefined) {
      const successor = new ServiceLink(link, paths, native, limits, {
        onTaken: (id) => returned.taken(id),
        onConnection: ({ socket }) => socket.destroy(),
        onListener: () => {},
        onListenerClosed: () => {},
        onStopping: () => {},
        onNotice: () => {},
      });
      try {
        await successor.attach();
        returned.use(successor);
        await Promise.race([successor.lost, isOver]);
      } catch {
        // It died just then: services start another.
      } finally {
        successor.close();
      }
    }
    if (!isEnding) await new Promise((resolve) => setTimeout(resolve, RECONNECT_PAUSE_MS));
  }
}
