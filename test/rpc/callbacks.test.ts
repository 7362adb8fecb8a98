// A service of a duplex contract calls its client, whose contract has no callbacks.
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { defineContract, oneWay, operation } from '../../shared/contract/contract.ts';
import * as t from '../../shared/contract/types/types.ts';
import { soapBuffered } from '../../shared/encoding/soap/soap.ts';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { beginEnvelope, endEnvelope, writeMark } from '../../shared/framing/encoder.ts';
import { RecordType } from '../../shared/framing/records.ts';
import { ChannelFactory, DEFAULT_LIMITS, NetTcpBinding } from '../../shared/index.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { eventually } from '../helpers/eventually.ts';

const INews = defineContract({
  name: 'INews',
  operations: { AskBack: operation([['question', t.string]], t.string) },
});
const INewsCallback = defineContract({
  name: 'INews',
  operations: {
    Ask: operation([['question', t.string]], t.string),
    OnNews: oneWay([['text', t.string]]),
  },
});
const ANONYMOUS = 'http://www.w3.org/2005/08/addressing/anonymous';

/** A service that calls back before it answers, and answers with what it was told. */
function serve(socket: Socket, address: string): void {
  const options = { contract: INews, limits: DEFAULT_LIMITS, address };
  const service = soapBuffered.service(options);
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  // Without a string table of its own: the client knows only that of the session.
  const caller = soapBuffered.client({
    ...options,
    contract: INewsCallback,
    address: ANONYMOUS,
    limits: { ...DEFAULT_LIMITS, maxSessionSize: 0 },
  });
  const [ask, onNews] = INewsCallback.operations.values();
  const [askBack] = INews.operations.values();
  if (ask === undefined || onNews === undefined || askBack === undefined) throw new Error();
  let request: ReturnType<typeof service.readRequest> | undefined;
  const send = (write: (out: OctetWriter) => void): void => {
    const out = new OctetWriter();
    beginEnvelope(out, RecordType.SizedEnvelope);
    write(out);
    endEnvelope(out);
    socket.write(out.toBytes());
  };
  socket.on('data', (octets) => {
    decoder.push(octets);
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      if (record.type === 'preamble-end') {
        const out = new OctetWriter();
        writeMark(out, RecordType.PreambleAck);
        socket.write(out.toBytes());
      }
      if (record.type === 'end') socket.end(Uint8Array.of(RecordType.End));
      if (record.type !== 'sized-envelope') continue;
      const { bytes, start, end } = record;
      if (request === undefined) {
        request = service.readRequest(bytes, start, end);
        // Twice: one line about it is enough.
        send((out) => caller.writeRequest(out, 1, onNews, ['hot']));
        send((out) => caller.writeRequest(out, 1, onNews, ['hotter']));
        send((out) => caller.writeRequest(out, 2, ask, ['q']));
        continue;
      }
      const { id = '' } = request;
      const told = Buffer.from(bytes.subarray(start, end)).includes('ActionNotSupported');
      send((out) => service.writeResult(out, id, askBack, told ? 'ActionNotSupported' : 'nothing'));
    }
  });
}

test('a callback is refused, not taken for the answer of the first call', async () => {
  const server = createServer((socket) => serve(socket, address));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `net.tcp://127.0.0.1:${(server.address() as AddressInfo).port}/news`;
  const factory = new ChannelFactory(INews, new NetTcpBinding({ encoding: 'soap' }));
  onTestFinished(() => {
    factory.close();
    server.close();
  });
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const news = factory.createChannel(address);
  expect(await news.AskBack('q', { timeoutMs: 20_000 })).toBe('ActionNotSupported');
  await news.close();
  await eventually(() => expect(warnings).toHaveLength(1));
  expect(warnings[0]).toMatchObject({ name: 'NetTcpWarning' });
  expect(warnings[0]?.message).toMatch(/^The service at net\.tcp:.* one-way: ".*OnNews"/);
});

test('so is one over MessagePack', async () => {
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => {
        const out = new OctetWriter();
        writeMark(out, RecordType.PreambleAck);
        beginEnvelope(out, RecordType.SizedEnvelope);
        out.append(Uint8Array.of(0x93, 2, 0xa6, ...Buffer.from('OnNews'), 0x90));
        endEnvelope(out);
        socket.write(out.toBytes());
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = `net.tcp://127.0.0.1:${(server.address() as AddressInfo).port}/news`;
  const factory = new ChannelFactory(INews, new NetTcpBinding());
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const news = factory.createChannel(address);
  await news.open();
  expect((await warned).message).toContain('one-way: "OnNews"');
  news.abort();
});
