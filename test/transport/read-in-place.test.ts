// What a socket reads goes to where its reader wants it, from the next read on.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import * as suite from '../../shared/index.ts';
import { startReading } from '../../shared/transport/node-internals.ts';
import { SHARED_READ, shareRead, takeReads } from '../../shared/transport/shared-read.ts';
import { eventually } from '../helpers/eventually.ts';
import { socketPair } from '../helpers/network/socket-pair.ts';

const LENGTH = 300_000;

/** Takes `LENGTH` bytes into memory of its own, after a first piece; and what follows anywhere. */
function reader(socket: Socket) {
  const own = new Uint8Array(LENGTH);
  const taken = { own, bytes: 0, inPlace: 0, shared: 0 };
  takeReads(socket, {
    receive(octets) {
      if (octets.buffer === own.buffer) taken.inPlace += octets.length;
      else if (octets.buffer === SHARED_READ.buffer.buffer) taken.shared += octets.length;
      if (octets.buffer !== own.buffer)
        own.set(octets.subarray(0, LENGTH - taken.bytes), taken.bytes);
      taken.bytes += octets.length;
    },
    get room() {
      return taken.bytes > 0 && taken.bytes < LENGTH ? own.subarray(taken.bytes) : undefined;
    },
  });
  return taken;
}

test.each([
  ['that was given the option when it was made', true],
  ['that was given it later', false],
])('a socket %s', async (_, isMadeWith) => {
  const [far, near] = await socketPair(isMadeWith ? { onread: SHARED_READ } : {});
  if (!isMadeWith) shareRead(near);
  const taken = reader(near);
  startReading(near);
  const sent = randomBytes(LENGTH);
  for (let at = 0; at < LENGTH; at += 30_000) far.write(sent.subarray(at, at + 30_000));
  await eventually(() => expect(taken.bytes).toBe(LENGTH));
  expect(Buffer.compare(taken.own, sent)).toBe(0);
  expect(taken.inPlace).toBeGreaterThan(LENGTH / 2);
  // Afterwards it reads as before.
  const before = taken.shared;
  far.write('afterwards');
  await eventually(() => expect(taken.shared).toBe(before + 10));
});

const { base64Binary } = suite.types;
const contract = suite.defineContract({
  name: 'IEcho',
  operations: { Echo: suite.operation([['octets', base64Binary]], base64Binary) },
});
const limits = { maxReceivedMessageSize: 8_388_608 };

test.each(['msgpack', 'soap'] as const)(
  'long messages of many connections, %s',
  async (encoding) => {
    const host = new suite.ServiceHost(new suite.NetTcpBinding({ limits }));
    host.addEndpoint(contract, { Echo: (octets) => octets }, 'net.tcp://localhost:0/echo');
    await host.open();
    const binding = new suite.NetTcpBinding({ encoding, limits });
    const factory = new suite.ChannelFactory(contract, binding);
    const call = async (index: number): Promise<number> => {
      const channel = factory.createChannel(host.addresses[0] ?? '');
      let wrong = 0;
      const lengths = [300_000, 10, 70_000, 40_000, 1_000_000, 100_000].map((one) => one + index);
      const sent = lengths.map((length) => randomBytes(length));
      const answers = await Promise.all(sent.map((octets) => channel.Echo(octets)));
      for (const [at, answer] of answers.entries()) {
        if (Buffer.compare(answer, sent[at] ?? answer.subarray(1)) !== 0) wrong += 1;
      }
      await channel.close();
      return wrong;
    };
    try {
      const wrong = await Promise.all(Array.from({ length: 4 }, (_, index) => call(index)));
      expect(wrong).toEqual([0, 0, 0, 0]);
    } finally {
      factory.close();
      await host.close();
    }
  },
);
