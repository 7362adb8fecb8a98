import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { NetTcpError } from '../../errors.ts';
import { copyOctets } from '../../octets.ts';
import { concat } from '../../security/bytes.ts';
import {
  type FrameDecoder,
  frameHeader,
  MAX_PLAIN_BYTES,
} from '../../security/negotiate/frames.ts';
import type { SecurityContext } from '../../security/negotiate/mechanism.ts';
import { ignoreError } from '../connection.ts';
import { startReading } from '../node-internals.ts';
import { disownSocket, ownSocket, type SocketOwner } from '../socket-owner.ts';

const NOTHING = new Uint8Array(0);

/**
 * The data of two sides that have negotiated: what is written is wrapped into frames, what is read is unwrapped
 * from them. [MS-NNS] 2.2.2
 *
 * A frame that was changed, repeated, left out or cut ends the connection with an error, and nothing of it is
 * ever read. There is no frame that ends a direction: as in .NET, the end of the socket's half does.
 */
export class NegotiatedStream extends Duplex implements SocketOwner {
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  readonly #context: SecurityContext;
  #isReleased = false;
  #socketError: Error | undefined;

  /**
   * @param socket  belongs to this stream from now on; it has no other owner
   * @param decoder may hold what came after the handshake
   */
  constructor(socket: Socket, decoder: FrameDecoder, context: SecurityContext) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#decoder = decoder;
    this.#context = context;
    decoder.keep();
    ownSocket(socket, this);
    // Without a listener an 'error' ends the process; the stream's owner learns of it by 'close'.
    this.on('error', ignoreError);
  }

  override _read(): void {
    if (this.#isReleased) return;
    this.#readFrames();
    this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _: string, callback: (error?: Error | null) => void): void {
    const socket = this.#socket;
    for (let at = 0; at < chunk.length; at += MAX_PLAIN_BYTES) {
      const frame = this.#context.wrap(chunk.subarray(at, at + MAX_PLAIN_BYTES));
      socket.write(concat(frameHeader(frame.length), frame));
    }
    // The kernel has taken it: the writer may go on at once, in the same memory.
    if (socket.writableLength === 0) callback();
    else socket.write(NOTHING, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#isReleased) callback();
    else this.#socket.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#isReleased) this.#socket.destroy();
    callback(error);
  }

  /** As a socket's: closes once everything is sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /**
   * Lets go of the socket, which goes on in the clear, after a session that has ended on both sides: nothing is
   * read here any more, and nothing here closes it. This protocol has no farewell.
   *
   * @returns false where it cannot: it is closed, or the peer has sent something that nobody has read
   */
  release(): boolean {
    if (this.destroyed || this.readableLength > 0 || !this.#decoder.atBoundary) return false;
    this.#isReleased = true;
    disownSocket(this.#socket);
    startReading(this.#socket);
    return true;
  }

  /** Takes what the socket read. */
  receive(octets: Uint8Array): void {
    if (this.destroyed) return;
    this.#decoder.push(octets);
    this.#readFrames();
  }

  /** The peer closed its half of the socket. */
  onEnd(): void {
    if (this.#decoder.atBoundary) this.push(null);
    else this.destroy(broken('the peer closed the connection in the middle of a frame'));
  }

  onError(error: Error): void {
    this.#socketError ??= error;
  }

  onClose(): void {
    this.destroy(this.#socketError);
  }

  /** Reads all whole frames, even if nobody wants more just now: the chunk's memory is used again after this. */
  #readFrames(): void {
    try {
      let isWanted = true;
      for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
        const data = this.#context.unwrap(frame);
        // Data that was only signed lies in the chunk.
        const isOwn = data.buffer !== frame.buffer;
        if (data.length > 0) isWanted = this.push(isOwn ? data : copyOctets(data, 0, data.length));
      }
      if (!isWanted) this.#socket.pause();
    } catch (error) {
      this.destroy(NetTcpError.from(error));
    }
  }

  #next(): Uint8Array | undefined {
    return this.destroyed ? undefined : this.#decoder.nextFrame();
  }
}

function broken(why: string): NetTcpError {
  return new NetTcpError('Communication', `The protected connection broke: ${why}.`);
}
