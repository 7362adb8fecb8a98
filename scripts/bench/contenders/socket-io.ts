import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { type Caller, checkSum, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';

interface SocketIo {
  on(event: string, listener: (...args: never[]) => void): void;
  emit(event: string, ...args: unknown[]): void;
  disconnect(): void;
}

/** As much of socket.io as is used here. */
interface SocketIoServer {
  readonly Server: new (
    server: unknown,
    options: object,
  ) => { on(event: 'connection', listener: (socket: SocketIo) => void): void; close(): void };
}
interface SocketIoClient {
  io(url: string, options: object): SocketIo;
}

type Acknowledge = (sum: number) => void;

/** socket.io over WebSocket alone, with its MessagePack parser and acknowledgements. */
export const socketIo: Contender = {
  name: 'socket.io, msgpack',

  missing: () => missingPeer('socket.io'),

  async serve() {
    const { Server } = (await loadPeer('socket.io')) as SocketIoServer;
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const parser = await loadPeer('socket.io-msgpack-parser');
    const io = new Server(server, { parser, transports: ['websocket'] });
    io.on('connection', (socket) => {
      socket.on('add', (a: number, b: number, answer: Acknowledge) => answer(a + b));
    });
    return {
      target: String((server.address() as AddressInfo).port),
      async close() {
        io.close();
        await Promise.resolve();
      },
    };
  },

  async connect(target) {
    const library = (await loadPeer('socket.io-client')) as SocketIoClient;
    const parser = await loadPeer('socket.io-msgpack-parser');
    const socket = library.io(`http://127.0.0.1:${target}`, {
      parser,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    const caller: Caller = {
      callWith(done) {
        const onSum = (sum: unknown): void => {
          checkSum(sum);
          done();
        };
        return () => socket.emit('add', OPERANDS[0], OPERANDS[1], onSum);
      },
      async close() {
        const closed = new Promise<void>((resolve) => socket.on('disconnect', () => resolve()));
        socket.disconnect();
        await closed;
      },
    };
    return caller;
  },
};
