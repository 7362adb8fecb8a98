// Streams end to end: what arrives, in which mode, and over which connections.
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { connected, digest, digestOf, MODES, patterned, source } from './stream-contract.ts';

const LARGE = { limits: { maxReceivedMessageSize: 64 * 1_048_576 } };
const SIZES = [0, 1, 2, 3, 4, 255, 256, 65_535, 65_536, 65_537, 1_000_003];

test.for(MODES)('%s: streams of any size arrive, up, down and both ways', async (transferMode) => {
  const { proxy } = await connected({ transferMode, ...LARGE }, LARGE);
  for (const size of SIZES) {
    const due = digest(patterned(size));
    expect(await digestOf(await proxy.Download(size)), `down ${size}`).toBe(due);
    expect(await proxy.Upload(source(size)), `up ${size}`).toBe(due);
    expect(await digestOf(await proxy.EchoStream(source(size))), `both ${size}`).toBe(due);
  }
  expect(await proxy.Echo('text')).toBe('text');
});

test.for([[1], [2], [3], [1, 2, 3, 5, 7, 1_000], [4_096, 1], [200_000]])(
  'streamed: a source that gives %o at a time',
  async (pieces) => {
    const { proxy } = await connected(LARGE, LARGE);
    const size = pieces.length === 1 && (pieces[0] ?? 0) < 4 ? 1_000 : 300_001;
    const echoed = await buffer(await proxy.EchoStream(source(size, pieces)));
    expect(digest(echoed)).toBe(digest(patterned(size)));
  },
);

test('streamed: calls side by side, each with a connection of its own', async () => {
  const { proxy } = await connected(LARGE, LARGE);
  const calls = Array.from({ length: 8 }, async (_, index) => {
    const size = 100_000 + index;
    expect(await digestOf(await proxy.EchoStream(source(size)))).toBe(digest(patterned(size)));
  });
  await Promise.all(calls);
});

test('streamed: the connection is kept for the next call', async () => {
  const { proxy, host } = await connected(LARGE, LARGE);
  for (let call = 0; call < 5; call++) {
    await digestOf(await proxy.EchoStream(source(10_000)));
    await proxy.Upload(source(10_000));
    await digestOf(await proxy.Download(10_000));
  }
  expect(host.connectionCount).toBeLessThanOrEqual(2);
});
