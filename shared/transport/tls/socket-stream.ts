import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { closeStream } from '../draining.ts';
import { startReading } from '../node-internals.ts';
import { disownSocket, ownSocket, type SocketOwner } from '../socket-owner.ts';

/**
 * A socket as a plain stream, which an upgrade can be put on and taken off again: TLS directly on a socket never
 * gives it back.
 */
export class SocketStream extends Duplex implements SocketOwner {
  readonly #socket: Socket;
  #isReleased = false;
  #error: Error | undefined;

  /** @param socket has no owner; it is read from now on */
  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    ownSocket(socket, this);
    startReading(socket);
  }

  /**
   * Lets go of the socket: it goes on reading, and needs another owner before this turn ends. What is still
   * written here is sent, and nothing here closes it any more.
   */
  release(): void {
    this.#isReleased = true;
    disownSocket(this.#socket);
  }

  receive(octets: Uint8Array): void {
    if (!this.push(Buffer.from(octets))) this.#socket.pause();
  }

  onEnd(): void {
    this.push(null);
  }

  onError(error: Error): void {
    this.#error ??= error;
  }

  onClose(): void {
    this.destroy(this.#error);
  }

  override _read(): void {
    if (!this.#isReleased) this.#socket.resume();
  }

  override _write(
    octets: Uint8Array,
    _: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(octets, done);
  }

  override _final(done: () => void): void {
    if (!this.#isReleased) this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isReleased) {
      if (error === null) closeStream(this.#socket);
      else this.#socket.destroy();
    }
    done(error);
  }
}
