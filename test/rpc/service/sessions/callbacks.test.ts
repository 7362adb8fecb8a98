// Callbacks between a service and its clients, in both encodings.
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type CallbackImplementation,
  ChannelFactory,
  type Implementation,
  type Limits,
  NetTcpBinding,
  ServiceHost,
} from '../../../../shared/index.ts';
import { INews, listener, news } from '../../../fixtures/news.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { sleep } from '../../../../shared/time.ts';

const ENCODINGS = ['msgpack', 'soap'] as const;

interface Desk {
  readonly encoding: (typeof ENCODINGS)[number];
  readonly implementation?: Implementation<INews>;
  readonly callback?: CallbackImplementation<INews>;
  readonly serviceLimits?: Partial<Limits>;
  readonly limits?: Partial<Limits>;
}

async function open(desk: Desk) {
  const { encoding, implementation = news, callback = listener() } = desk;
  const failed: string[] = [];
  const broken: string[] = [];
  const host = new ServiceHost(new NetTcpBinding({ limits: desk.serviceLimits ?? {} }), {
    onOperationError: (error, { operation }) => failed.push(`${operation}: ${String(error)}`),
    onConnectionError: ({ message }) => broken.push(message),
  });
  await host.addEndpoint(INews, implementation, 'net.tcp://localhost:0/news').open();
  const [address = ''] = host.addresses;
  const mistakes: string[] = [];
  const factory = new ChannelFactory(
    INews,
    new NetTcpBinding({ encoding, limits: desk.limits ?? {} }),
    {
      onOperationError: (error, { operation }) => mistakes.push(`${operation}: ${String(error)}`),
    },
  );
  onTestFinished(async () => {
    factory.close();
    host.abort();
    await host.close();
  });
  const channel = factory.createChannel(address, { callback });
  return { host, factory, address, channel, failed, broken, mistakes };
}

describe.each(ENCODINGS)('%s', (encoding) => {
  test('one-way callbacks come after the call, in order', async () => {
    const callback = listener();
    const { channel } = await open({ encoding, callback });
    expect(await channel.Subscribe('T')).toBe('subscribed T');
    await eventually(() => expect(callback.heard).toEqual(['T 0', 'T 1', 'T 2']));
    await channel.SubscribeOneWay('U');
    await eventually(() => expect(callback.heard).toContain('U 99'));
    await channel.close();
    expect(channel.state).toBe('closed');
  });

  test('a callback within the first call, and within many at once', async () => {
    const { channel } = await open({ encoding });
    expect(await channel.AskBack('q')).toBe('asked: answer to q');
    const asked = Array.from({ length: 64 }, (_, index) => channel.AskBack(`${index}`));
    const expected = Array.from({ length: 64 }, (_, index) => `asked: answer to ${index}`);
    expect(await Promise.all(asked)).toEqual(expected);
    await channel.close();
  });

  test('a callback may call the service, which may call back', async () => {
    const { channel } = await open({
      encoding,
      callback: {
        OnNews() {},
        Ask: async (question) =>
          question?.length === 3 ? 'enough' : await channel.AskBack(`${question}x`),
      },
    });
    expect(await channel.AskBack('')).toBe('asked: asked: asked: asked: enough');
    await channel.close();
  });

  test('a fault of a callback is a fault in the service', async () => {
    const { channel, mistakes, failed } = await open({ encoding });
    const busy = channel.AskBack('busy');
    await expect(busy).rejects.toMatchObject({ code: 'Fault', message: 'I am busy, 5 min' });
    expect(mistakes).toEqual([]);
    await expect(channel.AskBack('broken')).rejects.toThrow(/internal error/);
    expect(mistakes).toEqual(['Ask: TypeError: a mistake in the client']);
    expect(await channel.AskBack('again')).toBe('asked: answer to again');
    expect(failed).toEqual([]);
    await channel.close();
  });

  test('a callback after the end of its session is a typed error, and ends no process', async () => {
    let kept: Parameters<Implementation<INews>['Subscribe']>[1] | undefined;
    const { channel } = await open({
      encoding,
      implementation: { ...news, Subscribe: (topic, context) => ((kept = context), topic) },
    });
    await channel.Subscribe('T');
    expect(kept?.signal.aborted).toBe(false);
    await channel.close();
    await eventually(() => expect(kept?.signal.aborted).toBe(true));
    const gone = { code: 'CommunicationObjectAborted' };
    await expect(kept?.callback.Ask('q')).rejects.toMatchObject(gone);
    await expect(kept?.callback.OnNews('late', 1)).rejects.toMatchObject(gone);
    void kept?.callback.OnNews('nobody awaits this', 1);
  });

  test.for([
    ['the client aborts', ({ channel }: Awaited<ReturnType<typeof open>>) => channel.abort()],
    ['the service drops it', ({ host }: Awaited<ReturnType<typeof open>>) => host.abort()],
  ] as const)('a callback that waits while %s ends typed', async ([, end]) => {
    const failed = new Promise<unknown>((resolve) => {
      void open({
        encoding,
        implementation: {
          ...news,
          async AskBack(question, { callback }) {
            return await callback.Ask(question).catch((error: unknown) => {
              resolve(error);
              throw error;
            });
          },
        },
        callback: { OnNews() {}, Ask: () => new Promise<string>(() => {}) },
      }).then(async (desk) => {
        const call = desk.channel.AskBack('q').catch(() => {});
        await eventually(() => expect(desk.host.connectionCount).toBe(1));
        await desk.channel.Subscribe('T');
        end(desk);
        await call;
      });
    });
    expect(await failed).toMatchObject({ code: 'CommunicationObjectAborted' });
  });

  test('a client that does not answer costs the caller a timeout', async () => {
    const { channel } = await open({
      encoding,
      serviceLimits: { sendTimeoutMs: 100 },
      implementation: {
        ...news,
        AskBack: (question, { callback }) =>
          callback.Ask(question).catch((error: { code: string }) => error.code),
      },
      callback: {
        OnNews() {},
        async Ask(question) {
          if (question !== 'slow') return question;
          await sleep(300);
          return 'late';
        },
      },
    });
    expect(await channel.AskBack('slow')).toBe('Timeout');
    expect(await channel.AskBack('quick')).toBe('quick');
    await sleep(400); // the late answer is passed over
    expect(await channel.AskBack('later')).toBe('later');
    await channel.close();
  });

  test('callbacks take a time limit and a signal of their own', async () => {
    const { channel } = await open({
      encoding,
      implementation: {
        ...news,
        async AskBack(question, { callback }) {
          const options =
            question === 'signal' ? { signal: AbortSignal.timeout(50) } : { timeoutMs: 50 };
          return await callback
            .Ask(question, options)
            .catch((error: { code: string }) => error.code);
        },
      },
      callback: { OnNews() {}, Ask: () => new Promise<string>(() => {}) },
    });
    expect(await channel.AskBack('signal')).toBe('OperationCanceled');
    expect(await channel.AskBack('time')).toBe('Timeout');
    channel.abort();
  });

  test('what cannot be written is an error of the callback, and told', async () => {
    const { channel, failed } = await open({
      encoding,
      implementation: {
        ...news,
        Subscribe(topic, { callback }) {
          void callback.OnNews(topic, 1.5);
          return topic;
        },
      },
    });
    expect(await channel.Subscribe('T')).toBe('T');
    expect(failed).toEqual([expect.stringMatching(/^OnNews: .*number/)]);
    expect(await channel.AskBack('q')).toBe('asked: answer to q');
    await channel.close();
  });

  test('the object of the callbacks is one for each session', async () => {
    const seen = new Set<object>();
    const { channel, factory, address } = await open({
      encoding,
      implementation: { ...news, Subscribe: (topic, { callback }) => (seen.add(callback), topic) },
    });
    const other = factory.createChannel(address, { callback: listener() });
    for (const each of [channel, channel, other]) await each.Subscribe('T');
    expect(seen.size).toBe(2);
    await Promise.all([channel.close(), other.close()]);
  });

  test('a closing host answers the calls that wait for callbacks', async () => {
    let answer: (text: string) => void = () => {};
    const { host, channel } = await open({
      encoding,
      callback: { OnNews() {}, Ask: () => new Promise<string>((resolve) => (answer = resolve)) },
    });
    await channel.open();
    const asked = channel.AskBack('q');
    await eventually(() => expect(answer.length).toBe(1));
    const closed = host.close();
    await new Promise(setImmediate);
    answer('in the end');
    expect(await asked).toBe('asked: in the end');
    await closed;
  });
});
