// A proxy that opens again: when, where, what its caller sees, and what it does not do.
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../helpers/eventually.ts';
import {
  ChannelFactory,
  type ChannelOptions,
  defineContract,
  NetTcpBinding,
  type NetTcpBindingOptions,
  operation,
  ServiceHost,
} from '../../../../shared/index.ts';
import { ITest, testImplementation } from '../../../fixtures/test-contract.ts';

async function openHost(port = 0, limits = {}): Promise<ServiceHost> {
  const host = new ServiceHost(new NetTcpBinding({ limits }));
  host.addEndpoint(ITest, testImplementation(), `net.tcp://127.0.0.1:${port}/test`);
  await host.open();
  onTestFinished(() => host.abort());
  return host;
}

const addressOf = (host: ServiceHost): string => host.addresses[0] ?? '';
const portOf = (host: ServiceHost): number => Number(/:(\d+)\//.exec(addressOf(host))?.[1]);

function proxyTo(
  address: string | readonly string[],
  options: ChannelOptions<ITest> = {},
  binding: NetTcpBindingOptions = {},
) {
  const factory = new ChannelFactory(ITest, new NetTcpBinding(binding));
  const proxy = factory.createChannel(address, { reopen: true, ...options });
  onTestFinished(() => {
    proxy.abort();
    factory.close();
  });
  return proxy;
}

test.for(['close', 'abort'] as const)(
  'after %s of its service, the next call finds the one that came in its place',
  async (how) => {
    const first = await openHost();
    const events: string[] = [];
    const proxy = proxyTo(addressOf(first), { onSession: ({ event }) => events.push(event) });
    expect(proxy.state).toBe('created');
    expect(await proxy.Echo('a')).toBe('a');
    expect(proxy.state).toBe('opened');
    await first[how]();
    await eventually(() => expect(proxy.state).toBe('created'));
    await openHost(portOf(first));
    expect(await proxy.Echo('b')).toBe('b');
    expect(events).toEqual(['opened', 'ended', 'opened']);
    await proxy.close();
    expect(proxy.state).toBe('closed');
    await expect(proxy.Echo('c')).rejects.toMatchObject({ code: 'CommunicationObjectAborted' });
  },
);

test('a call that was sent when the connection broke fails, and says that it may have been executed', async () => {
  const host = await openHost();
  const proxy = proxyTo(addressOf(host));
  await proxy.Echo('a');
  const slow = proxy.Slow(60_000).catch((error: unknown) => error);
  await proxy.Echo('it is running');
  host.abort();
  expect(await slow).toMatchObject({
    code: 'Communication',
    reason: 'maybe-executed',
    message: expect.stringContaining('Slow was sent'),
  });
});

test('addresses are tried in turn, and the next session is at the next one', async () => {
  const hosts = [await openHost(), await openHost(), await openHost()];
  const addresses = hosts.map(addressOf);
  await hosts[0]?.close();
  const seen: string[] = [];
  const proxy = proxyTo(addresses, {
    onSession: ({ event, address }) => seen.push(`${event} ${addresses.indexOf(address)}`),
  });
  await proxy.Echo('a');
  hosts[1]?.abort();
  await eventually(() => expect(proxy.state).toBe('created'));
  await proxy.Echo('b');
  expect(seen).toEqual(['failed 0', 'opened 1', 'ended 1', 'opened 2']);
});

test('an address that nobody has is tried a few times, and then reported', async () => {
  const gone = await openHost();
  const address = addressOf(gone);
  await gone.close();
  const failed: unknown[] = [];
  const proxy = proxyTo(
    address,
    { onSession: ({ error }) => failed.push(error?.code) },
    { limits: { maxOpenAttempts: 3 } },
  );
  await expect(proxy.Echo('a')).rejects.toMatchObject({ code: 'EndpointNotFound' });
  expect(failed).toEqual(Array(3).fill('EndpointNotFound'));
  expect(proxy.state).toBe('created');
});

test('a fault, a wrong argument and a timeout are the same as on any channel', async () => {
  const proxy = proxyTo(addressOf(await openHost()));
  await expect(proxy.Fail('fault')).rejects.toMatchObject({ code: 'Fault' });
  await expect(proxy.Echo(7 as never)).rejects.toMatchObject({ code: 'Usage' });
  await expect(proxy.Slow(60_000, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'Timeout' });
  const signal = AbortSignal.abort('no');
  await expect(proxy.Echo('x', { signal })).rejects.toMatchObject({ code: 'OperationCanceled' });
  expect(proxy.state).toBe('opened');
});

const plain = { name: 'IPlain', operations: { Do: operation([]) } };
const IDuplex = defineContract({ ...plain, callback: defineContract(plain) });
const ISession = defineContract({ ...plain, sessionMode: 'required' });

test.for<[what: string, make: () => unknown, message: string]>([
  [
    'several addresses without it',
    () =>
      new ChannelFactory(ITest, new NetTcpBinding()).createChannel([
        'net.tcp://a/',
        'net.tcp://b/',
      ]),
    'Several addresses go with reopen: true only.',
  ],
  ['no address', () => proxyTo([]), 'one address or more'],
  [
    'onSession without it',
    () => proxyTo('net.tcp://a/', { reopen: false, onSession() {} }),
    'onSession',
  ],
  [
    'via to several',
    () => proxyTo(['net.tcp://a/', 'net.tcp://b/'], { via: 'net.tcp://c/' }),
    'via',
  ],
  [
    'a streamed binding',
    () => proxyTo('net.tcp://a/', {}, { encoding: 'soap', transferMode: 'streamed' }),
    'streamed',
  ],
  [
    'callbacks',
    () =>
      new ChannelFactory(IDuplex, new NetTcpBinding()).createChannel('net.tcp://a/', {
        reopen: true,
        callback: { Do() {} },
      }),
    'callbacks',
  ],
  [
    'a required session',
    () =>
      new ChannelFactory(ISession, new NetTcpBinding()).createChannel('net.tcp://a/', {
        reopen: true,
      }),
    'requires a session',
  ],
])('%s: Usage', ([, make, message]) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'Usage', message: expect.stringContaining(message) }),
  );
});
