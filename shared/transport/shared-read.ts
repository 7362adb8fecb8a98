import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type OnRead, setOnRead, withOnRead } from './node-internals.ts';

/** Under this name a socket knows who takes what is read of it. */
export const READER = Symbol('reader');

/** Takes bytes that were read; they are good until it returns. */
interface Reader {
  receive(octets: Uint8Array): void;
}

interface Readable extends Duplex {
  [READER]?: Reader | undefined;
}

/**
 * What sockets are made with, as their option `onread`: they all read into one piece of memory, which is
 * free again when what was read has been handled. Else Node allocates 64 KiB for each read: a call takes
 * 8 % longer then, and so does to connect.
 */
export const SHARED_READ = {
  buffer: Buffer.allocUnsafeSlow(65_536),
  callback: onRead,
} satisfies OnRead;

/** The same as an option of `connect`. Bun calls it as no method of the socket: there each read has memory of its own. */
export const READ_OPTION = process.versions['bun'] === undefined ? { onread: SHARED_READ } : {};

/** Node calls it as a method of the socket. */
function onRead(this: Readable, count: number, buffer: Uint8Array): boolean {
  // Of a Buffer, `slice` would be no copy.
  const octets = new Uint8Array(buffer.buffer, buffer.byteOffset, count);
  const reader = this[READER];
  // Nobody has it just now: the bytes wait in the stream.
  if (reader === undefined) return this.push(Buffer.from(octets));
  reader.receive(octets);
  return true;
}

/** Gives all that is read of a socket to `reader`, from the next read on. */
export function takeReads(socket: Duplex, reader: Reader | undefined): void {
  (socket as Readable)[READER] = reader;
}

/** Makes a socket of a descriptor that came from another process. It reads into the shared memory. */
export function adoptSocket(fd: number): Socket {
  return new Socket(withOnRead({ fd, allowHalfOpen: true }, SHARED_READ));
}

/** Lets a socket that a server has accepted read into the shared memory, too. */
export function shareRead(socket: Socket): void {
  setOnRead(socket, SHARED_READ);
}
