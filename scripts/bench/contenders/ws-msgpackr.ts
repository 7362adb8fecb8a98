import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { type Caller, checkSum, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';

interface WebSocketLike {
  readonly _socket: Socket;
  binaryType: string;
  on(event: string, listener: (data: Uint8Array) => void): void;
  send(octets: Uint8Array): void;
  close(): void;
}

/** As much of ws and msgpackr as is used here. */
interface Ws {
  readonly WebSocketServer: new (options: object) => NodeJS.EventEmitter & {
    address(): AddressInfo;
    close(): void;
  };
  new (url: string, options: object): WebSocketLike;
}
interface Codec {
  pack(value: unknown): Uint8Array;
  unpack(octets: Uint8Array): unknown;
}

async function codec(): Promise<Codec> {
  const { Packr } = (await loadPeer('msgpackr')) as {
    readonly Packr: new (options: object) => Codec;
  };
  return new Packr({ useRecords: false });
}

/** Writes of one turn leave in one: the best that can be done with ws from outside. */
function corked(socket: Socket): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    socket.cork();
    process.nextTick(() => {
      isCorked = false;
      socket.uncork();
    });
  };
}

/** Written by hand from popular parts: ws, msgpackr and a Map of callbacks. No library would do so. */
export const wsMsgpackr: Contender = {
  name: 'ws + msgpackr by hand',

  missing: async () => (await missingPeer('ws')) ?? (await missingPeer('msgpackr')),

  async serve() {
    const { WebSocketServer } = (await loadPeer('ws')) as Ws;
    const packr = await codec();
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      perMessageDeflate: false,
    });
    server.on('connection', (socket: WebSocketLike) => {
      const cork = corked(socket._socket);
      socket.on('message', (data) => {
        const [id, , a, b] = packr.unpack(data) as [number, number, number, number];
        cork();
        socket.send(packr.pack([id, a + b]));
      });
    });
    await once(server, 'listening');
    return {
      target: String(server.address().port),
      async close() {
        server.close();
        await Promise.resolve();
      },
    };
  },

  async connect(target) {
    const WebSocket = (await loadPeer('ws')) as Ws;
    const packr = await codec();
    const socket = new WebSocket(`ws://127.0.0.1:${target}`, { perMessageDeflate: false });
    await once(socket as unknown as NodeJS.EventEmitter, 'open');
    const cork = corked(socket._socket);
    const waiting = new Map<number, () => void>();
    let nextId = 0;
    socket.on('message', (data) => {
      const [id, sum] = packr.unpack(data) as [number, number];
      checkSum(sum);
      const done = waiting.get(id);
      waiting.delete(id);
      done?.();
    });
    const caller: Caller = {
      callWith(done) {
        return () => {
          nextId = (nextId + 1) & 0xffff;
          waiting.set(nextId, done);
          cork();
          socket.send(packr.pack([nextId, 0, OPERANDS[0], OPERANDS[1]]));
        };
      },
      async close() {
        socket.close();
        await once(socket as unknown as NodeJS.EventEmitter, 'close');
      },
    };
    return caller;
  },
};
