// An error that an implementation did not mean to throw: the operator hears of it, the caller does not.
import { EventEmitter, once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FaultException } from '../../../shared/contract/fault-exception.ts';
import {
  ChannelFactory,
  NetTcpBinding,
  ServiceHost,
  type ServiceHostOptions,
} from '../../../shared/index.ts';
import { ANONYMOUS } from '../../../shared/security/caller.ts';
import { CallerContext } from '../../../shared/rpc/dispatch/caller-context.ts';
import { errorLines } from '../../../shared/rpc/dispatch/operation-errors.ts';
import { sleep } from '../../../shared/time.ts';
import { ITest, testImplementation } from '../../fixtures/test-contract.ts';
import { eventually } from '../../helpers/eventually.ts';

const UNREADABLE = {
  get() {
    throw new Error('of a getter');
  },
};

describe.for(['msgpack', 'soap', 'streamed'])('over %s', (kind) => {
  async function connected(events: ServiceHostOptions) {
    const host = new ServiceHost(new NetTcpBinding(), events);
    const implementation = {
      ...testImplementation(),
      Note() {
        throw new RangeError('of a one-way method');
      },
    };
    host.addEndpoint(ITest, implementation, 'net.tcp://127.0.0.1:0/test');
    await host.open();
    const factory = new ChannelFactory(
      ITest,
      new NetTcpBinding({
        encoding: kind === 'msgpack' ? 'msgpack' : 'soap',
        transferMode: kind === 'streamed' ? 'streamed' : 'buffered',
      }),
    );
    const [address = ''] = host.addresses;
    onTestFinished(() => {
      factory.close();
      host.abort();
    });
    return { address, open: () => factory.createChannel(address) };
  }

  test.for<[what: string, operation: 'Fail' | 'Note', error: unknown]>([
    ['error', 'Fail', new TypeError('secret message')],
    ['reject', 'Fail', new TypeError('secret of a promise')],
    ['thrown text', 'Fail', 'secret text'],
    ['wrong type', 'Fail', expect.objectContaining({ name: 'NetTcpError' })],
    ['wrong detail', 'Fail', expect.objectContaining({ name: 'NetTcpError' })],
    ['one-way', 'Note', new RangeError('of a one-way method')],
  ])('%s reaches the hook', async ([what, operation, error]) => {
    const onOperationError = vi.fn();
    const { address, open } = await connected({ onOperationError });
    const proxy = open();
    await proxy[operation](what).catch(() => {});
    await eventually(() => expect(onOperationError).toHaveBeenCalledTimes(1));
    expect(onOperationError).toHaveBeenCalledWith(error, { operation, via: address });
    proxy.abort();
  });

  test.for(['fault', 'detail'])('%s, thrown on purpose, does not', async (what) => {
    const onOperationError = vi.fn();
    const { open } = await connected({ onOperationError });
    const proxy = open();
    await expect(proxy.Fail(what)).rejects.toBeInstanceOf(FaultException);
    expect(onOperationError).not.toHaveBeenCalled();
    proxy.abort();
  });

  test('nor does a method that gives up because its caller is gone', async () => {
    const onOperationError = vi.fn();
    const onConnectionError = vi.fn();
    const { open } = await connected({ onOperationError, onConnectionError });
    const proxy = open();
    const slow = proxy.Slow(60_000).catch(() => {});
    await eventually(() => expect(proxy.state).toBe('opened'));
    await sleep(50);
    proxy.abort();
    await slow;
    const another = open();
    await another.Fail('error').catch(() => {});
    await eventually(() => expect(onOperationError).toHaveBeenCalledTimes(1));
    expect(onOperationError.mock.calls[0]?.[1]).toMatchObject({ operation: 'Fail' });
    another.abort();
  });

  test('a hook that throws costs no caller its answer', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => written.mockRestore());
    const { open } = await connected({
      onOperationError() {
        throw new Error('of the hook');
      },
    });
    const proxy = open();
    await expect(proxy.Fail('error')).rejects.toMatchObject({ code: 'Fault' });
    const lines = written.mock.calls.map(([text]) => String(text));
    expect(lines).toEqual([
      expect.stringMatching(/^Fail at net\.tcp:.* failed: TypeError: secret message/),
      expect.stringMatching(/^onOperationError at net\.tcp:.* failed: Error: of the hook/),
    ]);
    proxy.abort();
  });
});

test.for<[what: string, thrown: () => unknown]>([
  ['an object without a prototype', () => Object.create(null)],
  [
    'an error whose message cannot be read',
    () => Object.defineProperty(new Error(), 'message', UNREADABLE),
  ],
  [
    'an error whose stack cannot be read',
    () => Object.defineProperty(new Error(), 'stack', UNREADABLE),
  ],
  [
    'a proxy that was revoked',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
])('%s, thrown, is answered like any other error', async ([, thrown]) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  const implementation = {
    ...testImplementation(),
    Fail() {
      throw thrown();
    },
  };
  for (const includeExceptionDetailInFaults of [false, true]) {
    const binding = new NetTcpBinding({ includeExceptionDetailInFaults });
    const host = new ServiceHost(binding);
    host.addEndpoint(ITest, implementation, 'net.tcp://127.0.0.1:0/test');
    await host.open();
    const factory = new ChannelFactory(ITest, binding);
    onTestFinished(() => {
      factory.close();
      host.abort();
    });
    const proxy = factory.createChannel(host.addresses[0] ?? '');
    await expect(proxy.Fail('x')).rejects.toMatchObject({ code: 'Fault' });
    await expect(proxy.Fail('again')).rejects.toMatchObject({ code: 'Fault' });
  }
  expect(written).toHaveBeenCalledTimes(4);
});

test('what Node throws of a signal that has fired is known as that, too', async () => {
  const context = new CallerContext('net.tcp://localhost/x', { caller: ANONYMOUS });
  const waiting = once(new EventEmitter(), 'never', { signal: context.signal });
  context.gone(undefined);
  const error: unknown = await waiting.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'AbortError' });
  expect(context.isReason(error)).toBe(true);
  expect(context.isReason(context.signal.reason)).toBe(true);
  expect(context.isReason(new Error('of its own'))).toBe(false);
});

test('without a hook it is one printable line on standard error, with the place', () => {
  const lines: string[] = [];
  const report = errorLines(10, (line) => lines.push(line));
  const where = { operation: 'Divide', via: 'net.tcp://localhost/x' };
  report(new TypeError('two\nlines \u001b[2J'), where);
  report('text', where);
  report(Object.assign(new Error('bare'), { stack: undefined }), where);
  expect(lines).toEqual([
    expect.stringMatching(
      /^Divide at net\.tcp:\/\/localhost\/x failed: TypeError: two\\u000alines \\u001b\[2J \(.*operation-errors\.test\.ts:\d+:\d+\)\n$/,
    ),
    'Divide at net.tcp://localhost/x failed: text\n',
    'Divide at net.tcp://localhost/x failed: Error: bare\n',
  ]);
});

test.for<[maxLines: number, written: number]>([
  [4, 4],
  [5, 5],
  [6, 5],
])('maxErrorLinesPerSecond %i: of 5 errors %i are written', ([maxLines, written]) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const report = errorLines(maxLines, (line) => lines.push(line));
  for (let count = 0; count < 5; count++) report('x', { operation: 'A', via: 'b' });
  expect(lines).toHaveLength(written);
  vi.advanceTimersByTime(1_000);
  report('x', { operation: 'A', via: 'b' });
  expect(lines.at(-1)).toBe(
    written < 5 ? 'A at b failed: x (1 more were not shown)\n' : 'A at b failed: x\n',
  );
});
