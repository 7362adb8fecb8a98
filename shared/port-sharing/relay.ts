import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { ignoreError } from '../transport/connection.ts';
import { shareRead, takeReads } from '../transport/shared-read.ts';
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
    carry(from, to);
  }
}

/** As `from.pipe(to)`, without the way through the stream, which is half of what a small message costs. */
function carry(from: Socket, to: Socket): void {
  const pass = (octets: Uint8Array): void => {
    if (!to.write(octets)) from.pause();
  };
  shareRead(from);
  // A copy: the kernel may not take all of it at once, and the memory is used for the next read.
  takeReads(from, { receive: (octets) => pass(Buffer.from(octets)) });
  from.on('data', pass); // what is in the stream already
  from.on('end', () => to.end());
  to.on('drain', () => from.resume());
  startReading(from); // it was stopped while it waited here
}
