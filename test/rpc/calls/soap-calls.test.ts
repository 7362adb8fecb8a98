// SOAP end to end, in both modes: the same contract, the same host, the same channels.
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  FaultException,
  ICalculator,
  NetTcpBinding,
  type NetTcpBindingOptions,
  type Proxy,
  ServiceHost,
  types,
} from '../../../shared/index.ts';
import { ITest, pair, testImplementation } from '../../fixtures/test-contract.ts';

async function connected(
  transferMode: 'buffered' | 'streamed',
  service: NetTcpBindingOptions = {},
): Promise<{ proxy: Proxy<ITest>; host: ServiceHost; factory: ChannelFactory<ITest> }> {
  const host = new ServiceHost(new NetTcpBinding(service));
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://localhost:0/test');
  await host.open();
  const binding = new NetTcpBinding({
    encoding: 'soap',
    transferMode,
    limits: { sendTimeoutMs: 20_000 },
  });
  const factory = new ChannelFactory(ITest, binding);
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  onTestFinished(async () => {
    proxy.abort();
    factory.close();
    await host.close();
  });
  return { proxy, host, factory };
}

describe.for(['buffered', 'streamed'] as const)('%s', (mode) => {
  test('carries strings, numbers, arrays, objects, nothing and nil', async () => {
    const { proxy } = await connected(mode);
    for (const text of ['', 'ascii', 'é漢字', '😀', '<&>"\'', ' \n\t ', 'x'.repeat(8_000)]) {
      expect(await proxy.Echo(text)).toBe(text);
    }
    expect(await proxy.Flip(true)).toBe(false);
    expect(await proxy.Sum([1.5, 1e300, -2])).toBe(1e300);
    expect(await proxy.Sum([])).toBe(0);
    expect(
      await proxy.Swap([
        { a: 'x', b: 1 },
        { a: 'y', b: NaN },
      ]),
    ).toEqual([
      { a: 'y', b: NaN },
      { a: 'x', b: 1 },
    ]);
    expect(await proxy.Maybe(null)).toBeNull();
    expect(await proxy.Nothing()).toBeUndefined();
  });

  test('carries calls without an answer', async () => {
    const { proxy } = await connected(mode);
    for (let count = 0; count < 3; count++) await proxy.Note('x');
    expect(await proxy.Noted()).toBe(3);
  });

  test('carries many calls at a time', async () => {
    const { proxy } = await connected(mode);
    await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        expect(await proxy.Echo(String(index))).toBe(String(index));
      }),
    );
  });

  test('keeps its connection for the next session', async () => {
    const { factory, host } = await connected(mode);
    for (let round = 0; round < 4; round++) {
      const proxy = factory.createChannel(host.addresses[0] ?? '');
      expect(await proxy.Echo('x')).toBe('x');
      expect(await proxy.Echo('y')).toBe('y');
      await proxy.close();
      expect(host.connectionCount).toBe(1);
    }
  });

  test('a fault that was meant leaves the session open', async () => {
    const { proxy } = await connected(mode);
    await expect(proxy.Fail('fault')).rejects.toMatchObject({
      code: 'Fault',
      message: 'this was on purpose',
    });
    expect(await proxy.Echo('still here')).toBe('still here');
  });

  test('a FaultException comes with its code and its detail', async () => {
    const { proxy } = await connected(mode);
    const caught: unknown = await proxy.Fail('detail').catch((error: unknown) => error);
    if (!(caught instanceof FaultException)) throw caught;
    expect(caught).toMatchObject({
      code: 'Fault',
      message: 'with a detail',
      faultCode: { name: 'Custom', namespace: 'urn:codes' },
    });
    expect(caught.detailAs(pair)).toEqual({ a: 'x', b: 1 });
    expect(caught.detailAs(types.string)).toBeUndefined();
    expect(await proxy.Echo('still here')).toBe('still here');
  });

  test('a detail that is not of its type is an internal error', async () => {
    const { proxy } = await connected(mode);
    await expect(proxy.Fail('wrong detail')).rejects.toMatchObject({
      code: 'Fault',
      message: expect.stringContaining('internal error'),
    });
  });

  test('an error that was not meant ends the session, as in WCF, and reveals nothing of the service', async () => {
    const { proxy, factory, host } = await connected(mode);
    const failure: unknown = await proxy.Fail('error').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'Fault',
      message: expect.stringContaining('internal error'),
    });
    expect(JSON.stringify(failure)).not.toContain('secret');
    const next = factory.createChannel(host.addresses[0] ?? '');
    expect(await next.Echo('x')).toBe('x');
    if (mode === 'buffered') {
      await expect(proxy.Echo('x')).rejects.toMatchObject({ code: 'CommunicationObjectFaulted' });
    } else {
      expect(await proxy.Echo('x')).toBe('x');
    }
    await next.close();
  });

  test('details when the service was told to give them', async () => {
    const { proxy } = await connected(mode, { includeExceptionDetailInFaults: true });
    await expect(proxy.Fail('error')).rejects.toMatchObject({
      code: 'Fault',
      message: 'secret message',
      cause: expect.stringContaining('TypeError'),
    });
  });

  test('an operation that the service does not have', async () => {
    const { host } = await connected(mode);
    const binding = new NetTcpBinding({ encoding: 'soap', transferMode: mode });
    const factory = new ChannelFactory(ICalculator, binding);
    const proxy = factory.createChannel(host.addresses[0] ?? '');
    await expect(proxy.Add(1, 2)).rejects.toMatchObject({
      code: 'ActionNotSupported',
      message: expect.stringContaining('ContractFilter mismatch'),
    });
    proxy.abort();
    factory.close();
  });

  test('a path that nobody has, and a call that takes too long', async () => {
    const { factory, host, proxy } = await connected(mode);
    const [address = ''] = host.addresses;
    await expect(
      factory.createChannel(address.replace('/test', '/x')).Echo('x'),
    ).rejects.toMatchObject({ code: 'EndpointNotFound' });
    await expect(proxy.Slow(10_000, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'Timeout' });
    await expect(proxy.Slow(10_000, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'OperationCanceled',
    });
  });
});

test('one endpoint answers every encoding at the same time', async () => {
  const { host } = await connected('buffered');
  const factories = (
    [{}, { encoding: 'soap' }, { encoding: 'soap', transferMode: 'streamed' }] as const
  ).map((options) => new ChannelFactory(ITest, new NetTcpBinding(options)));
  const proxies = factories.map((factory) => factory.createChannel(host.addresses[0] ?? ''));
  expect(await Promise.all(proxies.map((proxy, index) => proxy.Echo(`${index}`)))).toEqual([
    '0',
    '1',
    '2',
  ]);
  await Promise.all(proxies.map((proxy) => proxy.close()));
  for (const factory of factories) factory.close();
});

test('there is no streamed msgpack', () => {
  expect(() => new NetTcpBinding({ transferMode: 'streamed' })).toThrow(
    'goes with the encoding "soap" only',
  );
});
