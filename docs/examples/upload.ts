// A message contract: headers, and a stream as the body, as WCF's samples of uploads have it.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  ChannelFactory,
  defineContract,
  message,
  NetTcpBinding,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const Upload = message({
  headers: { FileName: types.string },
  body: { Data: types.stream },
});
const Receipt = message({
  name: 'Receipt',
  headers: { Id: types.int },
  body: { Length: types.int },
});
const IFiles = defineContract({
  name: 'IFiles',
  operations: { Upload: operation(Upload, Receipt) },
});

const host = new ServiceHost(new NetTcpBinding());
host.addEndpoint(
  IFiles,
  {
    async Upload({ FileName, Data }) {
      const { length } = await buffer(Data);
      console.log(`${FileName} has come`);
      return { Id: 1, Length: length };
    },
  },
  'net.tcp://localhost:0/files',
);
await host.open();

const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed' });
const factory = new ChannelFactory(IFiles, binding);
const [address = ''] = host.addresses;
const files = factory.createChannel(address);
const { Id, Length } = await files.Upload({
  FileName: 'a.txt',
  Data: Readable.from([Buffer.from('text')]),
});
console.log(Id, Length);

await files.close();
factory.close();
await host.close();
