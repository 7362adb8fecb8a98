import type { Socket } from 'node:net';
import { Sweeper } from '../time.ts';
import type { ByteStream } from './upgrade.ts';

// Asking for keep-alive takes four system calls, a tenth of what a short connection costs, and a connection
// that ends sooner has no use for it.
const YOUNG_MS = 500;

/** Sockets whose keep-alive is not yet turned on, and the milliseconds for each. */
const young = new Map<Socket, number>();
const clock = new Sweeper(() => {
  for (const [socket, afterMs] of young) socket.setKeepAlive(true, afterMs);
  young.clear();
  return Infinity;
});

/**
 * Has the kernel probe an idle connection from time to time, so that one whose peer is gone ends. Turned on
 * within half a second. A relayed connection has no keep-alive.
 *
 * @param afterMs milliseconds without a byte until the first probe; 0: never
 */
export function keepAlive(socket: Socket, afterMs: number): void {
  if (afterMs <= 0) return;
  young.set(socket, afterMs);
  clock.lookEvery(YOUNG_MS);
}

/** The stream is being closed: nothing is held for it any more. A stream that is no socket was never held. */
export function forgetKeepAlive(stream: Socket | ByteStream): void {
  young.delete(stream as Socket);
}
