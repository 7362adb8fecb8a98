// A way to a service on which connections end at a chosen byte.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Where a connection ends, and how. */
export interface Cut {
  readonly from: 'client' | 'service';
  /** How many bytes of that side get through. */
  readonly after: number;
  readonly how: 'destroy' | 'resetAndDestroy' | 'end';
}

/**
 * Leads to `port` on 127.0.0.1. The first connection ends as the first cut says, and so on; those after the last
 * cut are sound. Closed when the test ends.
 *
 * @returns its own port, on 127.0.0.2
 */
export async function hostileWay(port: number, cuts: readonly Cut[]): Promise<number> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const cut = cuts[count++];
    const service = connect(port, '127.0.0.1');
    for (const socket of [client, service]) sockets.add(socket.on('error', () => {}));
    const carry = (from: Socket, to: Socket, side: Cut['from']): void => {
      let left = cut?.from === side ? cut.after : Infinity;
      from.on('data', (octets) => {
        if (left < 0) return;
        to.write(octets.subarray(0, left));
        left -= octets.length;
        if (left > 0 || cut === undefined) return;
        left = -1;
        // What was let through arrives first.
        setImmediate(() => [client, service].forEach((socket) => socket[cut.how]()));
      });
      from.on('end', () => to.end());
      from.on('close', () => to.destroy());
    };
    carry(client, service, 'client');
    carry(service, client, 'service');
  }).listen(0, '127.0.0.2');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
