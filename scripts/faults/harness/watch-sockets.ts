import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** How the TCP connections that this process tried to make ended. */
interface SocketCounts {
  tried: number;
  made: number;
  refused: number;
  /** Made, and ended before a single byte came. */
  reset: number;
}

/** Counts from now on, below the channels: these retry by themselves, unseen by their users. */
export function watchSockets(): SocketCounts {
  const counts: SocketCounts = { tried: 0, made: 0, refused: 0, reset: 0 };
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    counts.tried += 1;
    let isMade = false;
    socket.once('connect', () => {
      isMade = true;
      counts.made += 1;
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') counts.refused += 1;
    });
    socket.once('close', () => {
      if (isMade && socket.bytesRead === 0) counts.reset += 1;
    });
  });
  return counts;
}
