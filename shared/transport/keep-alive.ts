import type { Socket } from 'node:net';
import { Sweeper } from '../time.ts';
import type { ByteStream } from './upgrade.ts';

// To ask for it takes four system calls, a tenth of what a short connection costs; and one that ends sooner
// has no use for it.
const YOUNG_MS = 500;

/** Sockets that live for too short a time to need it, and the milliseconds each was asked for. */
const young = new Map<Socket, number>();
const clock = new Sweeper(() => {
  for (const [socket, afterMs] of young) socket.setKeepAlive(true, afterMs);
  young.clear();
  return Infinity;
});

/**
 * Has the kernel try an idle connection from time to time, so that one whose peer is gone ends. Asked for half a
 * second later. A relayed connection has no such thing.
 *
 * @param afterMs milliseconds without a byte until the first try; 0: never
 */
export function keepAlive(socket: Socket, afterMs: number): void {
  if (afterMs <= 0) return;
  young.set(socket, afterMs);
  clock.lookEvery(YOUNG_MS);
}

/** The stream is being closed: nothing is held for it any more. What is no socket was never asked for. */
export function forgetKeepAlive(stream: Socket | ByteStream): void {
  young.delete(stream as Socket);
}
