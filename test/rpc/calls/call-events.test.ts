// `onCall`: what is told of calls, in a service and in a client.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type CallEnd,
  type CallEvent,
  type CallListener,
  ChannelFactory,
  defineContract,
  FaultException,
  header,
  type Implementation,
  NetTcpBinding,
  type OnCall,
  oneWay,
  operation,
  ServiceHost,
  type ServiceHostOptions,
  Traceparent,
  Tracestate,
  types,
} from '../../../shared/index.ts';
import { INews, listener, news } from '../../fixtures/news.ts';
import { eventually } from '../../helpers/eventually.ts';
import { sleep } from '../../../shared/time.ts';

const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'v=1' };
const where = new AsyncLocalStorage<string>();

const IWatched = defineContract({
  name: 'IWatched',
  operations: {
    Echo: operation([['text', types.string]], types.string),
    Later: operation([['text', types.string]], types.string),
    Fails: operation([['how', types.string]], types.string),
    Wrong: operation([], types.int),
    Tell: oneWay([['text', types.string]]),
    Headers: operation([], types.string),
    Where: operation([], types.string),
    WaitsForNobody: operation([['throws', types.boolean]]),
  },
});
const implementation: Implementation<typeof IWatched> = {
  Echo: (text) => text,
  async Later(text) {
    await sleep(20);
    return text;
  },
  Fails(how) {
    throw how === 'meant' ? new FaultException('meant') : new TypeError('a mistake');
  },
  Wrong: () => 'no number' as never,
  Tell: () => undefined,
  Headers: ({ headers }) => `${headers.get(Traceparent)} ${headers.get(Tracestate)}`,
  async WaitsForNobody(throws, { signal }) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    if (throws) throw signal.reason;
  },
  async Where() {
    await Promise.resolve();
    return where.getStore() ?? 'nowhere';
  },
};

/** All that is told, call by call. */
function ear(listen: (call: CallEvent) => CallListener = () => ({})): {
  readonly onCall: OnCall;
  readonly heard: (CallEvent & { end?: CallEnd })[];
} {
  const heard: (CallEvent & { end?: CallEnd })[] = [];
  return {
    heard,
    onCall(call) {
      const record: CallEvent & { end?: CallEnd } = { ...call };
      heard.push(record);
      return {
        ...listen(call),
        onEnd(end) {
          if (record.end !== undefined) throw new Error('told twice');
          record.end = end;
        },
      };
    },
  };
}

const BINDINGS = [
  ['msgpack', {}],
  ['soap', { encoding: 'soap' }],
  ['soap, streamed', { encoding: 'soap', transferMode: 'streamed' }],
] as const;

async function opened(
  options: ServiceHostOptions,
  binding: (typeof BINDINGS)[number][1] = {},
  onCall?: OnCall,
) {
  const host = new ServiceHost(new NetTcpBinding(binding), {
    onOperationError() {},
    ...options,
  });
  host.addEndpoint(IWatched, implementation, 'net.tcp://localhost:0/watched');
  await host.open();
  onTestFinished(() => host.close());
  const [address = ''] = host.addresses;
  const factory = new ChannelFactory(
    IWatched,
    new NetTcpBinding(binding),
    onCall === undefined ? {} : { onCall },
  );
  const proxy = factory.createChannel(address);
  onTestFinished(() => {
    proxy.abort();
    factory.close();
  });
  return { proxy, address };
}

describe.for(BINDINGS)('%s', ([, binding]) => {
  test('both sides hear what is called, and what became of it', async () => {
    const service = ear();
    const client = ear();
    const { proxy, address } = await opened({ onCall: service.onCall }, binding, client.onCall);
    const before = Date.now();
    await proxy.Echo('a');
    await proxy.Later('b');
    await proxy.Fails('meant').catch(() => {});
    await proxy.Tell('c');
    await eventually(() => expect(service.heard[3]?.end).toBeDefined());
    const brief = ({ heard }: typeof service): unknown =>
      heard.map(({ kind, contract, operation: name, via, end }) => [
        kind,
        contract,
        name,
        via,
        end?.code,
      ]);
    const all = [
      ['Echo', 'OK'],
      ['Later', 'OK'],
      ['Fails', 'Fault'],
      ['Tell', 'OK'],
    ];
    for (const [kind, side] of [
      ['server', service],
      ['client', client],
    ] as const) {
      expect(brief(side)).toEqual(
        all.map(([name, code]) => [kind, 'IWatched', name, address, code]),
      );
      const [echo, later] = side.heard;
      expect(later?.end?.durationMs).toBeGreaterThanOrEqual(19);
      expect(echo?.startedAt).toBeGreaterThanOrEqual(before - 50);
      expect(later?.startedAt).toBeGreaterThanOrEqual(echo?.startedAt ?? Infinity);
    }
    expect(service.heard[0]?.caller).toEqual({ kind: 'anonymous', name: '' });
    expect(client.heard[0]?.caller).toBeUndefined();
    expect(String(service.heard[2]?.end?.error)).toContain('meant');
  });

  test('a trace goes with the request, and is taken over', async () => {
    const service = ear();
    const client = ear(() => ({ trace }));
    const { proxy } = await opened({ onCall: service.onCall }, binding, client.onCall);
    expect(await proxy.Headers()).toBe(`${trace.traceparent} ${trace.tracestate}`);
    expect(service.heard[0]?.trace).toEqual(trace);
  });
});

test('an error that a method did not mean to throw has the code Internal', async () => {
  const service = ear();
  const client = ear();
  const { proxy } = await opened({ onCall: service.onCall }, {}, client.onCall);
  await proxy.Fails('by mistake').catch(() => {});
  await proxy.Wrong().catch(() => {});
  expect(service.heard.map(({ end }) => end?.code)).toEqual(['Internal', 'Internal']);
  expect(client.heard.map(({ end }) => end?.code)).toEqual(['Fault', 'Fault']);
  expect(service.heard[0]?.end?.error).toBeInstanceOf(TypeError);
});

test('requests that are refused before they are calls', async () => {
  const service = ear();
  const { address } = await opened({
    onCall: service.onCall,
    authorize: (_, name) => name !== 'Later',
  });
  const IOther = defineContract({
    name: 'IWatched',
    operations: {
      Nothing: operation([]),
      Echo: operation([['text', types.int]], types.string),
      Later: operation([['text', types.string]], types.string),
    },
  });
  const factory = new ChannelFactory(IOther, new NetTcpBinding());
  const proxy = factory.createChannel(address);
  onTestFinished(() => factory.close());
  onTestFinished(() => proxy.close());
  await proxy.Nothing().catch(() => {});
  await proxy.Later('x').catch(() => {});
  expect(service.heard.map(({ operation: name, end }) => [name, end?.code])).toEqual([
    [undefined, 'ActionNotSupported'],
    [undefined, 'SecurityAccessDenied'],
  ]);
});

test('a client hears of calls that never got to a service', async () => {
  const client = ear();
  const factory = new ChannelFactory(IWatched, new NetTcpBinding(), { onCall: client.onCall });
  onTestFinished(() => factory.close());
  const proxy = factory.createChannel('net.tcp://127.0.0.1:1/nobody');
  await proxy.Echo('x').catch(() => {});
  await proxy.Echo(7 as never).catch(() => {});
  expect(client.heard.map(({ end }) => end?.code)).toEqual([
    'EndpointNotFound',
    'CommunicationObjectFaulted',
  ]);
});

test.for([false, true])('a caller that is gone: Communication (throws: %s)', async (throws) => {
  const service = ear();
  const { proxy } = await opened({ onCall: service.onCall });
  const waiting = proxy.WaitsForNobody(throws).catch(() => {});
  await eventually(() => expect(service.heard).toHaveLength(1));
  proxy.abort();
  await waiting;
  await eventually(() => expect(service.heard[0]?.end?.code).toBe('Communication'));
});

test('a method runs in the context that its listener chose, to its last await', async () => {
  const service = ear(() => ({ run: (method) => where.run('here', method) }));
  const { proxy } = await opened({ onCall: service.onCall });
  expect(await proxy.Where()).toBe('here');
});

describe('a listener costs no call anything', () => {
  const bad = new Error('of the listener');
  test.for<[string, OnCall, string]>([
    [
      'throws',
      () => {
        throw bad;
      },
      'a',
    ],
    [
      'throws at the end',
      () => ({
        onEnd() {
          throw bad;
        },
      }),
      'a',
    ],
    ['runs nothing', () => ({ run: (() => 'other') as never }), 'a'],
    ['runs twice', () => ({ run: (method) => (method(), method()) }), 'a'],
    [
      'throws before',
      () => ({
        run() {
          throw bad;
        },
      }),
      'a',
    ],
    [
      'throws after',
      () => ({
        run(method) {
          method();
          throw bad;
        },
      }),
      'a',
    ],
    ['hears nothing', () => undefined, 'a'],
  ])('that %s', async ([, onCall, text]) => {
    const { proxy } = await opened({ onCall }, {}, onCall);
    expect(await proxy.Echo(text)).toBe(text);
    await expect(proxy.Fails('meant')).rejects.toMatchObject({ code: 'Fault', message: 'meant' });
  });
});

test('headers of a trace that nobody reads are no warning; another one is', async () => {
  const warnings: string[] = [];
  const listen = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  const { proxy } = await opened({});
  const Unread = header('Unread', types.string, { namespace: 'urn:call-events' });
  const headers = [Traceparent.of(trace.traceparent), Tracestate.of('a=b'), Unread.of('x')];
  await proxy.Echo('x', { headers });
  await eventually(() => expect(warnings.join()).toContain('{urn:call-events}Unread'));
  expect(warnings.join()).not.toContain('trace');
});

test('a traceparent that is none, or is no string, is ignored', async () => {
  const service = ear();
  const { proxy } = await opened({ onCall: service.onCall });
  const AsNumber = header('traceparent', types.int, {
    namespace: 'https://www.w3.org/TR/trace-context/',
  });
  await proxy.Echo('x', { headers: [Traceparent.of('\u001b[2J')] });
  await proxy.Echo('x', { headers: [AsNumber.of(7)] });
  expect(service.heard.map((call) => call.trace)).toEqual([undefined, undefined]);
});

test('a call that brings a traceparent of its own keeps it', async () => {
  const own = trace.traceparent.replaceAll('b', 'c');
  const { proxy } = await opened({}, {}, () => ({ trace }));
  expect(await proxy.Headers({ headers: [Traceparent.of(own)] })).toBe(`${own} undefined`);
});

test('callbacks are heard of on both sides', async () => {
  const service = ear();
  const client = ear();
  const host = new ServiceHost(new NetTcpBinding(), { onCall: service.onCall });
  host.addEndpoint(INews, news, 'net.tcp://localhost:0/news');
  await host.open();
  onTestFinished(() => host.close());
  const factory = new ChannelFactory(INews, new NetTcpBinding(), { onCall: client.onCall });
  onTestFinished(() => factory.close());
  const [address = ''] = host.addresses;
  const proxy = factory.createChannel(address, { callback: listener() });
  await proxy.AskBack('why');
  await proxy.close();
  const brief = ({ heard }: typeof service): unknown =>
    heard.map(({ kind, contract, operation: name, end }) => [kind, contract, name, end?.code]);
  expect(brief(service)).toEqual([
    ['server', 'INews', 'AskBack', 'OK'],
    ['client', 'INewsCallback', 'Ask', 'OK'],
  ]);
  expect(brief(client)).toEqual([
    ['client', 'INews', 'AskBack', 'OK'],
    ['server', 'INewsCallback', 'Ask', 'OK'],
  ]);
});

test('a stream has ended with its last byte', async () => {
  const IFiles = defineContract({
    name: 'IFiles',
    operations: { Download: operation([['fails', types.boolean]], types.stream) },
  });
  const service = ear();
  const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed' });
  const host = new ServiceHost(binding, { onCall: service.onCall, onOperationError() {} });
  async function* slowly(fails: boolean): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    await sleep(30);
    if (fails) throw new Error('broken off');
  }
  host.addEndpoint(
    IFiles,
    { Download: (fails) => Readable.from(slowly(fails)) },
    'net.tcp://localhost:0/files',
  );
  await host.open();
  onTestFinished(() => host.close());
  const factory = new ChannelFactory(IFiles, binding);
  onTestFinished(() => factory.close());
  const [address = ''] = host.addresses;
  for (const fails of [false, true]) {
    const proxy = factory.createChannel(address);
    const stream = await proxy.Download(fails);
    await stream.toArray().catch(() => {});
    proxy.abort();
  }
  await eventually(() =>
    expect(service.heard.map(({ end }) => end?.code)).toEqual(['OK', 'Internal']),
  );
  expect(service.heard[0]?.end?.durationMs).toBeGreaterThanOrEqual(29);
});
