import { expect, test } from 'vitest';
import {
  encodeHandshake,
  FrameDecoder,
  frameHeader,
  type HandshakeMessage,
  MAX_FRAME_BYTES,
  MAX_PLAIN_BYTES,
  MAX_TOKEN_BYTES,
} from '../../../shared/security/negotiate/frames.ts';
import { hex, octets, pieces } from '../../helpers/octets.ts';
import { decodeStream, STREAM } from './fuzz-target.ts';

test.for<[string, HandshakeMessage, string]>([
  ['in progress', { id: 'in-progress', token: octets('aabb') }, '16 01 00 0002 aabb'],
  ['done', { id: 'done', token: octets('cc') }, '14 01 00 0001 cc'],
  ['done without a token', { id: 'done', token: octets('') }, '14 01 00 0000'],
  ['an error', { id: 'error', hresult: 0x8009030c | 0 }, '15 01 00 0008 0c030980ffffffff'],
  ['an error without sign', { id: 'error', hresult: 5 }, '15 01 00 0008 0500000000000000'],
])('handshake: %s, there and back', ([, message, wire]) => {
  expect(hex(encodeHandshake(message))).toBe(wire.replaceAll(' ', ''));
  const decoder = new FrameDecoder();
  decoder.push(octets(wire));
  expect(decoder.nextMessage()).toEqual(message);
  expect(decoder.atBoundary).toBe(true);
});

test('a token as long as its length field can say, and one byte longer', () => {
  const longest = encodeHandshake({ id: 'done', token: new Uint8Array(MAX_TOKEN_BYTES) });
  const decoder = new FrameDecoder();
  decoder.push(longest.subarray(0, -1));
  expect(decoder.nextMessage()).toBeUndefined();
  decoder.push(longest.subarray(-1));
  expect(decoder.nextMessage()).toMatchObject({ id: 'done' });
  const longer = { id: 'done', token: new Uint8Array(MAX_TOKEN_BYTES + 1) } as const;
  expect(() => encodeHandshake(longer)).toThrow('65536 bytes');
});

test.for([
  ['another protocol', '00'],
  ['a TLS ClientHello (16 03 01)', '16 03'],
  ['another version', '16 01 01'],
  ['an error without a status', '15 01 00 0004 00000000'],
])('handshake: %s is refused with the first byte that shows it', ([, wire = '']) => {
  const bytes = octets(wire);
  const decoder = new FrameDecoder();
  for (const byte of bytes.subarray(0, -1)) {
    decoder.push(Uint8Array.of(byte));
    expect(decoder.nextMessage()).toBeUndefined();
  }
  decoder.push(bytes.subarray(-1));
  expect(() => decoder.nextMessage()).toThrow('does not speak the negotiate protocol');
});

test.for([0, 1, 61, 0xfc30, 0xfc3c, MAX_FRAME_BYTES])('a frame of %d bytes is taken', (size) => {
  const frame = new Uint8Array(size).fill(7);
  const decoder = new FrameDecoder();
  decoder.push(frameHeader(size));
  expect(decoder.nextFrame()?.length).toBe(size === 0 ? 0 : undefined);
  if (size > 0) {
    decoder.push(frame);
    expect(Buffer.compare(decoder.nextFrame() ?? octets(''), frame)).toBe(0);
  }
  expect(decoder.atBoundary).toBe(true);
});

test.for([MAX_FRAME_BYTES + 1, 0x0100_0000, 0xffff_ffff])(
  'a frame of %d bytes is refused for its size alone',
  (size) => {
    const decoder = new FrameDecoder();
    decoder.push(frameHeader(size));
    expect(() => decoder.nextFrame()).toThrow(expect.objectContaining({ code: 'QuotaExceeded' }));
  },
);

test('the longest frame that .NET makes fits: Kerberos adds 60 bytes, and up to 72 with SHA-2', () => {
  expect(MAX_PLAIN_BYTES + 72).toBeLessThanOrEqual(MAX_FRAME_BYTES);
});

test('the stream of handshake and frames, in every cut', () => {
  const whole = decodeStream([STREAM]);
  for (let cut = 0; cut <= STREAM.length; cut++) {
    expect(decodeStream([STREAM.slice(0, cut), STREAM.slice(cut)])).toBe(whole);
  }
  for (const size of [1, 2, 3, 5, 7]) expect(decodeStream(pieces(STREAM, size))).toBe(whole);
  expect(whole).toBe('in-progress aabbcc;done dd;frame 0102;frame ;frame 030405;true');
});

test('what is not yet read is kept although the memory of the chunk is used again', () => {
  const chunk = octets('16 01 00 0003 aa');
  const decoder = new FrameDecoder();
  decoder.push(chunk);
  expect(decoder.nextMessage()).toBeUndefined();
  chunk.fill(0);
  decoder.push(octets('bbcc 02000000 01'));
  expect(decoder.nextMessage()).toEqual({ id: 'in-progress', token: octets('aabbcc') });
  expect(decoder.nextFrame()).toBeUndefined();
  decoder.push(octets('02'));
  expect(decoder.nextFrame()).toEqual(octets('0102'));
});
