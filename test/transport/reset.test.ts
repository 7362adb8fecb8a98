import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '../../shared/transport/connection.ts';

async function connected(): Promise<{ socket: Socket; peer: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  peer.on('error', () => undefined).resume();
  return { socket, peer };
}

test.for<[what: string, before: (connection: Connection) => void, code: string | undefined]>([
  ['an open connection is reset', () => undefined, 'ECONNRESET'],
  ['one that is being closed is closed', (connection) => connection.close(), undefined],
])('%s', async ([, before, code]) => {
  const { socket, peer } = await connected();
  let heard: string | undefined;
  peer.on('error', (error: NodeJS.ErrnoException) => (heard = error.code));
  const ours = new Promise<Error | undefined>((resolve) => {
    const handler = { onOctets: () => undefined, onEnd: () => undefined, onClose: resolve };
    const connection = new Connection(socket, handler);
    before(connection);
    connection.reset(new Error('why'));
  });
  await new Promise<void>((resolve) => peer.on('close', () => resolve()));
  expect((await ours)?.message).toBe('why');
  expect(heard).toBe(code);
  // While the handle is there, the process does not end.
  expect((socket as { _handle?: unknown })._handle).toBeNull();
});
