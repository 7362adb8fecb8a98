// One signal for many calls: Node warns of more than ten listeners on one, and nobody here adds so many.
import { expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  NetTcpBinding,
  type NetTcpBindingOptions,
  ServiceHost,
} from '../../../shared/index.ts';
import { ITest, testImplementation } from '../../fixtures/test-contract.ts';

const CALLS = 50;

test.for<NetTcpBindingOptions>([
  {},
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
])('%j: fifty calls on one signal all end with it, without a warning', async (options) => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  const host = new ServiceHost(new NetTcpBinding());
  // Each call listens to the signal of its session as well.
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  const factory = new ChannelFactory(ITest, new NetTcpBinding(options));
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  onTestFinished(() => {
    process.off('warning', hear);
    proxy.abort();
    factory.close();
    host.abort();
  });
  for (const when of ['while the channel opens', 'when it is open']) {
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: CALLS }, () => proxy.Slow(20_000, { signal }));
    await expect(proxy.Echo('x', { signal }), when).resolves.toBe('x');
    controller.abort();
    const ended = await Promise.allSettled(calls);
    expect(ended.map((one) => one.status === 'rejected' && (one.reason as Error).name)).toEqual(
      Array<string>(CALLS).fill('NetTcpError'),
    );
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});
