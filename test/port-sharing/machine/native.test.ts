// What is passed between processes by libc: which systems it is known for, and that no descriptor is lost on the way.
import { once } from 'node:events';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import koffi from 'koffi';
import { expect, onTestFinished, test } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import { loadNative } from '../../../shared/port-sharing/machine/native.ts';
import {
  layoutOf,
  readRights,
  spaceOfOne,
  writeRights,
} from '../../../shared/port-sharing/machine/native-layout.ts';
import { limitSegments, SEGMENT_BYTES } from '../../../shared/port-sharing/machine/segment-size.ts';
import { descriptorOf } from '../../../shared/transport/node-internals.ts';

test.for<[platform: string, architecture: string, byteOrder: 'LE' | 'BE', isKnown: boolean]>([
  ['linux', 'x64', 'LE', true],
  ['linux', 'arm64', 'LE', true],
  ['linux', 'riscv64', 'LE', true],
  ['linux', 'loong64', 'LE', true],
  ['darwin', 'x64', 'LE', true],
  ['darwin', 'arm64', 'LE', true],
  ['linux', 'arm64', 'BE', false],
  ['linux', 'arm', 'LE', false], // pointers of 4 bytes
  ['linux', 'ia32', 'LE', false],
  ['linux', 's390x', 'BE', false],
  ['linux', 'ppc64', 'LE', false], // SO_PEERCRED is another number
  ['linux', 'mipsel', 'LE', false], // SOL_SOCKET is another number
  ['win32', 'x64', 'LE', false],
  ['freebsd', 'x64', 'LE', false],
])('%s %s %s: hand-over %s', ([platform, architecture, byteOrder, isKnown]) => {
  if (isKnown) {
    expect(layoutOf(platform, architecture, byteOrder).dataAt).toBeGreaterThan(0);
    return;
  }
  const refusal = new RegExp(`cannot be handed over on ${platform}`);
  expect(() => layoutOf(platform, architecture, byteOrder)).toThrow(refusal);
  expect(() => layoutOf(platform, architecture, byteOrder)).toThrow(NetTcpError);
});

test.for(['linux', 'darwin'])('%s: control data, written and read', (platform) => {
  const layout = layoutOf(platform, 'arm64', 'LE');
  const control = Buffer.alloc(64);
  writeRights(control, layout, 7);
  const one = control.subarray(0, spaceOfOne(layout));
  expect(readRights(one, layout)).toEqual([7]);
  // Two messages with one each, one with two, one that is cut, one that is something else.
  expect(readRights(Buffer.concat([one, one]), layout)).toEqual([7, 7]);
  const two = Buffer.alloc(layout.dataAt + 8);
  one.copy(two);
  two.writeUInt32LE(layout.dataAt + 8, 0);
  two.writeInt32LE(9, layout.dataAt + 4);
  expect(readRights(two, layout)).toEqual([7, 9]);
  expect(readRights(two.subarray(0, -4), layout)).toEqual([7]);
  for (let length = 0; length < layout.dataAt + 4; length++) {
    expect(readRights(one.subarray(0, length), layout)).toEqual([]);
  }
  const other = Buffer.from(one);
  other.writeUInt32LE(2, layout.levelAt + 4);
  expect(readRights(Buffer.concat([other, one]), layout)).toEqual([7]);
});

const open = (): readonly string[] => readdirSync('/proc/self/fd').toSorted();

/** Sends `bytes` bytes with copies of a descriptor, as no service of the suite does. */
function sendOddly(channel: number, bytes: number, descriptors: readonly number[]): number {
  const libc = koffi.load(null);
  const sendmsg = libc.func('intptr_t sendmsg(int fd, void *msg, int flags)') as (
    ...args: unknown[]
  ) => number;
  const data = Buffer.allocUnsafeSlow(Math.max(bytes, 1)).fill(1);
  const length = 16 + 4 * descriptors.length;
  const control = Buffer.allocUnsafeSlow(Math.ceil(length / 8) * 8).fill(0);
  control.writeUInt32LE(length, 0);
  control.writeUInt32LE(1, 8);
  control.writeUInt32LE(1, 12);
  descriptors.forEach((each, index) => control.writeInt32LE(each, 16 + 4 * index));
  const vector = Buffer.allocUnsafeSlow(16);
  vector.writeBigUInt64LE(koffi.address(data), 0);
  vector.writeBigUInt64LE(BigInt(bytes), 8);
  const message = Buffer.allocUnsafeSlow(56).fill(0);
  message.writeBigUInt64LE(koffi.address(vector), 16);
  message.writeUInt32LE(1, 24);
  message.writeBigUInt64LE(koffi.address(control), 32);
  message.writeUInt32LE(control.length, 40);
  return sendmsg(channel, message, 0x40);
}

test.for<[bytes: number, count: number]>([
  [4, 2],
  [4, 3],
  [4, 253],
  [1, 1],
  [2, 2],
  [3, 253],
  [8, 1],
  [8, 2],
])('%i bytes with %i descriptors: none is lost', async ([bytes, count], { skip }) => {
  if (process.platform !== 'linux') skip('the layout of the test is that of Linux');
  const native = await loadNative();
  const socketpair = koffi.load(null).func('int socketpair(int, int, int, _Out_ int *)') as (
    ...args: unknown[]
  ) => number;
  const ends = [0, 0];
  expect(socketpair(1, 1, 0, ends)).toBe(0);
  const [near = -1, far = -1] = ends;
  const file = openSync('/dev/null', 'r');
  onTestFinished(() => [near, far, file].forEach((each) => closeSync(each)));
  const before = open();
  expect(sendOddly(far, bytes, Array(count).fill(file))).toBe(bytes);
  const received: (number | undefined)[] = [];
  for (let each = 0; each < 3; each++) {
    received.push(native.receiveDescriptor(near)?.descriptor);
  }
  const taken = received.filter((each) => each !== undefined);
  for (const each of taken) closeSync(each);
  expect(open()).toEqual(before);
  // After whole messages, correct ones that follow still arrive.
  if (bytes % 4 !== 0) return;
  expect(native.sendDescriptor(far, 42, file)).toBe('sent');
  const next = native.receiveDescriptor(near);
  expect(next).toMatchObject({ id: 42, descriptor: expect.any(Number) });
  if (next?.descriptor !== undefined) closeSync(next.descriptor);
});

test('a listening socket accepts connections with segments of SEGMENT_BYTES on loopback', async ({
  skip,
}) => {
  if (process.platform !== 'linux') skip('other loopbacks have smaller segments');
  const native = await loadNative();
  // TCP_INFO: tcpi_snd_mss is after eight bytes of flags, rto and ato.
  const getsockopt = koffi
    .load(null)
    .func('int getsockopt(int, int, int, void *, void *)') as unknown as (
    ...args: unknown[]
  ) => number;
  const segmentsOf = async (isLimited: boolean): Promise<number> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    if (isLimited) limitSegments(server, native);
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    const info = Buffer.allocUnsafeSlow(104);
    const length = Buffer.allocUnsafeSlow(4);
    length.writeUInt32LE(info.length);
    const outcome = getsockopt(descriptorOf(socket), 6, 11, info, length);
    client.destroy();
    socket.destroy();
    server.close();
    expect(outcome).toBe(0);
    return info.readUInt32LE(16);
  };
  expect(await segmentsOf(false)).toBeGreaterThan(SEGMENT_BYTES);
  expect(await segmentsOf(true)).toBeLessThanOrEqual(SEGMENT_BYTES);
});
