// A longer stream takes no more memory: what is on its way is bounded, whoever is slow.
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { connected } from './stream-contract.ts';
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
