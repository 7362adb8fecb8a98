// Wrong options and numbers, as they come from JavaScript: refused where they are given, with a hint.
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import { FaultException } from '../../shared/contract/fault-exception.ts';
import {
  ChannelFactory,
  ICalculator,
  NetTcpBinding,
  type NetTcpBindingOptions,
  ServiceHost,
} from '../../shared/index.ts';
import { withLimits } from '../../shared/limits.ts';
import { nearestName } from '../../shared/options.ts';
import { ITest, testImplementation } from '../fixtures/test-contract.ts';

const usage = (text: string): unknown =>
  expect.objectContaining({ code: 'Usage', message: expect.stringContaining(text) });

const TLS = { mode: 'Transport', transport: { clientCredentialType: 'None' } };

/** As from JavaScript. */
const binding = (options: unknown): NetTcpBinding => new NetTcpBinding(options as never);

test.for<[what: string, make: () => unknown, text: string]>([
  ["Microsoft's name", () => binding({ portSharingEnabled: true }), 'Did you mean "portSharing"?'],
  ['a slip of the pen', () => binding({ endcoding: 'soap' }), 'Did you mean "encoding"?'],
  ['another case', () => binding({ TransferMode: 'streamed' }), 'Did you mean "transferMode"?'],
  [
    'something else',
    () => binding({ xyz: 1 }),
    'NetTcpBinding has no option "xyz". It has portSharing,',
  ],
  ['a control character', () => binding({ '\u001b': 1 }), 'no option "\\u001b"'],
  ['no object', () => binding('soap'), 'must be an object, not "soap"'],
  [
    'another encoding',
    () => binding({ encoding: 'xml' }),
    "must be 'msgpack' or 'soap', not \"xml\"",
  ],
  ['text for a flag', () => binding({ portSharing: 'yes' }), 'must be true or false, not "yes"'],
  ['a number for a place', () => binding({ bind: 9000 }), 'must be a string, not 9000'],
  [
    "a limit by Microsoft's name, a level too high",
    () => binding({ MaxReceivedMessageSize: 1 }),
    'Did you mean "limits: { maxReceivedMessageSize }"?',
  ],
  [
    'a time limit, a level too high',
    () => binding({ openTimeout: 1 }),
    'Did you mean "limits: { openTimeoutMs }"?',
  ],
  [
    'a credential type, a level too high',
    () => binding({ security: { mode: 'Transport', clientCredentialType: 'Windows' } }),
    'Did you mean "transport: { clientCredentialType }"?',
  ],
  [
    'a credential of a service, a level too high',
    () => new ServiceHost(binding({}), { keytab: 'x' } as never),
    'Did you mean "credentials: { keytab }"?',
  ],
  [
    'a credential of a client, a level too high',
    () => new ChannelFactory(ICalculator, binding({}), { username: 'dave' } as never),
    'Did you mean "credentials: { userName }"?',
  ],
  [
    'an option of the binding, given to a host',
    () => new ServiceHost(binding({}), { includeExceptionDetailInFaults: true } as never),
    'ServiceHost has no option "includeExceptionDetailInFaults": it belongs to NetTcpBinding.',
  ],
  [
    'an option of the binding, given to an endpoint',
    () =>
      new ServiceHost(binding({})).addEndpoint(
        ITest,
        testImplementation(),
        'net.tcp://localhost:9000/test',
        { includeExceptionDetailInFaults: true } as never,
      ),
    'addEndpoint has no option "includeExceptionDetailInFaults": it belongs to NetTcpBinding.',
  ],
  [
    'a limit, given to a host',
    () => new ServiceHost(binding({}), { maxReceivedMessageSize: 1 } as never),
    'it belongs to the limits of NetTcpBinding.',
  ],
  [
    'an option of others, given to the binding',
    () => binding({ credentials: {} }),
    'it belongs to ChannelFactory, or to ServiceHost.',
  ],
  [
    'an option of a channel, given to its factory',
    () => new ChannelFactory(ICalculator, binding({}), { reopen: true } as never),
    'it belongs to createChannel.',
  ],
  ['no limit', () => binding({ limits: { sendTimeout: 5 } }), 'did you mean "sendTimeoutMs"?'],
  [
    'a limit below 0',
    () => binding({ limits: { maxDepth: -1 } }),
    'maxDepth must be a whole number',
  ],
  ['a limit without end', () => withLimits({ sendTimeoutMs: Infinity }), 'not Infinity'],
  [
    'streamed msgpack',
    () => binding({ transferMode: 'streamed' }),
    'with the encoding "soap" only',
  ],
  [
    'another mode',
    () => binding({ security: { mode: 'Message' } }),
    "must be 'None' or 'Transport'",
  ],
  [
    'a credential type that goes with another mode',
    () => binding({ security: { mode: 'None', transport: {} } }),
    "security.transport goes with the mode 'Transport' only",
  ],
  [
    'a certificate that is missing',
    () => new ServiceHost(binding({ security: TLS })),
    'needs certificate among the credentials of ServiceHost',
  ],
  [
    'a credential without use',
    () => new ChannelFactory(ICalculator, binding({}), { credentials: { ca: 'ca.pem' } }),
    'has no use for the credential ca of ChannelFactory',
  ],
  [
    'names of callers where no caller says his name',
    () => new ServiceHost(binding({}), { allow: ['alice'] }),
    'needs a security that says who calls',
  ],
  [
    'an event',
    () => new ServiceHost(binding({}), { onError() {} } as never),
    'ServiceHost has no option "onError"',
  ],
  [
    'an operation',
    () => operation([], undefined, { fault: [] } as never),
    'Did you mean "faults"?',
  ],
  [
    'a contract',
    () => defineContract({ name: 'I', nameSpace: 'x', operations: {} } as never),
    '"namespace"',
  ],
  ['a fault', () => new FaultException('x', { details: 1 } as never), 'Did you mean "detail"?'],
  [
    'a detail without its type',
    () => new FaultException('x', { detail: 1 }),
    "needs the detail's type",
  ],
])('an option that is %s is refused', ([, make, text]) => {
  expect(make).toThrow(usage(text) as Error);
});

test.for([
  ['portSharingEnabled', 'portSharing'],
  ['ENCODING', 'encoding'],
  ['bnd', 'bind'],
  ['onnotices', 'onNotice'],
  ['completely different', undefined],
] as const)('the name nearest to %s is %s', ([name, nearest]) => {
  expect(nearestName(name, ['portSharing', 'bind', 'encoding', 'onNotice'])).toBe(nearest);
});

describe.for(['msgpack', 'soap', 'streamed'])('on a %s channel', (kind) => {
  const factory = new ChannelFactory(
    ITest,
    new NetTcpBinding({
      encoding: kind === 'msgpack' ? 'msgpack' : 'soap',
      transferMode: kind === 'streamed' ? 'streamed' : 'buffered',
    }),
  );

  test.for<[options: unknown, text: string]>([
    [
      { timeoutMs: 2 ** 31 },
      'timeoutMs of a call of Echo must be a whole number from 0 to 2147483647',
    ],
    [{ timeoutMs: 3e9 }, 'not 3000000000'],
    [{ timeoutMs: Infinity }, 'not Infinity'],
    [{ timeoutMs: 922_337_203_685_477 }, 'not 922337203685477'],
    [{ timeoutMs: -1 }, 'not -1'],
    [{ timeoutMs: NaN }, 'not NaN'],
    [{ timeoutMs: 1.5 }, 'not 1.5'],
    [{ timeoutMs: '500' }, 'not "500"'],
    [{ timeoutMs: null }, 'not null'],
    [{ timeout: 500 }, 'Did you mean "timeoutMs"?'],
    [{ signal: {} }, 'must be an AbortSignal'],
    ['x', 'must be an object'],
  ])('%o after a call, or in open, is Usage', async ([options, text]) => {
    const proxy = factory.createChannel('net.tcp://127.0.0.1:1/x');
    await expect(proxy.Echo('x', options as never)).rejects.toEqual(usage(text));
    const ofOpen = text.replace('a call of Echo', 'open');
    await expect(proxy.open(options as never)).rejects.toEqual(usage(ofOpen));
    expect(proxy.state).toBe('created');
  });

  test.for([0, 2_147_483_647])('timeoutMs %i is taken', async (timeoutMs) => {
    const host = new ServiceHost(new NetTcpBinding());
    host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
    await host.open();
    const proxy = factory.createChannel(host.addresses[0] ?? '');
    onTestFinished(async () => {
      proxy.abort();
      await host.close();
    });
    await proxy.open({ timeoutMs });
    expect(await proxy.Slow(30, { timeoutMs })).toBe(30);
  });
});

test.for([
  ['net.tcp://localhost:0/', 0],
  ['net.tcp://localhost:9000/', 1],
] as const)(
  '%s: an address that no preamble can hold is refused, whoever has the port',
  ([start]) => {
    for (const portSharing of [false, true]) {
      const host = new ServiceHost(new NetTcpBinding({ portSharing }));
      const calculator = { Add: () => 0, Subtract: () => 0, Multiply: () => 0, Divide: () => 0 };
      // A port that the kernel chooses may take four more.
      const longest = 2_048 - start.length - (start.includes(':0') ? 4 : 0);
      expect(() =>
        host.addEndpoint(ICalculator, calculator, start + 'a'.repeat(longest + 1)),
      ).toThrow(
        expect.objectContaining({
          code: 'QuotaExceeded',
          message: expect.stringContaining('2048'),
        }) as Error,
      );
      host.addEndpoint(ICalculator, calculator, start + 'a'.repeat(longest));
    }
  },
);

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

test.for<[named: string, reached: readonly string[], unreached: readonly string[]]>([
  ['localhost', ['127.0.0.1'], ['127.0.0.2', outside ?? '127.0.0.2']],
  ['127.0.0.2', ['127.0.0.2'], ['127.0.0.1']],
  ...(outside === undefined ? [] : ([[outside, [outside], ['127.0.0.1']]] as never[])),
])(
  'a service at %s without bind listens there and nowhere else',
  async ([named, reached, unreached]) => {
    const host = new ServiceHost(new NetTcpBinding({ security: { mode: 'None' } }));
    host.addEndpoint(ITest, testImplementation(), `net.tcp://${named}:0/test`);
    await host.open();
    onTestFinished(() => host.close());
    const { port } = parseAddress(host.addresses[0] ?? '');
    for (const address of reached) expect(await answers(address, port), address).toBe(true);
    for (const address of unreached) expect(await answers(address, port), address).toBe(false);
  },
);

test.for<[what: string, options: NetTcpBindingOptions, address: string]>([
  ['bind', { bind: '0.0.0.0' }, 'net.tcp://localhost:0/test'],
  ['bind, on a shared port', { bind: '::', portSharing: true }, 'net.tcp://localhost:0/test'],
  ['an IP address in its own', {}, 'net.tcp://192.0.2.7:0/test'],
])('who is reached from elsewhere by %s says how it is secured', async ([, options, address]) => {
  const host = new ServiceHost(new NetTcpBinding(options));
  host.addEndpoint(ITest, testImplementation(), address);
  await expect(host.open()).rejects.toEqual(usage("{ mode: 'None' } for no security at all"));
});

test('endpoints at several IP addresses need to be told where they listen together', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/a');
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://10.1.2.3:0/b');
  await expect(host.open()).rejects.toEqual(usage('127.0.0.1 and 10.1.2.3'));
});
