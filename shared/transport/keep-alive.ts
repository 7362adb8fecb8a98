import type { Socket } from 'node:net';
import { Sweeper } from '../time.ts';
import type { ByteStream } from './upgrade.ts';

// Asking for keep-alive takes four system calls, a tenth of what a short connection costs, and a connection
// that ends sooner has no use for it.
const YOUNG_MS = 500;

const PLACE = Symbol('place among the young');

/** A socket knows its place, so that it is forgotten without a look at the others. */
interface Young extends Socket {
  [PLACE]?: number;
}

/** Sockets whose keep-alive is not yet turned on, and the milliseconds for each. */
let young: ({ readonly socket: Young; readonly afterMs: number } | undefined)[] = [];
const clock = new Sweeper(() => {
  for (const one of young) one?.socket.setKeepAlive(true, one.afterMs);
  young = [];
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
  (socket as Young)[PLACE] = young.push({ socket, afterMs }) - 1;
  clock.lookEvery(YOUNG_MS);
}

/** The stream is being closed: nothing is held for it any more. A stream that is no socket was never held. */
export function forgetKeepAlive(stream: Socket | ByteStream): void {
  const place = (stream as Young)[PLACE];
  if (place !== undefined && young[place]?.socket === stream) young[place] = undefined;
}
