// Streams: 100 MB to a service and back, in memory of a few.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const IFiles = defineContract({
  name: 'IFiles',
  namespace: 'http://example.org/files',
  operations: {
    Upload: operation([['data', types.stream]], types.string),
    Download: operation([['name', types.string]], types.stream),
  },
});

const SIZE = 100_000_000;

/** Stands for a file: so many bytes, made when they are asked for. */
function* chunks(): Generator<Buffer> {
  for (let left = SIZE; left > 0; left -= 50_000) yield Buffer.alloc(50_000, left % 251);
}

const limits = { maxReceivedMessageSize: 200_000_000 };
const host = new ServiceHost(new NetTcpBinding({ limits }));
host.addEndpoint(
  IFiles,
  {
    async Upload(data) {
      const hash = createHash('sha256');
      await pipeline(data, hash);
      return hash.digest('hex');
    },
    Download: () => Readable.from(chunks()),
  },
  'net.tcp://localhost:0/files',
);
await host.open();

const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed', limits });
const factory = new ChannelFactory(IFiles, binding);
const files = factory.createChannel(host.addresses[0] ?? '');

const sent = await files.Upload(Readable.from(chunks()));
const hash = createHash('sha256');
await pipeline(await files.Download('a name'), hash);
console.log(hash.digest('hex') === sent ? 'the same' : 'different');

await files.close();
factory.close();
await host.close();
