// Values have code of their own: getters and proxies, which run while a message is written. What they do with the
// session of that message must not end up inside it.
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  oneWay,
  operation,
  type Proxy,
  ServiceHost,
  types,
} from '../../../shared/index.ts';

const Pair = types.object('Pair', { a: types.int, b: types.int });
const IHeard = defineContract({
  name: 'IHeard',
  operations: { On: oneWay([['number', types.int]]) },
});
const IPairs = defineContract({
  name: 'IPairs',
  callback: IHeard,
  operations: {
    Sum: operation([['pair', Pair]], types.int),
    Note: oneWay([['pair', Pair]]),
    Make: operation([['what', types.string]], Pair),
    Echo: operation([['number', types.int]], types.int),
  },
});
type IPairs = typeof IPairs;

/** A pair whose second member does something when it is looked at. */
const pair = (look: () => unknown): { a: number; b: number } => ({
  a: 1,
  get b() {
    look();
    return 2;
  },
});

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: { code?: unknown }) => error.code,
  );

describe.for(['msgpack', 'soap'] as const)('%s', (encoding) => {
  async function opened(): Promise<{ proxy: Proxy<IPairs>; told: unknown[]; host: ServiceHost }> {
    const told: unknown[] = [];
    const binding = new NetTcpBinding({ encoding, limits: { sendTimeoutMs: 5_000 } });
    const host = new ServiceHost(binding, {
      onOperationError: (error, { operation: name }) =>
        void told.push([name, (error as { code?: unknown }).code]),
    });
    const onLook: Record<string, (callback: { On(number: number): Promise<void> }) => unknown> = {
      'a callback': (callback) => codeOf(callback.On(7)).then((code) => told.push(code)),
      'the end of the host': () => void host.close(),
    };
    host.addEndpoint(
      IPairs,
      {
        Sum: ({ a, b }) => a + b,
        Note: ({ a, b }) => void told.push(a + b),
        Make: (what, { callback }) => pair(() => onLook[what]?.(callback)),
        Echo: (number) => number,
      },
      'net.tcp://127.0.0.1:0/pairs',
    );
    await host.open();
    onTestFinished(() => host.close());
    const factory = new ChannelFactory(IPairs, binding);
    onTestFinished(() => factory.close());
    const callback = { On: (number: number) => void told.push(number) };
    return { proxy: factory.createChannel(host.addresses[0] ?? '', { callback }), told, host };
  }

  test('a call that is made while another is written is refused, and costs that one nothing', async () => {
    const { proxy } = await opened();
    let inner: Promise<unknown> | undefined;
    const sum = await proxy.Sum(pair(() => (inner = codeOf(proxy.Echo(1)))));
    expect([sum, await inner]).toEqual([3, 'Usage']);
    expect(await proxy.Echo(5)).toBe(5);
  });

  test('so is a callback that is made while an answer is written', async () => {
    const { proxy, told } = await opened();
    expect(await proxy.Make('a callback')).toEqual({ a: 1, b: 2 });
    expect(await proxy.Echo(5)).toBe(5);
    expect(told).toEqual([['On', 'Usage'], 'Usage']);
  });

  test('a channel that is closed meanwhile is closed after the call', async () => {
    const { proxy, told } = await opened();
    let closed: Promise<unknown> | undefined;
    expect(await proxy.Sum(pair(() => (closed ??= proxy.close())))).toBe(3);
    await closed;
    const { proxy: second, told: notes } = await opened();
    await second.open();
    await second.Note(pair(() => (closed = second.close())));
    await closed;
    expect([told, notes]).toEqual([[], [3]]);
  });

  test('one that is aborted meanwhile fails the call', async () => {
    const { proxy } = await opened();
    await proxy.open();
    const sum = proxy.Sum(pair(() => proxy.abort()));
    expect(await codeOf(sum)).toBe('CommunicationObjectAborted');
    const { proxy: other } = await opened();
    expect(await other.Echo(5)).toBe(5);
  });

  test('a host that is closed while it answers has answered', async () => {
    const { proxy } = await opened();
    expect(await proxy.Make('the end of the host')).toEqual({ a: 1, b: 2 });
  });
});
