import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { KerberosContext } from '../../../shared/security/negotiate/kerberos/context.ts';
import { requireEncryptionType } from '../../../shared/security/negotiate/kerberos/encryption.ts';
import { FrameDecoder, frameHeader } from '../../../shared/security/negotiate/frames.ts';
import type { Protection, SecurityContext } from '../../../shared/security/negotiate/mechanism.ts';
import { NegotiatedStream } from '../../../shared/transport/negotiate/stream.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { socketPair } from '../../helpers/network/socket-pair.ts';

const KEY = new Uint8Array(32).fill(7);

function context(side: 'acceptor' | 'initiator', protection: Protection = 'seal'): KerberosContext {
  return new KerberosContext({
    isAcceptor: side === 'acceptor',
    encryption: requireEncryptionType(18, 'test'),
    key: KEY,
    sendSequence: 100,
    receiveSequence: 100,
    protection,
  });
}

interface Ends {
  readonly stream: NegotiatedStream;
  readonly socket: Socket;
  /** The other end: a socket, and what frames are made with. */
  readonly raw: Socket;
  readonly peer: SecurityContext;
}

async function ends(protection: Protection = 'seal', before = octets('')): Promise<Ends> {
  const [socket, raw] = await socketPair();
  const decoder = new FrameDecoder();
  if (before.length > 0) decoder.push(before);
  const stream = new NegotiatedStream(socket, decoder, context('acceptor', protection));
  onTestFinished(() => {
    stream.destroy();
    raw.destroy();
  });
  return { stream, socket, raw, peer: context('initiator', protection) };
}

function frameOf(peer: SecurityContext, data: Uint8Array): Uint8Array {
  const token = peer.wrap(data);
  return Buffer.concat([frameHeader(token.length), token]);
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

test.for(['seal', 'sign'] as const)('every cut of the bytes gives the same (%s)', async (level) => {
  const sender = context('initiator', level);
  const texts = ['one', 'two of them', '', 'x'.repeat(100)];
  const wire = Buffer.concat(texts.map((text) => frameOf(sender, Buffer.from(text))));
  for (let cut = 0; cut <= wire.length; cut++) {
    const { stream, raw } = await ends(level);
    // As of a socket: the memory is used again when `receive` has returned.
    for (const part of [wire.subarray(0, cut), wire.subarray(cut)]) {
      const chunk = Buffer.from(part);
      stream.receive(chunk);
      chunk.fill(0xee);
    }
    raw.end();
    expect((await readAll(stream)).toString(), `cut at ${cut}`).toBe(texts.join(''));
  }
});

test('what came after the handshake is read first', async () => {
  const sender = context('initiator');
  const { stream, raw } = await ends('seal', frameOf(sender, Buffer.from('early ')));
  raw.end(frameOf(sender, Buffer.from('late')));
  expect((await readAll(stream)).toString()).toBe('early late');
});

test('the longest frame of .NET is taken, one over the limit ends the connection', async () => {
  const { stream, raw, peer } = await ends();
  const longest = randomBytes(0xfc00);
  const frame = frameOf(peer, longest);
  expect(frame.length - 4).toBe(0xfc3c);
  raw.write(frame);
  for (let left = longest.length; left > 0;) {
    const [chunk]: Buffer[] = await once(stream, 'data');
    expect(hex(chunk ?? octets(''))).toBe(
      hex(longest.subarray(longest.length - left).subarray(0, chunk?.length)),
    );
    left -= chunk?.length ?? 0;
  }
  raw.write(frameHeader(0xfc00 + 513));
  await expect(once(stream, 'close')).rejects.toThrow('A protected frame of 65025 bytes');
  expect(stream.destroyed).toBe(true);
});

test('what is longer than a frame goes in several, and as much comes back', async () => {
  const [one, two] = await socketPair();
  const a = new NegotiatedStream(one, new FrameDecoder(), context('acceptor'));
  const b = new NegotiatedStream(two, new FrameDecoder(), context('initiator'));
  const data = randomBytes(3_000_000);
  b.pipe(b);
  a.end(data);
  expect((await readAll(a)).equals(data)).toBe(true);
});

test('a peer that does not read holds the writer up, one that is not read is held up', async () => {
  const { stream, raw, peer } = await ends();
  raw.pause();
  const chunk = Buffer.alloc(100_000);
  let written = 0;
  while (stream.writableLength === 0 && written < 1_000) {
    stream.write(chunk);
    written += 1;
  }
  expect(stream.writableLength).toBeGreaterThan(0);
  const drained = once(stream, 'drain');
  raw.resume();
  await drained;

  raw.write(frameOf(peer, Buffer.from('x')));
  await once(stream, 'readable');
  while (raw.writableLength === 0) raw.write(frameOf(peer, chunk.subarray(0, 60_000)));
  expect(stream.readableLength).toBeLessThan(1_000_000);
});

test('a half that is closed leaves the other open', async () => {
  const { stream, raw, peer } = await ends();
  const received = readAll(raw);
  stream.end('bye');
  const said = await received;
  expect(Buffer.from(peer.unwrap(said.subarray(4))).toString()).toBe('bye');
  raw.write(frameOf(peer, Buffer.from('still here')));
  raw.end();
  expect((await readAll(stream)).toString()).toBe('still here');
});

const changed = (frame: Uint8Array, at: number): Uint8Array =>
  frame.map((byte, index) => (index === at ? byte ^ 1 : byte));

test.for<[string, (one: Uint8Array, two: Uint8Array) => readonly Uint8Array[], RegExp]>([
  ['changed', (one) => [changed(one, 40)], /changed|another key/],
  ['repeated', (one) => [one, one], /not the next one/],
  ['left out', (_, two) => [two], /not the next one/],
  ['in the clear', () => [octets('0b')], /middle of a frame/],
  ['cut', (one) => [one.subarray(0, 30)], /middle of a frame/],
  ['a header only', (one) => [one.subarray(0, 3)], /middle of a frame/],
])('a frame that is %s ends the connection', async ([, wire, why]) => {
  const { stream, raw, peer } = await ends();
  const frames = wire(frameOf(peer, Buffer.from('one')), frameOf(peer, Buffer.from('two')));
  const closed = once(raw, 'close');
  stream.resume();
  raw.resume();
  raw.end(Buffer.concat(frames));
  await expect(once(stream, 'close')).rejects.toThrow(why);
  await closed;
});

test('a reset of the socket is the stream’s end, with the reason', async () => {
  const { stream, raw } = await ends();
  stream.resume();
  raw.resetAndDestroy();
  await expect(once(stream, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('what was not read holds the socket', async () => {
  const { stream, raw, peer } = await ends();
  raw.write(frameOf(peer, octets('06')));
  await once(stream, 'readable');
  expect(stream.release()).toBe(false);
});

test('an error that nobody listens for harms nobody', async () => {
  const { stream, raw } = await ends();
  raw.resetAndDestroy();
  stream.resume();
  await new Promise((resolve) => stream.on('close', resolve));
});

test('after a session the socket can be had back, in the clear', async () => {
  const { stream, socket, raw, peer } = await ends();
  raw.write(frameOf(peer, octets('07')));
  expect(hex((await once(stream, 'data'))[0])).toBe('07');
  stream.write(octets('07'));
  expect(hex(peer.unwrap((await once(raw, 'data'))[0].subarray(4)))).toBe('07');
  expect(stream.release()).toBe(true);
  raw.write('next session');
  expect(String((await once(socket, 'data'))[0])).toBe('next session');
  stream.destroy();
  socket.write('goes on');
  expect(String((await once(raw, 'data'))[0])).toBe('goes on');
});
