// What a socket is like that was accepted, or that came from another process.
import { once } from 'node:events';
import { connect, type Server, Socket } from 'node:net';
import koffi from 'koffi';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bind, portOf } from '../../shared/transport/listener.ts';
import { descriptorOf } from '../../shared/transport/node-internals.ts';
import { adoptSocket } from '../../shared/transport/shared-read.ts';
import { eventually } from '../helpers/eventually.ts';
import { socketPair } from '../helpers/network/socket-pair.ts';

const libc = koffi.load(null);
const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)') as (
  fd: number,
  level: number,
  name: number,
  value: Uint8Array,
  length: Uint8Array,
) => number;
const dup = libc.func('int dup(int fd)') as (fd: number) => number;

/** Whether a socket sends at once: TCP_NODELAY. */
function sendsAtOnce(socket: Socket): boolean {
  const value = Buffer.alloc(4);
  expect(getsockopt(descriptorOf(socket) ?? -1, 6, 1, value, Buffer.from([4, 0, 0, 0]))).toBe(0);
  return value.readInt32LE() !== 0;
}

test('every accepted connection sends at once, and only the first are told to', async () => {
  const accepted: Socket[] = [];
  const server: Server = await bind('127.0.0.1', 0, 1, (socket) => accepted.push(socket));
  const told = vi.spyOn(Socket.prototype, 'setNoDelay');
  onTestFinished(() => {
    told.mockRestore();
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  for (let count = 1; count <= 5; count++) {
    const far = connect({ port: portOf([server]), host: '127.0.0.1' });
    onTestFinished(() => void far.destroy());
    await eventually(() => expect(accepted.length).toBe(count));
  }
  expect(accepted.map(sendsAtOnce)).toEqual([true, true, true, true, true]);
  // The kernel held two at most before the listening socket was told.
  expect(told).toHaveBeenCalledTimes(process.platform === 'linux' ? 2 : 5);
});

test('a socket made of a descriptor is one like any other, the first and those after it', async () => {
  for (let round = 0; round < 3; round++) {
    const [near, far] = await socketPair();
    const adopted = adoptSocket(dup(descriptorOf(near) ?? -1));
    onTestFinished(() => void adopted.destroy());
    near.destroy();
    expect([adopted.remotePort, adopted.allowHalfOpen]).toEqual([far.localPort, true]);
    const asked = once(adopted, 'data');
    far.write('asked');
    expect(String((await asked)[0])).toBe('asked');
    const answered = once(far, 'data');
    adopted.write('answered');
    expect(String((await answered)[0])).toBe('answered');
    const ended = once(adopted, 'end');
    far.end();
    await ended;
    expect(adopted.destroyed).toBe(false); // its own half is still open
  }
});
