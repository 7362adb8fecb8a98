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
  const handler = { onOctets() {}, onEnd() {}, onClose() {} };
  const own = new Connection(stream as unknown as Socket, handler, readers);
  const write = (octets: Uint8Array): void => {
    own.writer().append(octets);
    own.flush();
  };
  const send = (): void => waiting.shift()?.done();
  return { own, write, send, waiting, wrote };
}

const SMALL = Uint8Array.of(1, 2, 3);

test('what waits in memory that is larger counts as a whole', () => {
  const { own, wrote } = connection();
  own.writer().reserve(100_000);
  own.writer().append(SMALL);
  own.flush();
  expect(wrote).toHaveBeenCalledExactlyOnceWith(own, 3, expect.any(Number));
  expect(wrote.mock.calls[0]?.[2]).toBeGreaterThanOrEqual(100_000);
});

test('what waits after that is in memory of its size', () => {
  const { own, write, waiting, wrote, send } = connection();
  write(SMALL);
  write(new Uint8Array(50_000));
  expect(wrote).toHaveBeenLastCalledWith(own, 50_000, 50_000);
  send();
  expect(waiting[0]?.chunk.length).toBe(50_000);
});

test('memory is used again when its bytes are sent, and not before', () => {
  const { own, write, waiting, send } = connection();
  write(SMALL);
  const first = waiting[0]?.chunk.buffer;
  const writers = new Set<unknown>();
  for (let count = 0; count < 40; count++) {
    writers.add(own.writer().bytes.buffer);
    write(SMALL);
  }
  expect(writers).not.toContain(first);
  while (waiting.length > 0) send();
  write(SMALL); // with another writer: only now is it known that nothing waits
  expect(own.writer().bytes.buffer).toBe(first);
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
