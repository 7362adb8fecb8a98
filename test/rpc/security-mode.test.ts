// One side has security and the other has none: each names that as the likely cause.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { ITest, testImplementation } from '../fixtures/test-contract.ts';
import { eventually } from '../helpers/eventually.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';

const UPGRADE_REQUEST = 0x09;

test.for<[what: string, then: (client: RawClient) => void]>([
  ['asks for an upgrade', (client) => client.send([UPGRADE_REQUEST, 3, ...Buffer.from('x/y')])],
  ['closes its half before the end of its preamble', (client) => client.socket.end()],
  ['resets before the end of its preamble', (client) => client.socket.resetAndDestroy()],
])('a service whose client %s says so', async ([, then]) => {
  const errors: Error[] = [];
  const host = new ServiceHost(new NetTcpBinding(), {
    onConnectionError: (error) => errors.push(error),
  });
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  onTestFinished(() => host.abort());
  const [address = ''] = host.addresses;
  const client = new RawClient(parseAddress(address).port);
  await once(client.socket, 'connect');
  client.send(preamble(address).slice(0, -1));
  await eventually(() => expect(host.connectionCount).toBe(1));
  then(client);
  await eventually(() => expect(errors[0]?.message).toContain('SecurityMode.None'));
});

test.for(['end', 'resetAndDestroy'] as const)(
  'a client whose service closes (%s) after its preamble says so',
  async (how) => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket[how]());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const limits = { maxOpenAttempts: 1 };
    const factory = new ChannelFactory(ITest, new NetTcpBinding({ limits }));
    onTestFinished(() => factory.close());
    await expect(
      factory.createChannel(`net.tcp://127.0.0.1:${port}/x`).Echo('x'),
    ).rejects.toMatchObject({ message: expect.stringContaining('SecurityMode.None') });
  },
);
