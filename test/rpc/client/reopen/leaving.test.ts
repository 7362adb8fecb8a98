// Sessions that a service ends by itself, at a moment that suits their clients.
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import { sleep } from '../../../../shared/time.ts';
import { ITest, testImplementation } from '../../../fixtures/test-contract.ts';

async function openHost(limits: object): Promise<string> {
  const host = new ServiceHost(new NetTcpBinding({ limits }));
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  onTestFinished(() => host.abort());
  return host.addresses[0] ?? '';
}

test.for([
  [0, 'one'],
  [100, 'several'],
] as const)(
  'maxConnectionAgeMs %d: of calls one after the other for a second none is lost, and there are %s sessions',
  async ([maxConnectionAgeMs, sessions]) => {
    const address = await openHost({ maxConnectionAgeMs });
    for (const encoding of ['msgpack', 'soap'] as const) {
      const factory = new ChannelFactory(ITest, new NetTcpBinding({ encoding }));
      let opened = 0;
      const proxy = factory.createChannel(address, {
        reopen: true,
        onSession: ({ event }) => (opened += event === 'opened' ? 1 : 0),
      });
      const until = performance.now() + 1_000;
      for (let call = 0; performance.now() < until; call++) {
        expect(await proxy.Echo(String(call))).toBe(String(call));
        if (call % 3 === 0) expect(await proxy.Slow(2)).toBe(2);
      }
      if (sessions === 'one') expect(opened).toBe(1);
      else expect(opened).toBeGreaterThan(1);
      await proxy.close();
      factory.close();
    }
  },
);

test('an idle session ends in order, and its proxy notices nothing', async () => {
  const address = await openHost({ maxConnectionAgeMs: 50 });
  const factory = new ChannelFactory(ITest, new NetTcpBinding());
  const errors: unknown[] = [];
  const proxy = factory.createChannel(address, {
    reopen: true,
    onSession: ({ error }) => error && errors.push(error.message),
  });
  onTestFinished(() => factory.close());
  expect(await proxy.Echo('a')).toBe('a');
  while (proxy.state === 'opened') await sleep(10);
  expect(await proxy.Echo('b')).toBe('b');
  expect(errors).toEqual([expect.stringContaining('did not provide a meaningful reply')]);
  await proxy.close();
});
