import type { Socket } from 'node:net';
import { callWithPromises, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';
import { dialTcp, endTcp, serveTcp } from './tcp.ts';

interface MessageConnection {
  onRequest(method: string, handler: (a: number, b: number) => number): void;
  onClose(listener: () => void): void;
  onError(listener: () => void): void;
  sendRequest(method: string, ...parameters: readonly unknown[]): Promise<unknown>;
  listen(): void;
  dispose(): void;
}

/** As much of vscode-jsonrpc as is used here. */
interface JsonRpc {
  readonly SocketMessageReader: new (socket: Socket) => unknown;
  readonly SocketMessageWriter: new (socket: Socket) => unknown;
  createMessageConnection(reader: unknown, writer: unknown): MessageConnection;
}

async function connectionOver(socket: Socket): Promise<MessageConnection> {
  const library = (await loadPeer('vscode-jsonrpc/node')) as JsonRpc;
  return library.createMessageConnection(
    new library.SocketMessageReader(socket),
    new library.SocketMessageWriter(socket),
  );
}

/** JSON-RPC 2.0 over TCP, as language servers speak it. */
export const vscodeJsonrpc: Contender = {
  name: 'vscode-jsonrpc',

  missing: () => missingPeer('vscode-jsonrpc/node'),

  serve: () =>
    serveTcp((socket) => {
      void connectionOver(socket).then((connection) => {
        connection.onRequest('add', (a, b) => a + b);
        connection.onError(() => {});
        connection.onClose(() => connection.dispose());
        connection.listen();
      });
    }),

  async connect(target) {
    const socket = await dialTcp(target);
    const connection = await connectionOver(socket);
    connection.onError(() => {});
    connection.listen();
    return {
      callWith: callWithPromises(() => connection.sendRequest('add', OPERANDS[0], OPERANDS[1])),
      async close() {
        await endTcp(socket);
        connection.dispose();
      },
    };
  },
};
