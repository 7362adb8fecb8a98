import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { ignoreError } from '../../../transport/connection.ts';
import { shareRead, takeReads } from '../../../transport/shared-read.ts';
import { startReading } from '../../../transport/node-internals.ts';

/**
 * Carries bytes both ways between two sockets until both ways have ended, each at the pace of its reader. An
 * end is passed on as an end; what breaks on one side breaks the other.
 */
export function relay(first: Socket, second: Socket, onDone: () => void): void {
  let open = 2;
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const) {
    carry(from, to, {
      onClosed() {
        open -= 1;
        if (open === 0) onDone();
      },
    });
  }
}

interface CarryOptions {
  readonly onClosed: () => void;
  /** How many of the bytes that were read to pass on. Default: all. */
  readonly take?: (octets: Uint8Array) => number;
}

/**
 * One way of a relay: as `from.pipe(to)`, without the way through the stream, which would be half the cost of
 * a small message.
 *
 * @returns a function that takes its listeners off both sockets
 */
export function carry(from: Socket, to: Socket, { onClosed, take }: CarryOptions): () => void {
  const pass = (octets: Uint8Array): void => {
    const count = take?.(octets) ?? octets.length;
    if (count === 0) return;
    if (!to.write(count < octets.length ? octets.subarray(0, count) : octets)) from.pause();
  };
  // A copy: the kernel may not take all of it at once, and the memory is reused for the next read.
  const reader = { receive: (octets: Uint8Array) => pass(Buffer.from(octets)) };
  const onEnd = (): void => void to.end();
  const onDrain = (): void => void from.resume();
  const onClose = (hadError: boolean): void => {
    if (hadError || !from.readableEnded) to.destroy();
    onClosed();
  };
  shareRead(from);
  takeReads(from, reader);
  from.on('error', ignoreError).on('close', onClose);
  from.on('data', pass); // what is in the stream already
  from.on('end', onEnd);
  to.on('drain', onDrain);
  startReading(from); // reading was stopped while the socket waited here
  return () => {
    takeReads(from, undefined);
    from.off('error', ignoreError).off('close', onClose).off('data', pass).off('end', onEnd);
    to.off('drain', onDrain);
  };
}
