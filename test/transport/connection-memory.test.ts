// Which memory a connection holds while its peer does not read.
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withLimits } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { Connection } from '../../shared/transport/connection.ts';
import { SlowReaders } from '../../shared/transport/slow-readers.ts';

/** A connection whose stream takes what is written when `send` is called. */
function connection() {
  const waiting: { readonly chunk: Buffer; readonly done: () => void }[] = [];
  const stream = new Duplex({
    allowHalfOpen: true,
    read() {},
    write: (chunk: Buffer, _, done) => void waiting.push({ chunk, done }),
  });
  onTestFinished(() => void stream.destroy());
  const readers = new SlowReaders(withLimits());
  const wrote = vi.spyOn(readers, 'wrote');
  onTestFinished(() => readers.forget(own));
  const handler = { onOctets() {}, onEnd() {}, onClose() {} };
  const own = new Connection(stream as unknown as Socket, handler, readers);
  const write = (octets: Uint8Array): void => {
    own.writer().append(octets);
    own.flush();
  };
  /** Sends what waits, and all that comes then. @returns what was sent */
  const send = async (): Promise<Buffer> => {
    const sent: Buffer[] = [];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      sent.push(Buffer.from(next.chunk));
      next.done();
      await new Promise(setImmediate);
    }
    return Buffer.concat(sent);
  };
  return { own, write, send, waiting, wrote };
}

const SMALL = Uint8Array.of(1, 2, 3);
const LARGE = new Uint8Array(50_000);

test('what waits in memory that is larger counts as a whole', () => {
  const { own } = connection();
  own.writer().reserve(100_000);
  own.writer().append(SMALL);
  own.flush();
  expect(own.unsentBytes).toBe(3);
  expect(own.heldBytes).toBeGreaterThanOrEqual(100_000);
});

test('a large message waits in the memory that it was written to', () => {
  const { own, write, waiting, wrote } = connection();
  write(SMALL);
  write(LARGE);
  expect(wrote).toHaveBeenLastCalledWith(own, LARGE.length);
  expect(own.unsentBytes).toBe(SMALL.length + LARGE.length);
  expect(own.heldBytes).toBeLessThan(1.2 * LARGE.length + 10_000);
  expect(waiting).toHaveLength(1);
});

test('small messages wait together, in about as much memory as they have bytes', async () => {
  const { own, write, send, wrote } = connection();
  const seen: number[] = [];
  write(SMALL);
  const count = 100_000;
  for (let index = 0; index < count; index++) {
    write(SMALL);
    if (index % 100 === 0) seen.push(own.heldBytes / own.unsentBytes);
  }
  expect(own.unsentBytes).toBe(SMALL.length * (count + 1));
  expect(wrote).toHaveBeenCalledTimes(count + 1);
  expect(Math.max(...seen.slice(-500))).toBeLessThan(1.5);
  expect(own.stream.writableLength).toBeGreaterThan(own.unsentBytes / 2);
  expect((await send()).length).toBe(SMALL.length * (count + 1));
  expect([own.unsentBytes, own.heldBytes]).toEqual([0, 0]);
});

test('what waits goes out when there is room, in order, without another write', async () => {
  const { write, send } = connection();
  for (let value = 0; value < 9; value++) write(Uint8Array.of(value));
  expect([...(await send())]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what waits goes out before the connection closes', async () => {
  const { own, write, send } = connection();
  Object.assign(own.stream, { destroySoon: () => own.stream.end() });
  write(Uint8Array.of(1));
  write(Uint8Array.of(2));
  own.close();
  expect([...(await send())]).toEqual([1, 2]);
});

test('memory is used again when its bytes are sent, and not before', async () => {
  const { own, write, waiting, send } = connection();
  write(LARGE);
  const first = waiting[0]?.chunk.buffer;
  const writers = new Set<unknown>();
  for (let count = 0; count < 40; count++) {
    writers.add(own.writer().bytes.buffer);
    write(LARGE);
  }
  expect(writers).not.toContain(first);
  await send();
  // Without another write of this connection: it may be idle from now on.
  const another = connection();
  const taken = Array.from({ length: 17 }, () => {
    const { buffer } = another.own.writer().bytes;
    another.write(LARGE);
    return buffer;
  });
  expect([first, ...writers].some((buffer) => taken.includes(buffer as ArrayBuffer))).toBe(true);
});

test('a second message of the same size fits into the memory of the first, with what precedes it', () => {
  const out = new OctetWriter();
  out.append(new Uint8Array(64_000));
  const { length } = out.bytes;
  out.clear();
  out.append(SMALL);
  out.append(new Uint8Array(64_000));
  expect(out.bytes.length).toBe(length);
});
