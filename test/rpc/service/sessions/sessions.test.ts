// Sessions that remember: an implementation for each, and operations that begin and end them.
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  operation,
  perSession,
  ServiceHost,
  types,
} from '../../../../shared/index.ts';
import { Cart, ICart } from '../../../fixtures/cart.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { sleep } from '../../../../shared/time.ts';

const ENCODINGS = ['msgpack', 'soap'] as const;
/** The same without what a client of ours checks itself: what others send. */
const IRawCart = defineContract({
  name: 'ICart',
  namespace: ICart.namespace,
  operations: {
    Begin: operation([['owner', types.nillable(types.string)]], types.int),
    Put: operation([['item', types.nillable(types.string)]], types.int),
    Finish: operation([], types.nillable(types.string)),
  },
});

async function shop(encoding: (typeof ENCODINGS)[number]) {
  const done: string[] = [];
  const failed: string[] = [];
  const host = new ServiceHost(new NetTcpBinding(), {
    onOperationError: (error, { operation: name }) => failed.push(`${name}: ${String(error)}`),
  });
  const implementation = perSession(() => new Cart(({ text }) => done.push(text)));
  await host.addEndpoint(ICart, implementation, 'net.tcp://localhost:0/cart').open();
  const [address = ''] = host.addresses;
  const binding = new NetTcpBinding({ encoding });
  const factory = new ChannelFactory(ICart, binding);
  const raw = new ChannelFactory(IRawCart, binding);
  onTestFinished(async () => {
    factory.close();
    raw.close();
    host.abort();
    await host.close();
  });
  return {
    host,
    done,
    failed,
    open: () => factory.createChannel(address),
    openRaw: () => raw.createChannel(address),
  };
}

describe.each(ENCODINGS)('%s', (encoding) => {
  test('each session has a cart of its own', async () => {
    const { open, done } = await shop(encoding);
    const carts = [open(), open()] as const;
    for (const [index, cart] of carts.entries()) await cart.Begin(`owner ${index}`);
    expect(await Promise.all(carts.map((cart) => cart.Put('a')))).toEqual([1, 1]);
    await carts[1].Note('n');
    expect(await carts[1].Put('b')).toBe(3);
    expect(done).toEqual([]);
    expect(await Promise.all(carts.map((cart) => cart.Finish()))).toEqual([
      'owner 0: a',
      'owner 1: a (n) b',
    ]);
    await eventually(() => expect([...done].sort()).toEqual(['owner 0: a', 'owner 1: a (n) b']));
  });

  test('after its last operation a session is closed on both sides', async () => {
    const { open, done } = await shop(encoding);
    const cart = open();
    await cart.Begin('A');
    const finished = cart.Finish();
    await expect(cart.Put('late')).rejects.toMatchObject({ code: 'CommunicationObjectAborted' });
    expect(await finished).toBe('A: ');
    await eventually(() => expect(cart.state).toBe('closed'));
    await eventually(() => expect(done).toEqual(['A: ']));
    await cart.close();
  });

  test('a last operation may be one-way', async () => {
    const { open, done } = await shop(encoding);
    const cart = open();
    await cart.Drop();
    await eventually(() => expect(cart.state).toBe('closed'));
    await eventually(() => expect(done).toEqual([': ']));
  });

  test('a client does not begin with another operation', async () => {
    const { open } = await shop(encoding);
    const cart = open();
    await expect(cart.Put('a')).rejects.toMatchObject({
      code: 'Usage',
      message: expect.stringContaining('cannot be the first operation') as unknown,
    });
    expect(await cart.Begin('A')).toBe(0);
    expect(await cart.Put('a')).toBe(1);
    await cart.close();
  });

  test('a service refuses it as WCF does, and takes the right one then', async () => {
    const { openRaw } = await shop(encoding);
    const cart = openRaw();
    await expect(cart.Put('a')).rejects.toMatchObject({ code: 'ActionNotSupported' });
    expect(await cart.Begin('A')).toBe(0);
    expect(await cart.Put('a')).toBe(1);
    await cart.close();
  });

  test('what comes with the last operation is refused: the session is terminated', async () => {
    const { openRaw } = await shop(encoding);
    const cart = openRaw();
    await cart.Begin('A');
    const [finished, late] = await Promise.allSettled([cart.Finish(), cart.Put('late')]);
    expect(finished).toMatchObject({ status: 'fulfilled', value: 'A: ' });
    expect(late).toMatchObject({
      reason: { faultCode: { subcode: { name: 'SessionTerminated' } } },
    });
  });

  test.for(['close', 'abort', 'the host'] as const)('%s gives the cart back, once', async (way) => {
    const { open, host, done } = await shop(encoding);
    const cart = open();
    await cart.Begin('A');
    if (way === 'close') await cart.close();
    else if (way === 'abort') cart.abort();
    else await host.close();
    await eventually(() => expect(done).toEqual(['A: ']));
  });
});

test('a call that runs keeps the implementation until it is done', async () => {
  const events: string[] = [];
  let go: () => void = () => {};
  const host = new ServiceHost(new NetTcpBinding());
  const ISlow = defineContract({ name: 'ISlow', operations: { Wait: operation([]) } });
  const implementation = perSession(() => ({
    async Wait() {
      await new Promise<void>((resolve) => (go = resolve));
      events.push('done');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(void events.push('disposed')),
    [Symbol.dispose]: () => void events.push('not this one'),
    close: () => void events.push('nor this one'),
  }));
  await host.addEndpoint(ISlow, implementation, 'net.tcp://localhost:0/slow').open();
  onTestFinished(() => host.abort());
  const factory = new ChannelFactory(ISlow, new NetTcpBinding());
  onTestFinished(() => factory.close());
  const channel = factory.createChannel(host.addresses[0] ?? '');
  const waiting = channel.Wait().catch(() => {});
  await eventually(() => expect(host.connectionCount).toBe(1));
  await channel.open();
  await sleep(100);
  channel.abort();
  await eventually(() => expect(host.connectionCount).toBe(0));
  expect(events).toEqual([]);
  go();
  await waiting;
  await eventually(() => expect(events).toEqual(['done', 'disposed']));
});

test.for([
  ['a streamed factory', () => new ChannelFactory(ICart, streamed())],
  ['what is no function', () => perSession({} as unknown as () => object)],
] as const)('%s is refused', ([, make]) => {
  expect(make).toThrow(expect.objectContaining({ code: 'Usage' }));
});

const streamed = (): NetTcpBinding =>
  new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed' });

test('a streamed client of somebody else is told that there is no such mode', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  await host.addEndpoint(ICart, new Cart(), 'net.tcp://localhost:0/cart').open();
  onTestFinished(() => host.abort());
  const factory = new ChannelFactory(IRawCart, streamed());
  onTestFinished(() => factory.close());
  const cart = factory.createChannel(host.addresses[0] ?? '');
  await expect(cart.Begin('A')).rejects.toMatchObject({ framingFault: 'UnsupportedMode' });
});
