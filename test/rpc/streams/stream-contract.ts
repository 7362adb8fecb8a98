import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  type Implementation,
  NetTcpBinding,
  type NetTcpBindingOptions,
  operation,
  type Proxy,
  ServiceHost,
  type ServiceHostOptions,
  types,
} from '../../../shared/index.ts';

/** Streams up, down and both ways, and a call without one. */
export const IStreams = defineContract({
  name: 'IStreams',
  namespace: 'http://example.org/streams',
  operations: {
    Download: operation([['size', types.int]], types.stream),
    Upload: operation([['data', types.stream]], types.string),
    EchoStream: operation([['data', types.stream]], types.stream),
    Echo: operation([['text', types.string]], types.string),
  },
});
export type IStreams = typeof IStreams;

export const MODES = ['buffered', 'streamed'] as const;

/** Bytes that tell where in the stream they stand. */
export function patterned(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0, at = from; index < length; index++, at++) bytes[index] = at * 31 + (at >> 8);
  return bytes;
}

/** A stream of so many bytes of {@link patterned}, in pieces of any size. */
export function source(length: number, pieces: readonly number[] = [65_536]): Readable {
  const chunks = function* (): Generator<Uint8Array> {
    for (let at = 0, turn = 0; at < length; turn++) {
      const size = Math.min(length - at, pieces[turn % pieces.length] ?? 1);
      yield patterned(size, at);
      at += size;
    }
  };
  return Readable.from(chunks(), { objectMode: false });
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

export const IMPLEMENTATION: Implementation<IStreams> = {
  Download: (size) => source(size),
  Upload: (data) => digestOf(data),
  EchoStream: (data) => data,
  Echo: (text) => text,
};

export interface Setting {
  readonly address: string;
  readonly host: ServiceHost;
  readonly proxy: Proxy<IStreams>;
}

/** A host, and a proxy of it; both end with the test. */
export async function connected(
  client: NetTcpBindingOptions = {},
  service: NetTcpBindingOptions = {},
  implementation: Partial<Implementation<IStreams>> = {},
  options: ServiceHostOptions = {},
): Promise<Setting> {
  const host = new ServiceHost(new NetTcpBinding(service), options);
  const all = { ...IMPLEMENTATION, ...implementation };
  host.addEndpoint(IStreams, all, 'net.tcp://localhost:0/streams');
  await host.open();
  const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed', ...client });
  const factory = new ChannelFactory(IStreams, binding);
  const [address = ''] = host.addresses;
  const proxy = factory.createChannel(address);
  onTestFinished(async () => {
    proxy.abort();
    factory.close();
    host.abort();
    await host.close();
  });
  return { address, host, proxy };
}
