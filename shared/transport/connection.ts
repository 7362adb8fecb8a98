import type { Socket } from 'node:net';
import { closeStream, Draining, type DrainLimits } from './draining.ts';
import { startReading, stopReading } from './node-internals.ts';
import type { SlowReaders } from './slow-readers.ts';
import {
  type ConnectionHandler,
  disownSocket,
  ownerOf,
  ownSocket,
  type SocketOwner,
} from './socket-owner.ts';
import type { ByteStream } from './upgrade.ts';
import { NOTHING, Sending } from './sending.ts';

/**
 * One stream socket (TCP, or a relayed one), with one write per turn (several beyond 8 KiB): what is written
 * while bytes are being handled goes out when that is done, anything else at the end of the turn.
 */
export class Connection extends Sending implements SocketOwner {
  readonly #handler: ConnectionHandler;
  #error: Error | undefined;
  #isBehind = false;
  #isPaused = false;
  /** Set after a fault. */
  #draining: Draining | undefined;

  /**
   * @param slowReaders watches the peer's reading. A client has none: it must go on reading while it has much
   *   to send, or both sides may wait for ever
   * @param stream what an upgrade has made of the socket. Each of the two closes when the other does
   */
  constructor(
    socket: Socket,
    handler: ConnectionHandler,
    slowReaders?: SlowReaders,
    stream: ByteStream = socket,
  ) {
    super(socket, stream, slowReaders);
    this.#handler = handler;
    ownSocket(stream, this);
  }

  /** More is unsent than allowed: whatever can wait for `onDrain` must wait. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  get room(): Uint8Array | undefined {
    return this.#draining === undefined ? this.#handler.reader?.room : undefined;
  }

  /** Takes bytes that somebody else has read, as if they had just arrived. */
  receive(octets: Uint8Array): void {
    if (this.#draining !== undefined) return this.#draining.take(octets.length);
    this.isHandling = true;
    try {
      this.#handler.onOctets(octets);
    } finally {
      this.isHandling = false;
      this.flush();
    }
  }

  private onDrain(): void {
    if (ownerOf(this.stream) !== this) return;
    this.#isBehind = false;
    this.isHandling = true;
    try {
      this.#handler.onDrain?.();
    } finally {
      this.isHandling = false;
      this.flush();
    }
    if (!this.#isPaused && !this.#isBehind) this.stream.resume();
  }

  /** Stops reading until `resume`: the peer waits. */
  pause(): void {
    this.#isPaused = true;
    this.stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isBehind) this.stream.resume();
  }

  /** Closes the connection once everything that was written is sent. */
  close(): void {
    this.flush(true);
    closeStream(this.stream);
  }

  /** Drops the connection; what has not been sent is lost. */
  override destroy(error?: Error): void {
    this.#error ??= error;
    this.stream.destroy();
  }

  /** Drops the connection with a reset, where it has one (not if relayed): the peer learns of it at once. */
  reset(error?: Error): void {
    this.#error ??= error;
    const { socket } = this;
    const isConnected =
      !socket.connecting && !socket.destroyed && socket.remoteFamily !== undefined;
    // libuv refuses to reset a socket whose half is being closed, and Node would never close it then.
    if (isConnected && !socket.writableEnded) socket.resetAndDestroy();
    else socket.destroy();
  }

  /** Closes after a fault: our half now, the rest when {@link Draining} is over. A second call: at once. */
  closeDraining(limits: DrainLimits): void {
    const { stream } = this;
    if (this.#draining !== undefined) return void stream.destroy();
    this.flush(true);
    this.#draining = new Draining(stream, limits);
    startReading(stream);
    stream.end();
  }

  /**
   * Takes socket and stream away from this connection, which tells its owner nothing any more. They do not
   * read; bytes that were read but not handed out are returned. Both need an `error` listener before this
   * turn ends.
   */
  detach(): { readonly socket: Socket; readonly octets: Uint8Array } {
    this.flush(true);
    const { socket, stream } = this;
    stopReading(stream);
    disownSocket(stream);
    this.unwatch();
    const rest = stream.readableLength > 0 ? (stream.read() as Buffer | null) : null;
    return { socket, octets: rest ?? NOTHING };
  }

  onEnd(): void {
    if (this.#draining !== undefined) this.stream.destroySoon();
    else this.#handler.onEnd();
  }

  // Without a listener an 'error' ends the process. 'close' tells the owner; after one of TLS (an alert, a
  // record that was changed) Node closes nothing by itself.
  onError(error: Error): void {
    this.destroy(error);
  }

  onClose(): void {
    this.dropUnsent();
    this.#handler.onClose(this.#error);
  }

  /** The peer does not read its answers: it gets no more until it does. */
  protected onBehind(): void {
    if (this.#isBehind) return;
    this.#isBehind = true;
    this.stream.pause();
    // Not 'drain': that comes only if more than the stream's high-water mark was unsent, 64 KiB since Node 22.
    this.stream.write(NOTHING, (error) => {
      if (error === null || error === undefined) this.onDrain();
    });
  }
}

/** An `error` listener for sockets whose errors `close` reports, or that nobody waits for. */
export function ignoreError(): void {}
