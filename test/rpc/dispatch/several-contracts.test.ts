// Several contracts at one address: WCF's endpoints of one ServiceHost.
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  operation,
  ServiceHost,
  types,
} from '../../../shared/index.ts';

const text = operation([['text', types.string]], types.string);
const IFront = defineContract({
  name: 'IFront',
  namespace: 'http://example.org/front',
  operations: { Greet: text, Ping: text },
});
const IBack = defineContract({
  name: 'IBack',
  namespace: 'http://example.org/back',
  operations: { Sum: operation([['of', types.array(types.int)]], types.int), Ping: text },
});
const BINDINGS = [
  { encoding: 'msgpack' },
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
] as const;
const AT = 'net.tcp://localhost:0/both';
const front = { Greet: (name: string) => `Hello, ${name}.`, Ping: () => 'front' };
const back = { Sum: (of: number[]) => of.reduce((sum, one) => sum + one, 0), Ping: () => 'back' };

async function both(binding: (typeof BINDINGS)[number]) {
  const host = new ServiceHost(new NetTcpBinding(), {
    authorize: (_, name) => name !== 'Sum' || binding.encoding === 'soap',
  });
  await host.addEndpoint(IFront, front, AT).addEndpoint(IBack, back, AT).open();
  const factories = [
    new ChannelFactory(IFront, new NetTcpBinding(binding)),
    new ChannelFactory(IBack, new NetTcpBinding(binding)),
  ] as const;
  const [address = ''] = host.addresses;
  onTestFinished(async () => {
    for (const factory of factories) factory.close();
    await host.close();
  });
  return {
    addresses: host.addresses,
    atFront: factories[0].createChannel(address),
    atBack: factories[1].createChannel(address),
  };
}

describe.each(BINDINGS)('$encoding $transferMode', (binding) => {
  test('each operation goes to its own implementation', async () => {
    const { addresses, atFront, atBack } = await both(binding);
    expect(addresses).toHaveLength(1);
    expect(await atFront.Greet('you')).toBe('Hello, you.');
    if (binding.encoding === 'soap') expect(await atBack.Sum([1, 2, 3])).toBe(6);
    else await expect(atBack.Sum([1])).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
    await atFront.close();
    await atBack.close();
  });

  test('a name that both have is told apart by its action, and refused where there is none', async () => {
    const { atFront, atBack } = await both(binding);
    for (const [proxy, answer] of [
      [atFront, 'front'],
      [atBack, 'back'],
    ] as const) {
      if (binding.encoding === 'soap') expect(await proxy.Ping('')).toBe(answer);
      else {
        await expect(proxy.Ping('')).rejects.toMatchObject({
          code: 'ActionNotSupported',
          message: expect.stringContaining(
            'IFront and IBack each have an operation "Ping", and MessagePack finds operations by their names',
          ),
        });
      }
      await proxy.close();
    }
  });
});

describe('refused', () => {
  const IClash = defineContract({
    name: 'IClash',
    operations: {
      Other: operation([], types.string, { action: 'http://example.org/back/IBack/Sum' }),
    },
  });

  test('two operations of the same action; what was added before stays', async () => {
    const host = new ServiceHost(new NetTcpBinding());
    host.addEndpoint(IBack, back, AT);
    expect(() => host.addEndpoint(IClash, { Other: () => '' }, AT)).toThrow(
      "IBack and IClash cannot both be at 'net.tcp://localhost:0/both': both have an operation of the action http://example.org/back/IBack/Sum. Give one of them another address, or that operation another action.",
    );
    host.addEndpoint(IFront, front, AT);
  });

  test('two contracts with callbacks', () => {
    const duplex = (name: string) =>
      defineContract({ name, callback: IFront, operations: { [`In${name}`]: operation([]) } });
    const host = new ServiceHost(new NetTcpBinding());
    host.addEndpoint(duplex('IA'), { InIA: () => undefined }, AT).addEndpoint(IFront, front, AT);
    expect(() => host.addEndpoint(duplex('IB'), { InIB: () => undefined }, AT)).toThrow(
      "IA and IB cannot be at one address, 'net.tcp://localhost:0/both': each has callbacks.",
    );
  });

  test('endpoints of which one takes messages to any address', () => {
    const host = new ServiceHost(new NetTcpBinding()).addEndpoint(IBack, back, AT);
    expect(() => host.addEndpoint(IFront, front, AT, { addressFilterMode: 'any' })).toThrow(
      "The endpoints at 'net.tcp://localhost:0/both' need the same addressFilterMode.",
    );
  });
});
