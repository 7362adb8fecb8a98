// What goes wrong in the middle of a stream: both sides are told, typed, and others are not harmed.
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  NetTcpError,
  oneWay,
  operation,
  ServiceHost,
  types,
} from '../../../shared/index.ts';
import { eventually } from '../../helpers/eventually.ts';
import { connected, digest, digestOf, patterned, source } from './stream-contract.ts';
import { sleep } from '../../../shared/time.ts';

const MIB = 1_048_576;
const LARGE = { limits: { maxReceivedMessageSize: 256 * MIB } };

/** What a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function until(isSo: () => boolean): Promise<void> {
  return eventually(() => expect(isSo()).toBe(true));
}

/** Gives some bytes, then breaks or stays silent. */
function broken(bytes: number, error?: Error): Readable {
  let isGiven = false;
  return new Readable({
    read() {
      if (isGiven) {
        if (error !== undefined) this.destroy(error);
        return;
      }
      isGiven = true;
      this.push(patterned(bytes));
    },
  });
}

test("a source of the client's that breaks fails the call, and the service's stream", async () => {
  const seen: unknown[] = [];
  const reported: unknown[] = [];
  const { proxy, host } = await connected(
    LARGE,
    LARGE,
    { Upload: (data) => digestOf(data).finally(() => seen.push(data.errored)) },
    { onOperationError: (error) => reported.push(error) },
  );
  const call = proxy.Upload(broken(100_000, new RangeError('no disk')));
  expect(await failure(call)).toMatchObject({
    code: 'OperationCanceled',
    message: expect.stringContaining('no disk') as string,
  });
  await until(() => seen.length === 1);
  expect(seen[0]).toBeInstanceOf(NetTcpError);
  expect(seen[0]).toMatchObject({ code: 'Communication' });
  expect(reported).toEqual([]);
  await until(() => host.connectionCount === 0);
  expect(await proxy.Echo('still there')).toBe('still there');
});

test("a stream of the service's that breaks is an error of the client's, and is reported", async () => {
  const reported: unknown[] = [];
  const { proxy } = await connected(
    LARGE,
    LARGE,
    { Download: () => broken(100_000, new RangeError('no disk')) },
    { onOperationError: (error) => reported.push(error) },
  );
  const stream = await proxy.Download(1);
  expect(await failure(buffer(stream))).toMatchObject({ code: 'Communication' });
  expect(reported).toMatchObject([{ message: 'no disk' }]);
  expect(await proxy.Echo('still there')).toBe('still there');
});

test('a reader of the client that destroys its stream ends the connection, and the source', async () => {
  let given: Readable | undefined;
  const { proxy, host } = await connected(LARGE, LARGE, {
    Download: () => (given = source(40 * MIB)),
  });
  const stream = await proxy.Download(1);
  await once(stream, 'readable');
  stream.destroy();
  await until(() => given?.destroyed === true);
  await until(() => host.connectionCount === 0);
  expect(await proxy.Echo('still there')).toBe('still there');
});

test.for([
  ['answers', async () => Promise.resolve('enough')],
  [
    'destroys its stream, and answers',
    async (data: Readable) => {
      await once(data, 'readable');
      data.destroy();
      return 'enough';
    },
  ],
] as const)('a method that %s before it has read all: the client is told', async ([, Upload]) => {
  const { proxy } = await connected(LARGE, LARGE, { Upload });
  const upload = source(30 * MIB);
  expect(await proxy.Upload(upload)).toBe('enough');
  expect(upload.destroyed).toBe(true);
  expect(await proxy.Echo('still there')).toBe('still there');
});

test('a method that throws while a stream arrives: its fault is told', async () => {
  const { proxy } = await connected(LARGE, LARGE, {
    Upload: () => {
      throw new NetTcpError('Fault', 'not today');
    },
  });
  expect(await failure(proxy.Upload(source(30 * MIB)))).toMatchObject({ message: 'not today' });
  expect(await proxy.Echo('still there')).toBe('still there');
});

test('a client that is gone: the stream that it sent breaks off, the source that it was sent is destroyed', async () => {
  let received: Readable | undefined;
  let sent: Readable | undefined;
  const { proxy } = await connected(LARGE, LARGE, {
    EchoStream: (data) => {
      received = data.on('error', () => {}).resume();
      sent = source(40 * MIB);
      return sent;
    },
  });
  const stream = await proxy.EchoStream(broken(10_000));
  stream.on('error', () => {});
  proxy.abort();
  await until(() => received?.destroyed === true && sent?.destroyed === true);
  expect(received?.errored).toMatchObject({ code: 'Communication' });
  expect(stream.errored).toMatchObject({ code: 'CommunicationObjectAborted' });
});

test('a service that is gone breaks the stream off', async () => {
  const { proxy, host } = await connected(LARGE, LARGE, { Download: () => broken(100_000) });
  const stream = await proxy.Download(1);
  await once(stream, 'readable');
  host.abort();
  expect(await failure(buffer(stream))).toMatchObject({ code: 'Communication' });
});

test('a host that closes waits for a stream, and then drops it', async () => {
  const { proxy, host } = await connected(
    LARGE,
    { limits: { ...LARGE.limits, hostCloseTimeoutMs: 300 } },
    { Download: () => broken(100_000) },
  );
  const stream = await proxy.Download(1);
  const reading = failure(buffer(stream));
  await host.close();
  expect(await reading).toMatchObject({ code: 'Communication' });
});

test.for(['up', 'down'] as const)(
  'maxReceivedMessageSize counts the whole message: %s',
  async (way) => {
    const small = { limits: { maxReceivedMessageSize: 100_000 } };
    const { proxy } = await connected(way === 'up' ? LARGE : small, way === 'up' ? small : LARGE);
    expect(
      await failure(
        way === 'up' ? proxy.Upload(source(MIB)) : proxy.Download(MIB).then((data) => buffer(data)),
      ),
    ).toMatchObject({ code: 'QuotaExceeded' });
    expect(
      await (way === 'up' ? proxy.Upload(source(90_000)) : proxy.Download(90_000).then(digestOf)),
    ).toBe(digest(patterned(90_000)));
  },
);

test('maxBufferSize: so many bytes may come before the stream, and no more', async () => {
  const size = 600; // the head of an upload is a little shorter
  for (const [maxBufferSize, isRight] of [
    [size, true],
    [100, false],
  ] as const) {
    const { proxy } = await connected(LARGE, { limits: { ...LARGE.limits, maxBufferSize } });
    const sent = failure(proxy.Upload(source(10_000)));
    if (isRight) expect(await sent).toBeUndefined();
    else expect(await sent).toMatchObject({ code: 'QuotaExceeded' });
  }
});

test('receiveTimeoutMs: a client that stops in the middle of a stream is given up', async () => {
  const seen: unknown[] = [];
  const { proxy } = await connected(
    LARGE,
    { limits: { ...LARGE.limits, receiveTimeoutMs: 200 } },
    { Upload: (data) => digestOf(data).finally(() => seen.push(data.errored)) },
  );
  expect(await failure(proxy.Upload(broken(1_000)))).toMatchObject({ code: 'Communication' });
  await until(() => seen.length > 0);
  expect(seen[0]).toMatchObject({ code: 'Timeout' });
});

test('receiveTimeoutMs: a service that stops in the middle of a stream is given up', async () => {
  const { proxy } = await connected({ limits: { ...LARGE.limits, receiveTimeoutMs: 200 } }, LARGE, {
    Download: () => broken(1_000),
  });
  expect(await failure(proxy.Download(1).then((data) => buffer(data)))).toMatchObject({
    code: 'Timeout',
  });
});

test('receiveTimeoutMs: a reader that takes its time is not late', async () => {
  const { proxy } = await connected(
    { limits: { ...LARGE.limits, receiveTimeoutMs: 1_500 } },
    LARGE,
  );
  const stream = await proxy.Download(4 * MIB);
  await once(stream, 'readable');
  await sleep(3_500);
  expect(await digestOf(stream)).toBe(digest(patterned(4 * MIB)));
});

test('slowReaderTimeoutMs: a client that does not read its stream is cut off', async () => {
  let given: Readable | undefined;
  const { proxy } = await connected(
    LARGE,
    { limits: { slowReaderTimeoutMs: 300 } },
    { Download: () => (given = source(40 * MIB)) },
  );
  const stream = await proxy.Download(1);
  await until(() => given?.destroyed === true);
  expect(await failure(buffer(stream))).toMatchObject({ code: 'Communication' });
});

test('timeoutMs: as in WCF, it is for all of a request, and up to the beginning of an answer', async () => {
  const { proxy } = await connected(LARGE, LARGE, { Download: () => source(20 * MIB) });
  const upload = proxy.Upload(broken(1_000), { timeoutMs: 100 });
  expect(await failure(upload)).toMatchObject({ code: 'Timeout' });
  const stream = await proxy.Download(1, { timeoutMs: 2_000 });
  await sleep(2_100);
  expect(await digestOf(stream)).toBe(digest(patterned(20 * MIB)));
});

test('a signal gives a call up, and its stream', async () => {
  const { proxy } = await connected(LARGE, LARGE, { Download: () => broken(1_000) });
  const giveUp = new AbortController();
  const stream = await proxy.Download(1, { signal: giveUp.signal });
  const reading = failure(buffer(stream));
  giveUp.abort();
  expect(await reading).toMatchObject({ code: 'OperationCanceled' });
});

test.for([
  [{ encoding: 'msgpack', transferMode: 'buffered' }, source(1), /"soap" only/],
  [{}, 'text', /must be a Readable/],
  [{ transferMode: 'buffered' }, 'text', /must be a Readable/],
  [{}, Readable.from(['text']), /has to give bytes/],
  [{ transferMode: 'buffered' }, Readable.from(['text']), /has to give bytes/],
] as const)(
  '%o: what is no stream of bytes, or no SOAP, is Usage',
  async ([client, data, message]) => {
    const { proxy } = await connected(client);
    expect(await failure(proxy.Upload(data as Readable))).toMatchObject({
      code: 'Usage',
      message: expect.stringMatching(message) as string,
    });
    expect(await proxy.Echo('still there')).toBe('still there');
  },
);

test('a client of another library that calls an operation with a stream over MessagePack is told', async () => {
  const { address } = await connected();
  const ITheirs = defineContract({
    name: 'IStreams',
    operations: { Upload: operation([['data', types.base64Binary]], types.string) },
  });
  await using proxy = new ChannelFactory(ITheirs, new NetTcpBinding()).createChannel(address);
  expect(await failure(proxy.Upload(new Uint8Array(1)))).toMatchObject({
    code: 'ActionNotSupported',
    message: expect.stringContaining('over SOAP') as string,
  });
});

test('a stream that is too long for one message is QuotaExceeded', async () => {
  const { proxy } = await connected({ transferMode: 'buffered' }, LARGE);
  expect(await failure(proxy.Upload(source(100_000)))).toMatchObject({ code: 'QuotaExceeded' });
});

test.for([
  [
    'beside another parameter',
    () =>
      operation([
        ['a', types.stream],
        ['b', types.int],
      ]),
  ],
  ['in an array', () => operation([['a', types.array(types.stream as never)]])],
  ['that may be null', () => operation([], types.nillable(types.stream))],
  ['in an object', () => operation([], types.object('O', { a: types.stream }))],
] as const)('no contract has a stream %s', ([, make]) => {
  expect(() => defineContract({ name: 'I', operations: { Op: make() } })).toThrow(
    expect.objectContaining({ code: 'Usage' }),
  );
});

test('no callback has a stream', () => {
  const callback = defineContract({
    name: 'IBack',
    operations: { Op: operation([['data', types.stream]]) },
  });
  expect(() => defineContract({ name: 'I', callback, operations: {} })).toThrow(
    expect.objectContaining({
      code: 'Usage',
      message: expect.stringContaining('streams') as string,
    }),
  );
});

test('a one-way call is over when its stream is sent, and fails with it', async () => {
  const INotes = defineContract({
    name: 'INotes',
    operations: { Note: oneWay([['data', types.stream]]) },
  });
  const seen: string[] = [];
  const host = new ServiceHost(new NetTcpBinding(LARGE));
  host.addEndpoint(
    INotes,
    { Note: async (data) => void seen.push(await digestOf(data)) },
    'net.tcp://localhost:0/notes',
  );
  await host.open();
  onTestFinished(() => host.close());
  const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed' });
  await using proxy = new ChannelFactory(INotes, binding).createChannel(host.addresses[0] ?? '');
  await proxy.Note(source(MIB));
  await until(() => seen.length === 1);
  expect(seen).toEqual([digest(patterned(MIB))]);
  expect(await failure(proxy.Note(broken(10, new Error('no disk'))))).toMatchObject({
    code: 'OperationCanceled',
  });
});
