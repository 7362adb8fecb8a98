import type { Received } from '../../../printable.ts';
import { messageOf } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { sleep } from '../../../time.ts';
import { descriptorOf } from '../../../transport/node-internals.ts';
import { connectToDaemon } from '../../handshake/connect.ts';
import { Conversation } from '../../handshake/conversation.ts';
import type { CallerLink } from '../../handshake/link.ts';
import type { DaemonMessage, ServiceMessage } from '../../handshake/messages.ts';
import { ReturnQueue } from '../../handshake/return-queue.ts';
import type { Lock } from '../../machine/lock.ts';
import type { Log } from '../../machine/log.ts';
import type { Native } from '../../machine/native.ts';
import type { Paths } from '../../machine/paths.ts';
import type { Ports } from '../ports.ts';
import type { Ending } from './ending.ts';

interface PredecessorOptions {
  readonly ports: Ports;
  readonly ending: Ending;
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  readonly paths: Paths;
  readonly lock: Lock;
  /** Makes the control socket's name lead here if it does not. */
  readonly reclaimName: () => Promise<void>;
}

// Between "go" and "serving" a successor has nothing to do that takes time.
const SERVING_MS = 2_000;
const RECONNECT_PAUSE_MS = 20;

/**
 * The daemon's side of its own replacement.
 *
 * The successor gets copies of the listening sockets and prepares everything; until it says that it serves,
 * this daemon accepts connections as before. If it fails in any way, or is too slow, nothing has happened. If it
 * succeeds, this daemon gives it what is under way, and retires.
 *
 *     inherit → listener… inheritance → ready → go (+ the lock) → serving → retired
 *
 * @returns whether it succeeded
 */
export async function passOn(link: CallerLink, options: PredecessorOptions): Promise<boolean> {
  const { ending, limits, log, lock } = options;
  const { control, pid } = link;
  const talk = new Conversation<Received<ServiceMessage>, DaemonMessage>(
    control,
    'the other daemon',
  );
  try {
    await talk.expect('inherit', limits.helloTimeoutMs);
    await sendListeners(link, options.ports);
    control.send({ type: 'inheritance' });
    await talk.expect('ready', limits.daemonStartTimeoutMs);
    await sendLock(link, lock);
    await talk.expect('serving', SERVING_MS);
  } catch (error) {
    log.write('not replaced', { by: pid, reason: messageOf(error) });
    control.close();
    await options.reclaimName();
    return false;
  }
  control.send({ type: 'retired' });
  log.write('replaced', { by: pid });
  lock.release();
  const returned = new ReturnQueue(limits);
  const isOver = ending.retire(returned);
  await connect(returned, options, isOver);
  await isOver;
  returned.close();
  control.close();
  return true;
}

async function sendListeners(link: CallerLink, ports: Ports): Promise<void> {
  for (const { host, port, server } of ports.listening()) {
    const listening = descriptorOf(server);
    if (listening === undefined) continue;
    const message = { type: 'listener', host, port } as const;
    await link.sendDescriptorInTime(listening, (descriptor) => ({ ...message, descriptor }));
  }
}

async function sendLock(link: CallerLink, { descriptor: lock }: Lock): Promise<void> {
  const isSent =
    lock !== undefined &&
    (await link.sendDescriptorInTime(lock, (descriptor) => ({ type: 'go', descriptor })));
  if (!isSent) link.control.send({ type: 'go' });
}

/** Brings what is under way to the running daemon, as a service does; if that dies, to the next one. */
async function connect(
  returned: ReturnQueue,
  { paths, native, limits }: PredecessorOptions,
  isOver: Promise<void>,
): Promise<void> {
  let isEnding = false;
  void isOver.then(() => (isEnding = true));
  while (!isEnding) {
    const link = await connectToDaemon(paths, native, limits, 'service').catch(() => undefined);
    if (link !== undefined) {
      try {
        await link.attach();
        link.control.onMessage = (message) => {
          if (message.type === 'taken') returned.taken(message.descriptor);
        };
        returned.use(link);
        await Promise.race([link.lost, isOver]);
      } catch {
        // That daemon died just then: services start another.
      } finally {
        link.close();
      }
    }
    if (!isEnding) await sleep(RECONNECT_PAUSE_MS);
  }
}
