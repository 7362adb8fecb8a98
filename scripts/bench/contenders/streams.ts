import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Contender } from '../contender.ts';
import { BuiltPackage, type Suite } from '../package.ts';
import { dialTcp, serveTcp } from './tcp.ts';

// A stream of many bytes to a service, or from it: each on a connection of its own, checked by its length.

/** Bytes at a time, as a file is read. The same memory again and again: nobody is charged for making them. */
const PIECE = Buffer.alloc(65_536, 0x5a);
/** What a raw client asks for: the way, and how many bytes. */
const HEAD_BYTES = 9;
const UP = 0;
/** 0 stands for a free port. */
const ADDRESS = 'net.tcp://localhost:0/files';

class Source extends Readable {
  #left: number;

  constructor(octets: number) {
    super({ highWaterMark: PIECE.length });
    this.#left = octets;
  }

  override _read(): void {
    if (this.#left === 0) return void this.push(null);
    const length = Math.min(this.#left, PIECE.length);
    this.#left -= length;
    this.push(PIECE.subarray(0, length));
  }
}

/** Reads a stream to its end. @returns how many bytes it gave */
async function countOf(stream: Readable): Promise<number> {
  let count = 0;
  const sink = new Writable({
    write(chunk: Uint8Array, _, done) {
      count += chunk.length;
      done();
    },
  });
  await pipeline(stream, sink);
  return count;
}

function check(count: number, octets: number): void {
  if (count !== octets) throw new Error(`of ${octets} bytes ${count} have come`);
}

const connect = (): never => {
  throw new Error('it makes streams and no calls');
};

/** `pipeline` of `node:stream` over a bare socket: what a stream would cost if nothing stood between its bytes. */
export const rawStream: Contender = {
  name: 'raw pipeline',
  serve: () => serveTcp((socket) => void serveRaw(socket).catch(() => socket.destroy()), true),
  connect,

  async stream(target, way, octets) {
    const socket = await dialTcp(target);
    const head = Buffer.alloc(HEAD_BYTES, way === 'up' ? UP : UP + 1);
    head.writeDoubleBE(octets, 1);
    socket.write(head);
    if (way === 'down') return check(await countOf(socket), octets);
    await pipeline(new Source(octets), socket);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    check(answer.readDoubleBE(), octets);
  },
};

async function serveRaw(socket: Socket): Promise<void> {
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  if (first.length > HEAD_BYTES) socket.unshift(first.subarray(HEAD_BYTES));
  const octets = first.readDoubleBE(1);
  if (first[0] !== UP) return await pipeline(new Source(octets), socket);
  const answer = Buffer.alloc(8);
  answer.writeDoubleBE(await countOf(socket));
  socket.end(answer);
}

/** This suite's streams, through what the package exports. */
export const ourStream: Contender = {
  name: 'ours, soap, streamed, own port',
  connect,

  async serve() {
    const suite = await new BuiltPackage().load();
    const host = new suite.ServiceHost(new suite.NetTcpBinding({ limits: LIMITS }));
    const files = { Upload: countOf, Download: (octets: number) => new Source(octets) };
    host.addEndpoint(contractOf(suite), files, ADDRESS);
    await host.open();
    return { target: host.addresses[0] ?? '', close: () => host.close() };
  },

  async stream(target, way, octets) {
    const suite = await new BuiltPackage().load();
    const binding = { encoding: 'soap', transferMode: 'streamed', limits: LIMITS } as const;
    const factory = new suite.ChannelFactory(contractOf(suite), new suite.NetTcpBinding(binding));
    const files = factory.createChannel(target.replace('localhost', '127.0.0.1'));
    const count =
      way === 'up'
        ? await files.Upload(new Source(octets))
        : await countOf(await files.Download(octets));
    check(count, octets);
    await files.close();
    factory.close();
  },
};

// A machine that has other work may take minutes for what takes it a second otherwise.
const LIMITS = { maxReceivedMessageSize: 2_147_483_647, sendTimeoutMs: 1_200_000 };

function contractOf({ defineContract, operation, types: { double, stream } }: Suite) {
  return defineContract({
    name: 'IFiles',
    operations: {
      Upload: operation([['data', stream]], double),
      Download: operation([['octets', double]], stream),
    },
  });
}
