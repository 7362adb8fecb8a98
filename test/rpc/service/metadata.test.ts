// What a host says of itself at `…/mex`, asked by a client of ours over real sockets.
import { expect, onTestFinished, test } from 'vitest';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import type { OperationDefinition } from '../../../shared/contract/operation.ts';
import {
  any,
  int,
  keyValuePair,
  object,
  stream,
  string,
  tuple,
} from '../../../shared/contract/types/types.ts';
import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { makeCertificates, TRANSPORT } from '../../transport/tls/secured.ts';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { GET_METADATA, IMetadataExchange } from '../../../shared/encoding/metadata-exchange.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { readDescription } from '../../../shared/metadata/read/read-description.ts';
import { importsOf, sectionsOf } from '../../../shared/metadata/read/sections.ts';
import { readXml } from '../../../shared/metadata/xml/read-xml.ts';
import { NetTcpBinding, type NetTcpBindingOptions } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';
import type { EndpointOptions } from '../../../shared/rpc/service/host-options.ts';
import type {
  ClientCredentials,
  ServiceCredentials,
} from '../../../shared/security/credentials.ts';
import { ServiceHost } from '../../../shared/rpc/service/service-host.ts';
import { calculator } from '../../../service/calculator.ts';

async function open(
  endpoint: EndpointOptions = {},
  binding: NetTcpBindingOptions = {},
  credentials: ServiceCredentials = {},
): Promise<string> {
  const host = new ServiceHost(new NetTcpBinding(binding), { credentials });
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc', endpoint);
  await host.open();
  onTestFinished(() => host.close());
  return host.addresses[0] ?? '';
}

async function ask(
  address: string,
  options: NetTcpBindingOptions = {},
  credentials: ClientCredentials = {},
): Promise<string> {
  const limits = { maxReceivedMessageSize: 1_048_576 };
  const binding = new NetTcpBinding({ encoding: 'soap', limits, ...options });
  const factory = new ChannelFactory(IMetadataExchange, binding, { credentials });
  onTestFinished(() => factory.close());
  const proxy = factory.createChannel(`${address}/mex`) as unknown as {
    Get(): Promise<string>;
    close(): Promise<void>;
  };
  const text = await proxy.Get();
  await proxy.close();
  return text;
}

test.for(['buffered', 'streamed'] as const)(
  '%s: the metadata are the contract',
  async (transferMode) => {
    const text = await ask(await open(), { transferMode });
    const documents = sectionsOf(readXml(text, 'mex', DEFAULT_LIMITS), 'mex');
    const [contract] = readDescription(documents);
    expect(contract).toMatchObject({ name: 'ICalculator', namespace: ICalculator.namespace });
    expect([...(contract?.operations.keys() ?? [])]).toEqual([
      'Add',
      'Subtract',
      'Multiply',
      'Divide',
    ]);
  },
);

test.for<
  [what: string, operations: Record<string, OperationDefinition>, has: string, isStreamed: boolean]
>([
  ['a stream', { Get: operation([], stream) }, 'StreamBody', true],
  ['any', { Get: operation([], any([object('C', {})])) }, ':anyType"', false],
  ['a tuple', { Get: operation([['a', tuple(int)]]) }, 'name="TupleOfint"', false],
  [
    'a pair',
    { Get: operation([['a', keyValuePair(int, int)]]) },
    'name="KeyValuePairOfintint"',
    false,
  ],
])('%s is described', async ([, operations, has, isStreamed]) => {
  const host = new ServiceHost(new NetTcpBinding());
  const contract = defineContract({ name: 'I', operations });
  host.addEndpoint(contract, { Get: () => null } as never, 'net.tcp://localhost:0/calc');
  await host.open();
  onTestFinished(() => host.close());
  const text = await ask(host.addresses[0] ?? '');
  expect(text).toContain(has);
  expect(text.includes(':Streamed')).toBe(isStreamed);
});

test('a host writes files that name each other, before and after it is open', async () => {
  const IOther = defineContract({ name: 'IOther', operations: { Op: operation([], string) } });
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc', { metadata: false });
  host.addEndpoint(IOther, { Op: () => '' }, 'net.tcp://localhost:0/calc');
  const before = await host.describe();
  expect(before[0]?.text).toContain('"net.tcp://localhost:0/calc"');
  await host.open();
  onTestFinished(() => host.close());
  const files = await host.describe();
  expect(files.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
  const address = host.addresses[0] ?? '';
  expect(files[0]).toMatchObject({
    name: 'Service.wsdl',
    text: expect.stringContaining(`"${address}"`),
  });
  const roots = files.map(({ name, text }) => readXml(text, name, DEFAULT_LIMITS));
  expect(
    readDescription(roots)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['ICalculator', 'IOther']);
  // Each but the first is named by another.
  const named = new Set(roots.flatMap(importsOf));
  expect([...named].toSorted()).toEqual(
    files
      .slice(1)
      .map(({ name }) => name)
      .toSorted(),
  );
});

test.for<
  [what: string, endpoint: EndpointOptions, binding: NetTcpBindingOptions, answers: boolean]
>([
  ['on loopback', {}, {}, true],
  ['that says no', { metadata: false }, {}, false],
  ['that others reach', {}, { bind: '0.0.0.0', security: { mode: 'None' } }, false],
  [
    'that others reach and that says yes',
    { metadata: true },
    { bind: '0.0.0.0', security: { mode: 'None' } },
    true,
  ],
])('an endpoint %s', async ([, endpoint, binding, answers]) => {
  const address = (await open(endpoint, binding)).replace('0.0.0.0', '127.0.0.1');
  const asked = ask(address);
  if (answers) expect(await asked).toContain('ICalculator');
  else
    await expect(asked).rejects.toMatchObject({
      code: expect.stringMatching(/ActionNotSupported|EndpointNotFound/),
    });
});

test('metadata of a secured endpoint need its security, unless they are plain', async () => {
  const { server, ca } = makeCertificates();
  const secured = { security: TRANSPORT.none };
  const closed = await open({ metadata: true }, secured, server);
  expect(await ask(closed, secured, { ca })).toContain('SslTransportSecurity');
  await expect(ask(closed)).rejects.toMatchObject({ code: 'Protocol' });
  const plain = await open({ metadata: 'plain' }, secured, server);
  expect(await ask(plain)).toContain('SslTransportSecurity');
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding(secured), {
    credentials: { ca },
  });
  onTestFinished(() => factory.close());
  expect(await factory.createChannel(plain).Add(1, 2)).toBe(3);
  await expect(
    new ChannelFactory(ICalculator, new NetTcpBinding()).createChannel(plain).Add(1, 2),
  ).rejects.toMatchObject({ code: 'Protocol' });
});

test('a contract that WSDL cannot describe is told to who asks, and costs the service nothing', async () => {
  const clash = defineContract({
    name: 'IClash',
    operations: {
      Op: operation([
        ['a', object('C', { a: int })],
        ['b', object('C', { b: string })],
      ]),
    },
  });
  const errors: unknown[] = [];
  const host = new ServiceHost(new NetTcpBinding(), {
    onOperationError: (error) => errors.push(error),
  });
  host.addEndpoint(clash, { Op: () => undefined }, 'net.tcp://localhost:0/clash');
  await host.open();
  onTestFinished(() => host.close());
  await expect(ask(host.addresses[0] ?? '')).rejects.toMatchObject({ code: 'Fault' });
  expect(errors).toMatchObject([{ message: expect.stringContaining('two types named') }]);
});

test('another endpoint at that address keeps it', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc');
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc/mex');
  await host.open();
  onTestFinished(() => host.close());
  await expect(ask(host.addresses[0] ?? '')).rejects.toMatchObject({ code: 'ActionNotSupported' });
});

test('over MessagePack there are none', async () => {
  const asked = ask(await open(), { encoding: 'msgpack' });
  await expect(asked).rejects.toMatchObject({
    framingFault: expect.stringContaining('ContentType'),
  });
});

// A request of .NET's, as it came: preamble, envelope, End. Its id begins with these 12 bytes.
const ADDRESS = 'net.tcp://localhost:9371/calc/mex';
const CAPTURED =
  '21 6e65742e7463703a2f2f6c6f63616c686f73743a393337312f63616c632f6d6578 56020b0173040b01610656 08440a1e00829932' +
  '687474703a2f2f736368656d61732e786d6c736f61702e6f72672f77732f323030342f30392f7472616e736665722f476574' +
  '441aade2d81497344b594188626d9db663693044 2c442aab1401440c1e0082ab0101560e0101';

test('our request is the one that .NET sends', () => {
  const captured = Buffer.from(CAPTURED.replaceAll(' ', ''), 'hex');
  const session = captured.subarray(captured.indexOf('e2d81497', 0, 'hex')).subarray(0, 12);
  const codec = createSoap('buffered', () => session).client({
    contract: IMetadataExchange,
    limits: DEFAULT_LIMITS,
    address: ADDRESS,
  });
  const out = new OctetWriter();
  codec.writeRequest(out, 0, GET_METADATA, []);
  const ours = Buffer.from(out.bytes.subarray(0, out.length));
  // The table's length comes first; the last four bytes of the id are a number of the call.
  const withoutId = (bytes: Buffer): string =>
    bytes.toString('hex').replace(/(e2d81497344b594188626d9d).{8}/, '$1');
  expect(withoutId(ours)).toBe(`22${withoutId(captured)}`);
});
