// What a client makes of the first bytes that a service sends.
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import { ITest, testImplementation } from '../../fixtures/test-contract.ts';
import { TcpProxy } from '../../helpers/network/tcp-proxy.ts';

const ACK = 0x0b;
const END = 0x07;

test.for(['msgpack', 'soap', 'streamed'])(
  'a %s service that ends the session together with its ack was about to close: another try finds the next',
  async (kind) => {
    const host = new ServiceHost(new NetTcpBinding());
    host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
    await host.open();
    const { port } = parseAddress(host.addresses[0] ?? '');
    const proxy = await TcpProxy.listen(port, (socket, index) => {
      if (index > 1) return false;
      socket.once('data', () => socket.write(Uint8Array.of(ACK, END)));
      return true;
    });
    const factory = new ChannelFactory(
      ITest,
      new NetTcpBinding({
        encoding: kind === 'msgpack' ? 'msgpack' : 'soap',
        transferMode: kind === 'streamed' ? 'streamed' : 'buffered',
      }),
    );
    const channel = factory.createChannel(`net.tcp://127.0.0.2:${port}/test`);
    onTestFinished(async () => {
      channel.abort();
      factory.close();
      await host.close();
    });
    expect(await channel.Echo('x')).toBe('x');
    expect(proxy.connections).toBe(2);
  },
);

test('kept connections that turn out to be dead do not count as attempts', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  const { port } = parseAddress(host.addresses[0] ?? '');
  // Two connections carry one session each and die with the next, the third dies at once, the fourth is sound.
  const proxy = await TcpProxy.listen(port, (socket, index) => {
    if (index > 3) return false;
    let sessions = 0;
    socket.on('data', (octets) => {
      if (octets.length === 1) return void socket.write(Uint8Array.of(END));
      sessions += 1;
      if (sessions > 1 || index === 3) socket.destroy();
      else socket.write(Uint8Array.of(ACK));
    });
    return true;
  });
  const limits = { maxOpenAttempts: 2 };
  const factory = new ChannelFactory(ITest, new NetTcpBinding({ limits }));
  onTestFinished(async () => {
    factory.close();
    await host.close();
  });
  const make = () => factory.createChannel(`net.tcp://127.0.0.2:${port}/test`);
  const kept = [make(), make()];
  for (const channel of kept) await channel.open();
  for (const channel of kept) await channel.close();
  await using channel = make();
  expect(await channel.Echo('x')).toBe('x');
  expect(proxy.connections).toBe(4);
});
