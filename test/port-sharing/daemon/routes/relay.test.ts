import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { relay } from '../../../../shared/port-sharing/daemon/routes/relay.ts';
import { shareRead } from '../../../../shared/transport/shared-read.ts';
import { stopReading } from '../../../../shared/transport/node-internals.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { socketPair } from '../../../helpers/network/socket-pair.ts';
import { sleep } from '../../../../shared/time.ts';

/** A client and a service with a relay between them; `done` once it has ended. */
async function relayed(): Promise<{ client: Socket; service: Socket; done: () => boolean }> {
  const [first, client] = await socketPair();
  const [second, service] = await socketPair();
  shareRead(first);
  stopReading(first);
  let isDone = false;
  relay(first, second, () => (isDone = true));
  return { client, service, done: () => isDone };
}

/** Bytes that do not repeat, in pieces of many sizes. */
function pieces(seed: number): readonly Buffer[] {
  return [1, 2, 100, 65_536, 3, 200_000, 70_000, 1, 1_000_000].map((size, index) =>
    Buffer.alloc(size, createHash('sha512').update(`${seed} ${index}`).digest()),
  );
}

async function received(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of socket as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

test('carries all bytes both ways at a time, and the ends after them', async () => {
  const { client, service, done } = await relayed();
  const [there, back] = [received(service), received(client)];
  for (const piece of pieces(1)) client.write(piece);
  for (const piece of pieces(2)) service.write(piece);
  client.end();
  const hashOf = (seed: number): string =>
    createHash('sha256')
      .update(Buffer.concat(pieces(seed)))
      .digest('hex');
  expect(await there).toBe(hashOf(1));
  expect(done()).toBe(false); // the other way is still open
  service.end();
  expect(await back).toBe(hashOf(2));
  await eventually(() => expect(done()).toBe(true));
});

test('takes no more from who sends than the other side reads', async () => {
  const { client, service, done } = await relayed();
  service.pause();
  const piece = Buffer.alloc(1_000_000, 'x');
  for (let count = 0; count < 40; count++) client.write(piece);
  await sleep(300);
  // The kernel's buffers are full, and the relay holds hardly more than one segment.
  expect(client.writableLength).toBeGreaterThan(10_000_000);
  client.end();
  let octets = 0;
  for await (const chunk of service as AsyncIterable<Buffer>) octets += chunk.length;
  expect(octets).toBe(40_000_000);
  service.end();
  await eventually(() => expect(done()).toBe(true));
});

test('what breaks on one side breaks the other', async () => {
  const { client, service, done } = await relayed();
  client.write('some');
  await once(service, 'data');
  client.resetAndDestroy();
  await once(service, 'end');
  await eventually(() => expect(done()).toBe(true));
});
