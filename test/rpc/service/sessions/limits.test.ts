// What a client can cost with callbacks: its own session.
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  type DuplexContext,
  type Implementation,
  type Limits,
  NetTcpBinding,
  NetTcpError,
  ServiceHost,
} from '../../../../shared/index.ts';
import { sleep } from '../../../../shared/time.ts';
import { INews, listener, news } from '../../../fixtures/news.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { request } from '../../../helpers/msgpack.ts';
import { preamble } from '../../../helpers/network/raw-client.ts';

type Context = Parameters<Implementation<INews>['Subscribe']>[1];

/** A service that keeps the context of whoever subscribes. */
async function serve(limits: Partial<Limits>, own: Partial<Implementation<INews>> = {}) {
  const contexts: Context[] = [];
  const broken: string[] = [];
  const host = new ServiceHost(new NetTcpBinding({ limits }), {
    onConnectionError: ({ message }) => broken.push(message),
  });
  const implementation = {
    ...news,
    Subscribe: (topic: string | null, context: Context) => (contexts.push(context), topic),
    ...own,
  };
  await host.addEndpoint(INews, implementation, 'net.tcp://127.0.0.1:0/news').open();
  onTestFinished(() => host.abort());
  const [address = ''] = host.addresses;
  return { contexts, broken, address, port: Number(/:(\d+)\//.exec(address)?.[1]) };
}

function subscriber(address: string, limits: Partial<Limits> = {}, callback = listener()) {
  const factory = new ChannelFactory(INews, new NetTcpBinding({ limits }));
  onTestFinished(() => factory.close());
  return factory.createChannel(address, { callback });
}

/** Subscribes, and reads nothing any more. */
async function deafClient(port: number, contexts: readonly Context[]) {
  const client = connect(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void client.destroy());
  client.write(preamble(`net.tcp://127.0.0.1:${port}/news`));
  await new Promise((resolve) => client.once('data', resolve));
  client.pause();
  const payload = request(1, 'Subscribe', 'deaf');
  client.write(Buffer.from([6, payload.length, ...payload]));
  await eventually(() => expect(contexts).toHaveLength(1));
  const { callback, signal } = contexts[0] ?? expect.fail('nobody has subscribed');
  return { callback, signal, client };
}

const TEXT = 'x'.repeat(60_000);
const codeOf = (error: unknown): unknown => (error instanceof NetTcpError ? error.code : error);

test('maxUnsentCallbackBytes: who reads slower than he is told loses his session, and nobody else', async () => {
  const { contexts, broken, address, port } = await serve({ maxUnsentCallbackBytes: 1_000_000 });
  const { callback, signal } = await deafClient(port, contexts);
  const callbackOfOther = listener();
  const other = subscriber(address, {}, callbackOfOther);
  await other.Subscribe('other');
  let failure: unknown;
  for (let count = 0; count < 2_000 && failure === undefined; count++) {
    void callback.OnNews(TEXT, count).catch((error: unknown) => (failure ??= error));
    if (count % 50 === 0) await sleep(1);
  }
  await eventually(() => expect(codeOf(failure)).toBe('QuotaExceeded'));
  await eventually(() => expect(signal.aborted).toBe(true));
  expect(broken).toEqual([expect.stringContaining('maxUnsentCallbackBytes')]);
  await contexts[1]?.callback.OnNews('still', 1);
  await eventually(() => expect(callbackOfOther.heard).toEqual(['still 1']));
  await other.close();
});

test('a service that awaits its callbacks waits for a client that does not read', async () => {
  const limits = { maxUnsentBytes: 100_000, maxUnsentCallbackBytes: 400_000 };
  const { contexts, port } = await serve(limits);
  const { callback, signal, client } = await deafClient(port, contexts);
  let told = 0;
  const telling = (async () => {
    for (; told < 400; told++) await callback.OnNews(TEXT, told);
  })();
  let before = -1;
  await eventually(() => {
    const hasStopped = told > 0 && told === before;
    before = told;
    expect(hasStopped).toBe(true);
  });
  expect(told).toBeLessThan(400);
  expect(signal.aborted).toBe(false);
  client.resume();
  await telling;
});

test('maxConcurrentCalls: callbacks that a client has not answered, and no more', async () => {
  const { contexts, address } = await serve({ maxConcurrentCalls: 3 });
  const deaf = { OnNews() {}, Ask: () => new Promise<string>(() => {}), heard: [] };
  const channel = subscriber(address, {}, deaf);
  await channel.Subscribe('T');
  const { callback } = contexts[0] ?? expect.fail('nobody');
  const asked = Array.from({ length: 3 }, () => callback.Ask('q', { timeoutMs: 0 }).catch(codeOf));
  await expect(callback.Ask('q')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  channel.abort();
  expect(await Promise.all(asked)).toEqual(Array(3).fill('CommunicationObjectAborted'));
});

test('maxConcurrentCalls: calls beyond it are refused while others wait for callbacks: no deadlock', async () => {
  const { address } = await serve({ maxConcurrentCalls: 4 });
  const channel = subscriber(address);
  await channel.open();
  const asked = await Promise.all(
    Array.from({ length: 16 }, (_, index) => channel.AskBack(`${index}`).catch(codeOf)),
  );
  const answered = asked.filter((each) => String(each).startsWith('asked'));
  expect(answered.length).toBeGreaterThanOrEqual(4);
  expect(new Set(asked.filter((each) => !answered.includes(each)))).toEqual(
    new Set(answered.length === 16 ? [] : ['ServerTooBusy']),
  );
  expect(await channel.AskBack('q')).toBe('asked: answer to q');
  await channel.close();
});

describe('in the client, maxConcurrentCalls callbacks run', () => {
  const stuck = {
    OnNews: () => new Promise<void>(() => {}),
    Ask: () => new Promise<string>(() => {}),
  };

  test('a further one that waits for an answer is refused', async () => {
    const { contexts, address } = await serve({});
    const channel = subscriber(address, { maxConcurrentCalls: 2 }, { ...stuck, heard: [] });
    await channel.Subscribe('T');
    const { callback } = contexts[0] ?? expect.fail('nobody');
    for (let count = 0; count < 2; count++) void callback.Ask('q');
    await expect(callback.Ask('q')).rejects.toMatchObject({ code: 'ServerTooBusy' });
    channel.abort();
  });

  test('a further one that wants none ends the session', async () => {
    const { contexts, address } = await serve({});
    const channel = subscriber(address, { maxConcurrentCalls: 2 }, { ...stuck, heard: [] });
    await channel.Subscribe('T');
    const { callback } = contexts[0] ?? expect.fail('nobody');
    for (let count = 0; count < 3; count++) void callback.OnNews('T', count);
    await eventually(() => expect(channel.state).toBe('faulted'));
    await expect(channel.Subscribe('T')).rejects.toThrow(/maxConcurrentCalls/);
  });
});

test('receiveTimeoutMs of the service is how long a subscriber may say nothing', async () => {
  for (const [receiveTimeoutMs, state] of [
    [300, 'faulted'],
    [600_000, 'opened'],
  ] as const) {
    const { address, contexts } = await serve({ receiveTimeoutMs });
    const callback = listener();
    // The pool's limit is for connections between sessions.
    const channel = subscriber(address, { idleTimeoutMs: 100, leaseTimeoutMs: 100 }, callback);
    await channel.Subscribe('T');
    await sleep(900);
    await contexts[0]?.callback.OnNews('T', 1).catch(() => {});
    await eventually(() => expect(channel.state).toBe(state));
    if (state === 'opened') await eventually(() => expect(callback.heard).toEqual(['T 1']));
    channel.abort();
  }
});

test('the type of the context can be named', () => {
  const hear = (context: DuplexContext<NonNullable<(typeof INews)['callback']>['definitions']>) =>
    context.callback.OnNews('typed', 1);
  expect(hear).toBeTypeOf('function');
});
