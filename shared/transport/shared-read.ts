import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type OnRead, readNextInto, setOnRead, tcpSocket, withOnRead } from './node-internals.ts';

/** The property of a socket that holds its reader. */
export const READER = Symbol('reader');

/** Takes bytes that were read; they are valid until it returns. */
interface Reader {
  receive(octets: Uint8Array): void;
  /** Where the next bytes are to be read to. Default: into {@link SHARED_READ}. */
  readonly room?: Uint8Array | undefined;
}

interface Readable extends Duplex {
  [READER]?: Reader | undefined;
}

/**
 * The option `onread` of all sockets: they read into one piece of memory, which is free again when the bytes
 * have been handled. Otherwise Node allocates 64 KiB for each read: calling and connecting take 8 % longer. Of a long
 * message the rest is read to where it belongs.
 */
export const SHARED_READ = {
  buffer: Buffer.allocUnsafeSlow(65_536),
  callback: onRead,
} satisfies OnRead;

/** The same for `connect`; not in Bun, which does not call it as a method: each read has its own memory there. */
export const READ_OPTION = process.versions['bun'] === undefined ? { onread: SHARED_READ } : {};

/** Node calls it as a method of the socket. */
function onRead(this: Readable, count: number, buffer: Uint8Array): boolean {
  // Not a Buffer, whose `slice` does not copy.
  const octets = new Uint8Array(buffer.buffer, buffer.byteOffset, count);
  const reader = this[READER];
  let goesOn = true;
  // It has no owner just now: the bytes wait in the stream.
  if (reader === undefined) goesOn = this.push(Buffer.from(octets));
  else reader.receive(octets);
  // Its reader may be another one by now.
  const room = this[READER]?.room;
  const isShared = buffer === SHARED_READ.buffer;
  if (room !== undefined || !isShared) readNextInto(this, SHARED_READ, room ?? SHARED_READ.buffer);
  return goesOn;
}

/** Gives all that is read from a socket to `reader`, from the next read on. */
export function takeReads(socket: Duplex, reader: Reader | undefined): void {
  (socket as Readable)[READER] = reader;
}

/** Makes a socket of a TCP connection that came from another process. It reads into {@link SHARED_READ}. */
export function adoptSocket(fd: number): Socket {
  return tcpSocket(fd, withOnRead({ allowHalfOpen: true }, SHARED_READ));
}

/** Lets a socket that a server has accepted read into {@link SHARED_READ}, too. */
export function shareRead(socket: Socket): void {
  setOnRead(socket, SHARED_READ);
}
