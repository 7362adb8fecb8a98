import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Connection } from '../../shared/transport/connection.ts';
import { SHARED_READ, shareRead } from '../../shared/transport/shared-read.ts';
import { startReading, stopReading } from '../../shared/transport/node-internals.ts';
import { eventually } from '../helpers/eventually.ts';
import { socketPair } from '../helpers/network/socket-pair.ts';
import { sleep } from '../../shared/time.ts';

/** Long enough for bytes to arrive if they were read. */
const aWhile = () => sleep(50);

test('a socket that was stopped inside its data event leaves later bytes in the kernel', async () => {
  const [near, far] = await socketPair();
  const first = new Promise<string>((resolve) => {
    near.once('data', (chunk: Buffer) => {
      stopReading(near);
      resolve(chunk.toString());
    });
  });
  far.write('one');
  expect(await first).toBe('one');
  far.write('two');
  await aWhile();
  expect([near.bytesRead, near.readableLength]).toEqual([3, 0]);
});

test('it reads them when it is started again', async () => {
  const [near, far] = await socketPair();
  stopReading(near);
  far.write('late');
  await aWhile();
  expect(near.bytesRead).toBe(0);
  const data = once(near, 'data');
  startReading(near);
  expect(String((await data)[0])).toBe('late');
});

test('the same holds for sockets that read into the shared memory', async () => {
  const [far, near] = await socketPair({ onread: SHARED_READ });
  const texts: string[] = [];
  near.on('data', (chunk: Buffer) => {
    texts.push(chunk.toString());
    stopReading(near);
  });
  far.write('one');
  await aWhile();
  far.write('two');
  await aWhile();
  expect([texts, near.bytesRead]).toEqual([['one'], 3]);
  startReading(near);
  await aWhile();
  expect([texts, near.bytesRead, near.destroyed]).toEqual([['one', 'two'], 6, false]);
});

test('a connection that was paused drains after a fault', async () => {
  const [near, far] = await socketPair();
  shareRead(near);
  const connection = new Connection(near, { onOctets() {}, onEnd() {}, onClose() {} });
  far.write('some');
  await aWhile();
  connection.pause();
  connection.closeDraining({ faultDrainBytes: 10, faultDrainMs: 5_000 });
  far.write('more');
  await aWhile();
  expect([near.bytesRead, near.destroyed]).toEqual([8, false]);
  far.write('too much');
  await aWhile();
  expect(near.destroyed).toBe(true);
});

test('a connection gets all bytes, whichever memory they are read into', async () => {
  for (const shares of [true, false]) {
    const [near, far] = await socketPair();
    if (shares) shareRead(near);
    const texts: string[] = [];
    const handler = {
      onOctets: (octets: Uint8Array) => texts.push(Buffer.from(octets).toString()),
      onEnd: () => texts.push('end'),
      onClose() {},
    };
    const connection = new Connection(near, handler);
    far.write('one');
    await eventually(() => expect(texts).toEqual(['one']));
    connection.pause();
    far.write('two');
    await aWhile();
    const paused = texts.join();
    connection.resume();
    far.end('three');
    await eventually(() => expect(texts.join('')).toBe('onetwothreeend'));
    expect(paused).toBe('one');
  }
});
