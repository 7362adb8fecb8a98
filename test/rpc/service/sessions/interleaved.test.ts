// Calls and callbacks in every order: each gets its own answer, and the session is as good as before.
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import { INews, news } from '../../../fixtures/news.ts';
import { eventually } from '../../../helpers/eventually.ts';

const turns = (count: number): Promise<void> =>
  count === 0 ? Promise.resolve() : new Promise(setImmediate).then(() => turns(count - 1));

/** What a client does, and how many turns of the loop it waits before the next step and in its callback. */
const step = fc.record({
  does: fc.constantFrom('ask', 'subscribe', 'tell'),
  before: fc.nat(2),
  within: fc.nat(3),
});

test.for(['msgpack', 'soap'] as const)('%s', async (encoding) => {
  const host = new ServiceHost(new NetTcpBinding());
  await host.addEndpoint(INews, news, 'net.tcp://localhost:0/news').open();
  const factory = new ChannelFactory(INews, new NetTcpBinding({ encoding }));
  onTestFinished(async () => {
    factory.close();
    await host.close();
  });
  const [address = ''] = host.addresses;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const heard: string[] = [];
      const channel = factory.createChannel(address, {
        callback: {
          OnNews: (text, number) => void heard.push(`${text} ${number}`),
          async Ask(question) {
            await turns(steps[Number(question)]?.within ?? 0);
            return `${question}`;
          },
        },
      });
      const results = steps.map(async ({ does, before }, index) => {
        await turns(before);
        if (does === 'ask') return await channel.AskBack(`${index}`);
        if (does === 'subscribe') return await channel.Subscribe(`${index}`);
        await channel.SubscribeOneWay(`${index}`);
        return 'told';
      });
      const expected = steps.map(({ does }, index) =>
        does === 'ask' ? `asked: ${index}` : does === 'tell' ? 'told' : `subscribed ${index}`,
      );
      expect(await Promise.all(results)).toEqual(expected);
      const told = steps.flatMap(({ does }, index) => {
        if (does === 'tell') return [`${index} 99`];
        return does === 'subscribe' ? [0, 1, 2].map((number) => `${index} ${number}`) : [];
      });
      await eventually(() => expect([...heard].sort()).toEqual([...told].sort()));
      await channel.close();
    }),
    { numRuns: 25 },
  );
});
