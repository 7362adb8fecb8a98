// Callbacks whose bytes come in pieces of every size that a record of theirs has.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import { INews, listener, news } from '../../../fixtures/news.ts';
import { eventually } from '../../../helpers/eventually.ts';

/**
 * Stands before a service, and passes on what either side says in pieces: one of `first` bytes, and then always one
 * of `size`. @returns its port
 */
async function inPieces(port: number, first: number, size: number): Promise<number> {
  const pass = (from: Socket, to: Socket): void => {
    let due = first;
    let sending = Promise.resolve();
    to.setNoDelay(true);
    from.on('data', (bytes) => {
      sending = sending.then(async () => {
        for (let at = 0; at < bytes.length;) {
          const end = Math.min(bytes.length, at + due);
          await new Promise((resolve) => to.write(bytes.subarray(at, end), resolve));
          await new Promise((resolve) => setImmediate(resolve));
          at = end;
          due = size;
        }
      });
    });
    from.on('close', () => void sending.then(() => to.destroy()));
    from.on('error', () => {});
  };
  const server = createServer((client) => {
    const service = connect(port, '127.0.0.1');
    pass(client, service);
    pass(service, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { readonly port: number }).port;
}

test.for([
  ['msgpack', 1],
  ['msgpack', 7],
  ['soap', 1],
  ['soap', 7],
] as const)('%s, %i bytes at a time, wherever the first piece ends', async ([encoding, size]) => {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(INews, news, 'net.tcp://localhost:0/news', { addressFilterMode: 'any' });
  await host.open();
  onTestFinished(() => host.close());
  const port = Number(/:(\d+)\//.exec(host.addresses[0] ?? '')?.[1]);
  for (let first = 1; first <= size; first++) {
    const via = `net.tcp://127.0.0.1:${await inPieces(port, first, size)}/news`;
    const factory = new ChannelFactory(INews, new NetTcpBinding({ encoding }));
    onTestFinished(() => factory.close());
    const callback = listener();
    const channel = factory.createChannel(via, { callback });
    expect(await channel.AskBack('q')).toBe('asked: answer to q');
    expect(await channel.Subscribe('T')).toBe('subscribed T');
    await eventually(() => expect(callback.heard).toEqual(['T 0', 'T 1', 'T 2']));
    await expect(channel.AskBack('busy')).rejects.toThrow('I am busy, 5 min');
    await channel.close();
  }
});
