// A longer stream takes no more memory: what is on its way is bounded, whoever is slow.
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, NetTcpBinding } from '../../../shared/index.ts';
import { connected, IStreams } from './stream-contract.ts';
import { eventually } from '../../helpers/eventually.ts';
import { sleep } from '../../../shared/time.ts';

const MIB = 1_048_576;
const CHUNK = Buffer.alloc(65_536, 7);
const LARGE = { limits: { maxReceivedMessageSize: 2_147_483_647 } };

/** A stream of so many bytes that counts what was taken of it. */
function counted(bytes: number): { readonly stream: Readable; readonly given: () => number } {
  let given = 0;
  const chunks = function* (): Generator<Uint8Array> {
    for (; given < bytes; given += CHUNK.length) yield CHUNK;
  };
  return { stream: Readable.from(chunks(), { objectMode: false }), given: () => given };
}

test('of 256 MiB that pass, both ways at once, 64 MiB are never held', async () => {
  const { proxy } = await connected(LARGE, LARGE);
  const { stream, given } = counted(256 * MIB);
  let taken = 0;
  let most = 0;
  for await (const chunk of await proxy.EchoStream(stream)) {
    taken += (chunk as Uint8Array).length;
    most = Math.max(most, given() - taken);
  }
  expect(taken).toBe(256 * MIB);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(64 * MIB);
});

test.for(['a reader of the client', 'a method'] as const)(
  'while %s does not read, little more is taken of the source',
  async (who) => {
    const { stream, given } = counted(1_024 * MIB);
    const { proxy } = await connected(LARGE, LARGE, {
      Download: () => stream,
      Upload: () => new Promise<string>(() => {}),
    });
    const call = who === 'a method' ? proxy.Upload(stream) : proxy.Download(1);
    call.catch(() => {});
    let before = -1;
    while (given() === 0 || given() > before) {
      before = given();
      await sleep(300);
    }
    // What the kernel holds on both sides of the connection is the most of it.
    expect(given()).toBeLessThan(64 * MIB);
    stream.destroy();
  },
);

/** A stream of which about so many bytes are sent: a few wait for the last chunk, where it does not end. */
function filled(bytes: number, isWhole: boolean): Readable {
  const stream = new Readable({ read() {} });
  stream.push(Buffer.alloc(bytes, 7));
  if (isWhole) stream.push(null);
  return stream;
}

type Row = [does: string, reads: boolean, sizes: readonly number[], refused: readonly number[]];
const ROWS: readonly Row[] = [
  ['does not read, within the limit', false, [100_000, 120_000, 100_000], []],
  ['does not read, over it', false, [100_000, 120_000, 100_000, 100_000], [1]],
  ['reads', true, Array.from({ length: 12 }, () => 100_000), []],
];

test.for(
  [true, false].flatMap((isWhole) =>
    ROWS.map(
      (row) => [isWhole ? 'all of which has come' : 'of which more is due', ...row] as const,
    ),
  ),
)(
  'maxTotalPartialBytes counts what waits in streams, %s; a method that %s: the greediest is refused',
  async ([come, , reads, sizes, refused]) => {
    const isWhole = come === 'all of which has come';
    const kept: Readable[] = [];
    let read = 0;
    const limits = { ...LARGE.limits, maxTotalPartialBytes: 400_000 };
    const { address } = await connected(
      {},
      { limits },
      {
        Upload(data) {
          kept.push(data);
          if (reads) data.on('data', ({ length }: Uint8Array) => (read += length));
          return new Promise<string>(() => {});
        },
      },
    );
    const binding = new NetTcpBinding({ encoding: 'soap', transferMode: 'streamed', ...LARGE });
    const factory = new ChannelFactory(IStreams, binding);
    const gone: number[] = [];
    const held = (): number => kept.reduce((sum, { readableLength }) => sum + readableLength, 0);
    let sent = 0;
    for (const [index, size] of sizes.entries()) {
      const proxy = factory.createChannel(address);
      onTestFinished(() => proxy.abort());
      proxy.Upload(filled(size, isWhole)).catch((error: Error) => {
        if (error.message.includes('too busy')) gone.push(index);
        else gone.push(-1);
      });
      sent += size;
      const isLast = index === sizes.length - 1;
      if (isLast && refused.length > 0) break;
      await eventually(() => expect((reads ? read : held()) / sent).toBeCloseTo(1, 3));
    }
    await eventually(() => expect(gone).toEqual(refused));
    // What was refused is not kept, though the method still has its stream.
    const left = sizes.reduce((sum, size, index) => sum + (refused.includes(index) ? 0 : size), 0);
    await eventually(() => expect(held() / left).toBeCloseTo(reads ? 0 : 1, 3));
    expect(gone).toEqual(refused);
    factory.close();
  },
);
