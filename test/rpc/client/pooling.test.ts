import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';

const calculator = {
  Add: (n1: number, n2: number) => n1 + n2,
  Subtract: (n1: number, n2: number) => n1 - n2,
  Multiply: (n1: number, n2: number) => n1 * n2,
  Divide: (n1: number, n2: number) => n1 / n2,
};

test('channels that are closed leave their connection to the next ones', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calculator');
  await host.open();
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  onTestFinished(() => {
    factory.close();
    host.abort();
  });
  let connections = 0;
  const count = (): void => void (connections += 1);
  subscribe('net.client.socket', count);
  onTestFinished(() => void unsubscribe('net.client.socket', count));
  for (let session = 0; session < 5; session++) {
    const channel = factory.createChannel(host.addresses[0] ?? '');
    expect(await channel.Add(session, 1)).toBe(session + 1);
    await channel.close();
  }
  expect(connections).toBe(1);
});
