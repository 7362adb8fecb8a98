// Messages over the other side's quota: the sender is told so, however much of the message was still to come.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { RecordDecoder } from '../../../shared/framing/decoder.ts';
import { writeFault, writeMark } from '../../../shared/framing/encoder.ts';
import { type FramingRecord, RecordType } from '../../../shared/framing/records.ts';
import {
  ChannelFactory,
  NetTcpBinding,
  type NetTcpBindingOptions,
  ServiceHost,
} from '../../../shared/index.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { ITest, testImplementation } from '../../fixtures/test-contract.ts';
import { preamble } from '../../helpers/network/raw-client.ts';

const SOAP_BUFFERED = 8;
const SOAP_STREAMED = 7;
const SIZES = [65_537, 100_000, 300_000, 4_000_000];

async function serviceAddress(): Promise<string> {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  onTestFinished(() => host.abort());
  return host.addresses[0] ?? '';
}

/** A size as [MC-NMF] writes it. */
function size(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...size(value >>> 7)];
}

/** A client like WCF's: it writes a message to its end before it reads anything. */
async function writeThenRead(
  address: string,
  [opening, message]: readonly [Uint8Array, Uint8Array],
): Promise<FramingRecord[]> {
  const socket = connect(parseAddress(address).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(opening);
  const [ack] = (await once(socket, 'data')) as [Buffer];
  expect([...ack]).toEqual([RecordType.PreambleAck]);
  socket.pause();
  await new Promise<void>((resolve, reject) =>
    socket.write(message, (error) =>
      error === null || error === undefined ? resolve() : reject(error),
    ),
  );
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  const records: FramingRecord[] = [];
  for await (const chunk of socket) {
    decoder.push(chunk as Buffer);
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      records.push('bytes' in record ? { ...record, bytes: record.bytes.slice() } : record);
    }
  }
  return records;
}

const CHUNK_BYTES = 16_384;

test.for(SIZES)(
  '%i bytes, written to their end: the quota is said, and there is no reset',
  async (bytes) => {
    const address = await serviceAddress();
    const sized = [RecordType.SizedEnvelope, ...size(bytes)];
    for (const encoding of [undefined, SOAP_BUFFERED]) {
      const message = Buffer.concat([Uint8Array.from(sized), new Uint8Array(bytes)]);
      const [fault, ...more] = await writeThenRead(address, [preamble(address, encoding), message]);
      expect(fault).toEqual({
        type: 'fault',
        fault: 'http://schemas.microsoft.com/ws/2006/05/framing/faults/MaxMessageSizeExceededFault',
      });
      expect(more).toEqual([]);
    }

    const chunk = Buffer.concat([Uint8Array.from(size(CHUNK_BYTES)), new Uint8Array(CHUNK_BYTES)]);
    const chunks = Array.from({ length: Math.ceil(bytes / CHUNK_BYTES) + 1 }, () => chunk);
    const message = Buffer.concat([
      Uint8Array.of(RecordType.UnsizedEnvelope),
      ...chunks,
      Uint8Array.of(0, RecordType.End),
    ]);
    const opening = preamble(address, SOAP_STREAMED, 1);
    const [answer, ...more] = await writeThenRead(address, [opening, message]);
    // WCF's streamed clients read no fault record at this place.
    expect(answer).toMatchObject({ type: 'unsized-envelope' });
    const text = Buffer.from(answer !== undefined && 'bytes' in answer ? answer.bytes : []);
    expect(text.toString('latin1')).toContain(
      'The maximum message size quota for incoming messages',
    );
    expect(more).toEqual([{ type: 'end' }]);
  },
);

const CLIENTS: readonly NetTcpBindingOptions[] = [
  {},
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
];

test.for(CLIENTS)('our client %j: QuotaExceeded in both directions', async (options) => {
  const address = await serviceAddress();
  const factory = new ChannelFactory(ITest, new NetTcpBinding(options));
  onTestFinished(() => factory.close());
  for (const bytes of SIZES) {
    const sender = factory.createChannel(address);
    await expect(sender.Echo('x'.repeat(bytes))).rejects.toMatchObject({
      code: 'QuotaExceeded',
      message: expect.stringContaining('maximum message size quota'),
    });
    sender.abort();
  }
  const limits = { maxReceivedMessageSize: 1_000 };
  const small = new ChannelFactory(ITest, new NetTcpBinding({ ...options, limits }));
  onTestFinished(() => small.close());
  const reader = small.createChannel(address);
  await expect(reader.Echo('x'.repeat(50_000))).rejects.toMatchObject({
    code: 'QuotaExceeded',
    message: expect.stringContaining('maxReceivedMessageSize'),
  });
  reader.abort();
});

test('our client hears a fault after which a service reads nothing more and resets', async () => {
  const server = createServer((socket) => {
    const out = new OctetWriter();
    socket
      .on('error', () => {})
      .once('data', () => {
        writeMark(out, RecordType.PreambleAck);
        socket.write(out.toBytes());
        socket.once('data', () => {
          socket.pause();
          const fault = new OctetWriter();
          writeFault(fault, 'MaxMessageSizeExceededFault');
          // What has come and is not read makes the kernel answer with a reset.
          socket.end(fault.toBytes(), () => socket.destroy());
        });
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const factory = new ChannelFactory(ITest, new NetTcpBinding({ encoding: 'soap' }));
  onTestFinished(() => factory.close());
  const proxy = factory.createChannel(`net.tcp://127.0.0.1:${port}/x`);
  onTestFinished(() => proxy.abort());
  await expect(proxy.Echo('x'.repeat(10_000_000))).rejects.toMatchObject({ code: 'QuotaExceeded' });
});
