import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Served } from '../contender.ts';

const HOST = '127.0.0.1';

/**
 * Listens on a free port of loopback.
 *
 * @param allowHalfOpen whether a socket can still be written to when the other side has ended
 */
export async function serveTcp(
  onSocket: (socket: Socket) => void,
  allowHalfOpen = false,
): Promise<Served> {
  const server = createServer({ noDelay: true, allowHalfOpen }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  }).listen(0, HOST);
  await once(server, 'listening');
  return {
    target: String((server.address() as AddressInfo).port),
    async close() {
      server.close();
      await Promise.resolve();
    },
  };
}

/** Connects to what {@link serveTcp} serves. */
export async function dialTcp(target: string): Promise<Socket> {
  const socket = connect({ host: HOST, port: Number(target), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the other side has closed, too. */
export async function endTcp(socket: Socket): Promise<void> {
  socket.end();
  await once(socket, 'close');
}
