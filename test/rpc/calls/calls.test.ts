import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import {
  ChannelFactory,
  FaultException,
  ICalculator,
  NetTcpBinding,
  type NetTcpBindingOptions,
  type Proxy,
  ServiceHost,
} from '../../../shared/index.ts';
import { ITest, pair, testImplementation } from '../../fixtures/test-contract.ts';

/** A host of the test contract in this process, on a free port of its own, and a channel to it. */
async function connected(
  service: NetTcpBindingOptions = {},
  client: NetTcpBindingOptions = {},
): Promise<{
  proxy: Proxy<ITest>;
  host: ServiceHost;
  factory: ChannelFactory<ITest>;
  errors: Error[];
}> {
  const errors: Error[] = [];
  const host = new ServiceHost(new NetTcpBinding(service), {
    onConnectionError: (error) => errors.push(error),
  });
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://localhost:0/test');
  await host.open();
  const factory = new ChannelFactory(ITest, new NetTcpBinding(client));
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  onTestFinished(async () => {
    proxy.abort();
    factory.close();
    await host.close();
  });
  return { proxy, host, factory, errors };
}

describe('carries', () => {
  test('strings of every kind', async () => {
    const { proxy } = await connected();
    for (const text of ['', 'ascii', 'é漢字', '😀\u0000\ufffe', 'x'.repeat(60_000)]) {
      expect(await proxy.Echo(text)).toBe(text);
    }
  });

  test('booleans, arrays, objects, nothing and nil', async () => {
    const { proxy } = await connected();
    expect(await proxy.Flip(true)).toBe(false);
    expect(await proxy.Sum([1.5, -0, 2])).toBe(3.5);
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
    expect(await proxy.Maybe('x')).toBe('x');
    expect(await proxy.Nothing()).toBeUndefined();
  });

  test('calls without an answer', async () => {
    const { proxy } = await connected();
    for (let count = 0; count < 3; count++) await proxy.Note('x');
    expect(await proxy.Noted()).toBe(3);
  });

  test('the via to the implementation', async () => {
    const { factory, host } = await connected();
    const [address = ''] = host.addresses;
    const proxy = factory.createChannel(`${address}/deeper`);
    expect(await proxy.Via()).toBe(`${address}/deeper`);
    await proxy.close();
  });

  test.each(['?query', '#fragment'])('nothing that would be dropped: %s', async (after) => {
    const { factory, host } = await connected();
    expect(() => factory.createChannel(`${host.addresses[0] ?? ''}${after}`)).toThrow(
      'it has neither query nor fragment',
    );
  });

  test('a thousand calls at a time, answered in the order in which they finish', async () => {
    const { proxy } = await connected();
    const order: number[] = [];
    const slow = proxy.Slow(3_000).then((ms) => order.push(ms));
    const quick = Array.from({ length: 1_000 }, async (_, index) => {
      expect(await proxy.Echo(String(index))).toBe(String(index));
    });
    await Promise.all(quick);
    order.push(0);
    await slow;
    expect(order).toEqual([0, 3_000]);
  });
});

describe('a call fails with', () => {
  test.for<[kind: string, message: string]>([
    ['fault', 'this was on purpose'],
    ['error', 'The server was unable to process the request due to an internal error'],
    ['reject', 'The server was unable to process the request due to an internal error'],
    ['thrown text', 'The server was unable to process the request due to an internal error'],
    ['wrong detail', 'The server was unable to process the request due to an internal error'],
    ['wrong type', 'The server was unable to process the request due to an internal error'],
  ])('a Fault for %s, and the service goes on', async ([kind, message]) => {
    const { proxy } = await connected();
    const failure: unknown = await proxy.Fail(kind).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'Fault', message: expect.stringContaining(message) });
    expect(JSON.stringify(failure) + String((failure as Error).cause)).not.toContain('secret');
    expect(await proxy.Echo('still here')).toBe('still here');
  });

  test('a FaultException with its code and its detail', async () => {
    const { proxy } = await connected();
    const caught: unknown = await proxy.Fail('detail').catch((error: unknown) => error);
    if (!(caught instanceof FaultException)) throw caught;
    expect(caught).toMatchObject({
      code: 'Fault',
      message: 'with a detail',
      faultCode: { name: 'Custom', namespace: 'urn:codes' },
    });
    expect(caught.detailAs(pair)).toEqual({ a: 'x', b: 1 });
  });

  test('details only when the service was told to give them', async () => {
    const { proxy } = await connected({ includeExceptionDetailInFaults: true });
    await expect(proxy.Fail('error')).rejects.toMatchObject({
      code: 'Fault',
      message: 'secret message',
      cause: 'TypeError: secret message',
    });
  });

  test('Usage for arguments that the contract does not have; nothing is sent', async () => {
    const { proxy } = await connected();
    const call = proxy as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    await expect(call['Echo']?.(5)).rejects.toMatchObject({
      code: 'Usage',
      message: expect.stringContaining('"text"'),
    });
    await expect(call['Echo']?.()).rejects.toMatchObject({ code: 'Usage' });
    await expect(call['Echo']?.('a', {}, 'b')).rejects.toMatchObject({ code: 'Usage' });
    expect(await proxy.Echo('still here')).toBe('still here');
  });

  test('ActionNotSupported for an operation that the service does not have', async () => {
    const { host } = await connected();
    const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
    const proxy = factory.createChannel(host.addresses[0] ?? '');
    await expect(proxy.Add(1, 2)).rejects.toMatchObject({
      code: 'ActionNotSupported',
      message: expect.stringContaining('Add'),
    });
    await proxy.close();
    factory.close();
  });

  test('Timeout at its own deadline; the channel goes on', async () => {
    const { proxy } = await connected();
    await proxy.open();
    await expect(proxy.Slow(5_000, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'Timeout',
      message: expect.stringContaining('0.03 s'),
    });
    expect(await proxy.Slow(1, { timeoutMs: 0 })).toBe(1);
    expect(await proxy.Echo('still here')).toBe('still here');
  });

  test('Timeout names what was configured, not what opening the channel left of it', async () => {
    const { proxy } = await connected();
    await expect(proxy.Slow(5_000, { timeoutMs: 250 })).rejects.toMatchObject({
      code: 'Timeout',
      message: expect.stringContaining('(0.25 s)'),
    });
  });

  test('Timeout at the deadline of all calls', async () => {
    const { proxy } = await connected({}, { limits: { sendTimeoutMs: 50 } });
    await proxy.open();
    const calls = [proxy.Slow(5_000), proxy.Slow(5_000), proxy.Slow(5_000, { timeoutMs: 20 })];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  test('OperationCanceled when its signal fires, with the reason as cause', async () => {
    const { proxy } = await connected();
    const stop = new AbortController();
    const call = proxy.Slow(5_000, { signal: stop.signal });
    await proxy.Echo('is open');
    stop.abort('no longer needed');
    await expect(call).rejects.toMatchObject({
      code: 'OperationCanceled',
      cause: 'no longer needed',
    });
    await expect(proxy.Echo('x', { signal: stop.signal })).rejects.toMatchObject({
      code: 'OperationCanceled',
    });
    expect(await proxy.Echo('still here')).toBe('still here');
  });

  test('ten thousand calls on one signal leave no listener behind', async () => {
    const { proxy } = await connected();
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === 'addEventListener') return () => (listeners += 1);
        if (name === 'removeEventListener') return () => (listeners -= 1);
        return Reflect.get(target, name, target) as unknown;
      },
    });
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 1_000 }, () => proxy.Echo('x', { signal: counted })));
    }
    expect(listeners).toBe(0);
  });

  test('QuotaExceeded when it is too large for the service', async () => {
    const { proxy, errors } = await connected({ limits: { maxReceivedMessageSize: 1_000 } });
    expect(await proxy.Echo('x'.repeat(900))).toHaveLength(900);
    await expect(proxy.Echo('x'.repeat(1_100))).rejects.toMatchObject({ code: 'QuotaExceeded' });
    await eventually(() => {
      expect(errors.map(({ message }) => message).join()).toContain('over the limit of 1000 bytes');
    });
    await expect(proxy.Echo('x')).rejects.toMatchObject({ code: 'CommunicationObjectFaulted' });
  });

  test('QuotaExceeded when the answer is too large for the client', async () => {
    const { proxy } = await connected({}, { limits: { maxReceivedMessageSize: 1_000 } });
    await expect(proxy.Echo('x'.repeat(1_100))).rejects.toMatchObject({ code: 'QuotaExceeded' });
  });

  test('EndpointNotFound for a path that nobody has', async () => {
    const { factory, host } = await connected();
    const address = (host.addresses[0] ?? '').replace('/test', '/tes');
    await expect(factory.createChannel(address).Echo('x')).rejects.toMatchObject({
      code: 'EndpointNotFound',
      message: expect.stringContaining(address),
    });
  });
});

describe('a channel', () => {
  test('goes through the states of WCF', async () => {
    const { proxy } = await connected();
    expect(proxy.state).toBe('created');
    const opening = proxy.open();
    expect(proxy.state).toBe('opening');
    await opening;
    expect(proxy.state).toBe('opened');
    await proxy.close();
    expect(proxy.state).toBe('closed');
    await expect(proxy.Echo('x')).rejects.toMatchObject({ code: 'CommunicationObjectAborted' });
  });

  test('waits for running calls when it is closed', async () => {
    const { proxy } = await connected();
    await proxy.open();
    const call = proxy.Slow(50);
    await proxy.close();
    expect(await call).toBe(50);
  });

  test('drops running calls when it is aborted', async () => {
    const { proxy } = await connected();
    await proxy.open();
    const call = proxy.Slow(5_000);
    proxy.abort();
    await expect(call).rejects.toMatchObject({ code: 'CommunicationObjectAborted' });
  });

  test('gives its connection to the next one', async () => {
    const { factory, host } = await connected();
    for (let round = 0; round < 5; round++) {
      const proxy = factory.createChannel(host.addresses[0] ?? '');
      expect(await proxy.Echo('x')).toBe('x');
      await proxy.close();
      expect(host.connectionCount).toBe(1);
    }
  });

  test('opens a new connection when the kept one has died', async () => {
    const { factory, host } = await connected();
    const [address = ''] = host.addresses;
    const first = factory.createChannel(address);
    await first.open();
    await first.close();
    host.abort();
    const again = new ServiceHost(new NetTcpBinding()).addEndpoint(
      ITest,
      testImplementation(),
      address,
    );
    await again.open();
    onTestFinished(() => again.close());
    const second = factory.createChannel(address);
    expect(await second.Echo('x')).toBe('x');
    await second.close();
  });
});

test.for<[how: string, leave: (proxy: Proxy<ITest>) => void]>([
  ['aborts', (proxy) => proxy.abort()],
  ['gives up', () => {}],
])('an implementation hears that its caller %s', async ([how, leave]) => {
  let heard = false;
  const host = new ServiceHost(new NetTcpBinding()).addEndpoint(
    ITest,
    {
      ...testImplementation(),
      Slow: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            heard = true;
            resolve(0);
          });
        }),
    },
    'net.tcp://localhost:0/test',
  );
  await host.open();
  const factory = new ChannelFactory(ITest, new NetTcpBinding());
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  await proxy.open();
  const call = proxy.Slow(0, { timeoutMs: 60_000 }).catch(() => {});
  await proxy.Echo('is running');
  leave(proxy);
  if (how === 'gives up') host.abort();
  await eventually(() => expect(heard).toBe(true));
  await call;
  await host.close();
  factory.close();
});

describe('a host that closes', () => {
  test('answers running calls, takes no new ones, and ends its sessions', async () => {
    const { proxy, host } = await connected();
    await proxy.open();
    const running = proxy.Slow(100);
    await proxy.Echo('is running');
    const closing = host.close();
    await expect(proxy.Echo('too late')).rejects.toMatchObject({ code: 'ServerTooBusy' });
    expect(await running).toBe(100);
    await closing;
    expect(host.connectionCount).toBe(0);
    await expect(proxy.Echo('x')).rejects.toMatchObject({ code: 'CommunicationObjectFaulted' });
  });

  test('drops what does not end in time', async () => {
    const { proxy, host } = await connected({ limits: { hostCloseTimeoutMs: 50 } });
    await proxy.open();
    const running = proxy.Slow(60_000).catch((error: unknown) => error);
    await proxy.Echo('is running');
    await host.close();
    expect(await running).toMatchObject({
      code: 'Communication',
      message: expect.stringContaining('did not provide a meaningful reply'),
    });
  });

  test('needs every operation of its contract', () => {
    const host = new ServiceHost(new NetTcpBinding());
    const { Echo: _, ...incomplete } = testImplementation();
    expect(() => host.addEndpoint(ITest, incomplete as never, 'net.tcp://localhost/x')).toThrow(
      'no method Echo',
    );
  });

  test('has each address once', () => {
    const host = new ServiceHost(new NetTcpBinding());
    host.addEndpoint(ITest, testImplementation(), 'net.tcp://localhost/x');
    expect(() => host.addEndpoint(ITest, testImplementation(), 'net.tcp://LOCALHOST/X')).toThrow(
      'A registration already exists for URI',
    );
  });
});
