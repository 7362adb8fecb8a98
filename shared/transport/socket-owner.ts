import type { Duplex } from 'node:stream';
import { READER, takeReads } from './shared-read.ts';

/** What a connection tells its owner: asynchronously (save in `receive`), `onClose` exactly once and last. */
export interface ConnectionHandler {
  /** Bytes that arrived; valid until this returns. */
  onOctets(octets: Uint8Array): void;
  /** Knows where the next bytes belong: see `OctetInput.room`. */
  readonly reader?: { readonly room: Uint8Array | undefined };
  /** The peer closed its half. */
  onEnd(): void;
  /** The peer has read what was unsent: `isBehind` is over. */
  onDrain?(): void;
  /** The connection is gone; `error` says why, unless it was closed in order. */
  onClose(error: Error | undefined): void;
}

/** Is told what happens to a socket, or to what an upgrade has made of one. */
export interface SocketOwner {
  /** Bytes that were read; they are valid until it returns. */
  receive(octets: Uint8Array): void;
  /** Where the next bytes are to be read to, if that matters; it may be another place after each `receive`. */
  readonly room?: Uint8Array | undefined;
  /** The peer closed its half. */
  onEnd(): void;
  /** `onClose` follows. */
  onError(error: Error): void;
  onClose(): void;
}

// All sockets have the same four functions as listeners, and each knows its owner: four functions for each
// would be a sixth of what an idle connection takes.
type Owned = Duplex & { [READER]?: SocketOwner | undefined };

/** Tells `owner` of everything that happens to `socket`, from now on. */
export function ownSocket(socket: Duplex, owner: SocketOwner): void {
  takeReads(socket, owner);
  socket.on('error', onError).on('data', onData).on('end', onEnd).on('close', onClose);
}

/** Ends what {@link ownSocket} began. The socket needs another `error` listener before this turn ends. */
export function disownSocket(socket: Duplex): void {
  socket.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
  takeReads(socket, undefined);
}

export function ownerOf(socket: Duplex): object | undefined {
  return (socket as Owned)[READER];
}

function onData(this: Owned, chunk: Uint8Array): void {
  this[READER]?.receive(chunk);
}

function onEnd(this: Owned): void {
  this[READER]?.onEnd();
}

function onError(this: Owned, error: Error): void {
  this[READER]?.onError(error);
}

function onClose(this: Owned): void {
  this[READER]?.onClose();
}
