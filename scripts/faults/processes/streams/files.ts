// Streams of the harness: a service that takes and gives them, or a client of one. Each side sums up what passes.
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { defineContract, operation } from '../../../../shared/contract/contract.ts';
import { double, stream } from '../../../../shared/contract/types/types.ts';
import { NetTcpBinding } from '../../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../../shared/rpc/client/channel-factory.ts';
import { ServiceHost } from '../../../../shared/rpc/service/service-host.ts';
import { sleep } from '../../../../shared/time.ts';
import { serve } from '../../../serve.ts';

/** Bytes that a source gives at a time: none of the sizes that chunks, records or reads have. */
const PIECE = 50_000;
/** A reader rests once in so many bytes, for so long. */
const REST_AFTER = 134_217_728;
const REST_MS = 300;

const IStreams = defineContract({
  name: 'IStreams',
  operations: {
    Up: operation([['data', stream]], double),
    Down: operation([['octets', double]], stream),
    Both: operation([['data', stream]], stream),
  },
});

interface Options {
  readonly address: string;
  readonly way: 'up' | 'down' | 'both';
  readonly octets: number;
}

// A machine that has other work may take minutes for what takes it a second otherwise.
const limits = { maxReceivedMessageSize: 2_147_483_647, sendTimeoutMs: 1_200_000 };

serve({
  async open({ address }: Options) {
    const host = new ServiceHost(new NetTcpBinding({ portSharing: true, limits }));
    const methods = {
      Up: (data: Readable) => sumOf(data),
      Down: source,
      Both: (data: Readable) => data,
    };
    host.addEndpoint(IStreams, methods, address);
    await host.open();
  },
  /** @returns whether all came as it was sent */
  async pass({ address, way, octets }: Options): Promise<boolean> {
    const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed', limits });
    const factory = new ChannelFactory(IStreams, binding);
    const channel = factory.createChannel(address);
    const due = await sumOf(source(octets), false);
    const got = await {
      up: () => channel.Up(source(octets)),
      down: async () => sumOf(await channel.Down(octets)),
      both: async () => sumOf(await channel.Both(source(octets))),
    }[way]();
    await channel.close();
    factory.close();
    return got === due;
  },
});

/** So many bytes, made when they are asked for: each piece is another than that before it. */
function source(octets: number): Readable {
  const pieces = Array.from({ length: 251 }, (_, index) => Buffer.alloc(PIECE, index + 1));
  const given = function* (): Generator<Uint8Array> {
    for (let left = octets, at = 0; left > 0; left -= PIECE, at++) {
      yield (pieces[at % pieces.length] as Buffer).subarray(0, Math.min(left, PIECE));
    }
  };
  return Readable.from(given(), { objectMode: false });
}

/** @param rests whether the reader now and then stops for a while */
async function sumOf(data: Readable, rests = true): Promise<number> {
  let sum = 0;
  let count = 0;
  for await (const chunk of data as AsyncIterable<Uint8Array>) {
    sum = crc32(chunk, sum);
    const before = count;
    count += chunk.length;
    const isTime = Math.floor(count / REST_AFTER) > Math.floor(before / REST_AFTER);
    if (rests && isTime) await sleep(REST_MS);
  }
  return sum;
}
