import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { callWithPromises, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';

/** As much of rpc-websockets as is used here. */
interface RpcWebsockets {
  readonly Server: new (options: { readonly port: number; readonly host: string }) => {
    readonly wss: { address(): AddressInfo };
    on(event: 'listening', listener: () => void): void;
    register(name: string, method: (operands: readonly [number, number]) => number): void;
    close(): Promise<void>;
  };
  readonly Client: new (
    url: string,
    options: { readonly reconnect: boolean },
  ) => {
    on(event: string, listener: () => void): void;
    call(method: string, parameters: readonly unknown[]): Promise<unknown>;
    close(): void;
  };
}

/** JSON-RPC 2.0 over WebSocket. */
export const rpcWebsockets: Contender = {
  name: 'rpc-websockets',

  missing: () => missingPeer('rpc-websockets'),

  async serve() {
    const { Server } = (await loadPeer('rpc-websockets')) as RpcWebsockets;
    const server = new Server({ port: 0, host: '127.0.0.1' });
    await once(server as unknown as NodeJS.EventEmitter, 'listening');
    server.register('add', ([a, b]) => a + b);
    return { target: String(server.wss.address().port), close: () => server.close() };
  },

  async connect(target) {
    const { Client } = (await loadPeer('rpc-websockets')) as RpcWebsockets;
    const client = new Client(`ws://127.0.0.1:${target}`, { reconnect: false });
    await new Promise<void>((resolve) => client.on('open', resolve));
    return {
      callWith: callWithPromises(() => client.call('add', OPERANDS)),
      async close() {
        const closed = new Promise<void>((resolve) => client.on('close', resolve));
        client.close();
        await closed;
      },
    };
  },
};
