import type { Socket } from 'node:net';
import { ignoreError } from '../transport/connection.ts';
import { startReading } from '../transport/socket-handle.ts';

/**
 * Carries octets both ways between two sockets until both ways have ended, each at the pace of whoever
 * reads it. An end is passed on as an end; what breaks on one side breaks the other.
 */
export function relay(first: Socket, second: Socket, onDone: () => void): void {
  let open = 2;
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const) {
    from.on('error', ignoreError);
    from.on('close', (hadError) => {
      if (hadError || !from.readableEnded) to.destroy();
      open -= 1;
      if (open === 0) onDone();
    });
    from.pipe(to);
    startReading(from); // it was stopped while it waited here
  }
}
