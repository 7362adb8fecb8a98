import { Buffer } from 'node:buffer';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { handleOf } from './socket-handle.ts';

/** Under this name a socket knows who takes what is read of it. */
export const READER = Symbol('reader');

/** Takes octets that were read; they are good until it returns. */
export interface Reader {
  receive(octets: Uint8Array): void;
}

interface Readable extends Socket {
  [READER]?: Reader | undefined;
}

/**
 * What sockets are made with, as their option `onread`: they all read into one piece of memory, which is
 * free again when what was read has been handled. Else Node allocates 64 KiB for each read: a call takes
 * 8 % longer then, and so does to connect.
 */
export const SHARED_READ = { buffer: Buffer.allocUnsafeSlow(65_536), callback: onRead };

/** Node calls it as a method of the socket. */
function onRead(this: Readable, count: number, buffer: Uint8Array): boolean {
  // Of a Buffer, `slice` would be no copy.
  const octets = new Uint8Array(buffer.buffer, buffer.byteOffset, count);
  const reader = this[READER];
  // Nobody has it just now: the octets wait in the stream.
  if (reader === undefined) return this.push(Buffer.from(octets));
  reader.receive(octets);
  return true;
}

/** Gives all that is read of a socket to `reader`, from the next read on. */
export function takeReads(socket: Socket, reader: Reader | undefined): void {
  (socket as Readable)[READER] = reader;
}

/** Makes a socket of a descriptor that came from another process. It reads into the shared memory. */
export function adoptSocket(fd: number): Socket {
  return new Socket(withSharedRead({ fd, allowHalfOpen: true }));
}

/**
 * Lets a socket that a server has accepted read into the shared memory, too. `createServer` has no such
 * option; where a socket keeps it is found by making one that has it, and where that is not found, nothing
 * happens.
 */
export function shareRead(socket: Socket): void {
  names ??= findNames();
  const { buffer, callback } = names;
  const handle = handleOf(socket);
  if (buffer === undefined || callback === undefined) return;
  if (handle?.useUserBuffer === undefined) return;
  const slots = socket as unknown as Record<symbol, unknown>;
  if (slots[buffer] === SHARED_READ.buffer) return;
  slots[buffer] = SHARED_READ.buffer;
  slots[callback] = onRead;
  handle.useUserBuffer(SHARED_READ.buffer);
}

interface Names {
  readonly buffer: symbol | undefined;
  readonly callback: symbol | undefined;
}

let names: Names | undefined;

/** The names under which a socket keeps its option `onread`. */
function findNames(): Names {
  const probe = new Socket(withSharedRead({}));
  const slots = probe as unknown as Readonly<Record<symbol, unknown>>;
  const symbols = Object.getOwnPropertySymbols(probe);
  return {
    buffer: symbols.find((symbol) => slots[symbol] === SHARED_READ.buffer),
    callback: symbols.find((symbol) => slots[symbol] === onRead),
  };
}

/** `new Socket` takes what `connect` takes, but its types do not say so. */
function withSharedRead(options: SocketConstructorOpts): SocketConstructorOpts {
  return { ...options, onread: SHARED_READ } as SocketConstructorOpts;
}
