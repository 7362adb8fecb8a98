import type * as net from 'node:net';
import { expect, test, vi } from 'vitest';
import { ChannelFactory, NetTcpBinding } from '../../../shared/index.ts';
import { ITest } from '../../fixtures/test-contract.ts';

// Now and then the kernel gives a client the very port that it calls, where nobody listens. Here it always does.
vi.mock('node:net', async (original) => {
  const real = await original<typeof net>();
  const connect = (options: net.TcpNetConnectOpts): net.Socket =>
    real.connect({ ...options, localPort: options.port });
  return { ...real, connect };
});

test.for(['buffered', 'streamed'] as const)(
  'a %s client that is connected to itself is told that nobody listens',
  async (transferMode) => {
    const binding = new NetTcpBinding({ encoding: 'soap', transferMode });
    using factory = new ChannelFactory(ITest, binding);
    const channel = factory.createChannel(`net.tcp://127.0.0.1:${await freePort()}/test`);
    await expect(channel.Echo('x')).rejects.toMatchObject({
      code: 'EndpointNotFound',
      reason: 'connection-refused',
    });
  },
);

async function freePort(): Promise<number> {
  const { createServer } = await vi.importActual<typeof net>('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
