// All sockets read into one piece of memory: what one connection cannot handle yet must not be lost to another.
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { int, string } from '../../shared/contract/types/types.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { beginEnvelope, endEnvelope } from '../../shared/framing/encoder.ts';
import {
  ChannelFactory,
  DEFAULT_LIMITS,
  defineContract,
  NetTcpBinding,
  operation,
  ServiceHost,
} from '../../shared/index.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';

const IFill = defineContract({
  name: 'IFill',
  operations: {
    /** The number, over and over. */
    Fill: operation([['number', int]], string),
    Echo: operation([['text', string]], string),
  },
});

const CALLS = 4_000;
// Less than what a stream of Node holds before it asks its writer to wait.
const ANSWER_CHARS = 3_000;
const fill = (number: number): string =>
  `${number} `.repeat(ANSWER_CHARS / 5).slice(0, ANSWER_CHARS);

test('requests that wait because their client does not read are kept while others send', async () => {
  const limits = { maxUnsentBytes: 5_000 };
  const host = new ServiceHost(new NetTcpBinding({ limits }));
  host.addEndpoint(IFill, { Fill: fill, Echo: (text) => text }, 'net.tcp://localhost:0/fill');
  await host.open();
  const [address = ''] = host.addresses;
  const factory = new ChannelFactory(IFill, new NetTcpBinding());
  const other = factory.createChannel(address);
  onTestFinished(async () => {
    other.abort();
    factory.close();
    await host.close();
  });

  const codec = msgpack.client({ contract: IFill, limits: DEFAULT_LIMITS, address });
  const operationOf = IFill.operations.get('Fill');
  if (operationOf === undefined) throw new Error('the contract has no Fill');
  const requests = new OctetWriter();
  for (let id = 0; id < CALLS; id++) {
    beginEnvelope(requests);
    codec.writeRequest(requests, id, operationOf, [id]);
    endEnvelope(requests);
  }
  const client = new RawClient(parseAddress(address).port);
  client.send(preamble(address));
  await client.expect('preamble-ack');
  client.socket.pause();
  client.send(requests.toBytes());

  for (let call = 0; call < 60; call++) {
    const text = String.fromCharCode(33 + call).repeat(call * 1_000);
    expect(await other.Echo(text)).toBe(text);
  }

  client.socket.resume();
  for (let id = 0; id < CALLS; id++) {
    const record = await client.expect('sized-envelope');
    if (!('bytes' in record)) throw new Error('no envelope');
    const reply = codec.readReply(record.bytes, record.start, record.end, () => operationOf);
    expect(reply).toEqual({ kind: 'result', id, value: fill(id) });
  }
});
