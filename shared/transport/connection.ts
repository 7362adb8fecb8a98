import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { OctetWriter } from '../octets.ts';
import { closeStream, Draining, type DrainLimits } from './draining.ts';
import { hasSent, startReading, stopReading } from './node-internals.ts';
import type { SlowReaders } from './slow-readers.ts';
import {
  type ConnectionHandler,
  disownSocket,
  ownerOf,
  ownSocket,
  type SocketOwner,
} from './socket-owner.ts';
import type { ByteStream } from './upgrade.ts';
import { giveWriterBack, laterIn, takeWriter } from './spare-writers.ts';

const NOTHING = new Uint8Array(0);

// A turn that writes more than this sends it in several writes, so that the peer works on the first while
// the rest is still being written: 2.3 instead of 1.7 million calls a second with 1,000 in flight.
export const WRITE_AT_BYTES = 8_192;

/**
 * One stream socket (TCP, or a relayed one), with one write per turn (several beyond 8 KiB): what is written
 * while bytes are being handled goes out when that is done, anything else at the end of the turn.
 */
export class Connection implements SocketOwner {
  /** The socket itself. */
  readonly socket: Socket;
  /** What is read and written: the socket, or what an upgrade has made of it. */
  readonly stream: ByteStream;
  readonly #handler: ConnectionHandler;
  readonly #slowReaders: SlowReaders | undefined;
  #out: OctetWriter | undefined;
  /** Its memory is the stream's until that has sent everything. */
  #sending: OctetWriter | undefined;
  #isHandling = false;
  #isScheduled = false;
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
    this.socket = socket;
    this.stream = stream;
    this.#handler = handler;
    this.#slowReaders = slowReaders;
    ownSocket(stream, this);
  }

  get isOpen(): boolean {
    return !this.stream.destroyed && this.stream.writable;
  }

  /** More is unsent than allowed: whatever can wait for `onDrain` must wait. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** The writer to append whole records to. They are sent by the end of this turn, and after a message that is begun. */
  writer(): OctetWriter {
    if (this.#out !== undefined && this.#out.messageAt !== 0) return laterIn(this.#out);
    if (this.#out !== undefined && this.#out.length >= WRITE_AT_BYTES) this.flush();
    this.#out ??= takeWriter();
    if (!this.#isHandling && !this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(flushScheduled, this);
    }
    return this.#out;
  }

  /** Takes bytes that somebody else has read, as if they had just arrived. */
  receive(octets: Uint8Array): void {
    if (this.#draining !== undefined) return this.#draining.take(octets.length);
    this.#isHandling = true;
    try {
      this.#handler.onOctets(octets);
    } finally {
      this.#isHandling = false;
      this.flush();
    }
  }

  private onDrain(): void {
    if (ownerOf(this.stream) !== this) return;
    this.#isBehind = false;
    this.onSent();
    this.#isHandling = true;
    try {
      this.#handler.onDrain?.();
    } finally {
      this.#isHandling = false;
      this.flush();
    }
    if (!this.#isPaused && !this.#isBehind) this.stream.resume();
  }

  /** Sends what has been written, now. */
  flush(): void {
    const out = this.#out;
    if (out === undefined || out.length === 0 || out.messageAt !== 0) return;
    this.#out = undefined;
    if (!this.isOpen) return giveWriterBack(out);
    const { stream } = this;
    const { length } = out;
    let held = length;
    const octets = Buffer.from(out.bytes.buffer as ArrayBuffer, 0, length);
    if (stream.writableLength > 0) {
      // The bytes have to wait: in memory of their size, because a writer's may be twice as large.
      stream.write(Buffer.from(octets));
      giveWriterBack(out);
    } else {
      this.onSent();
      const before = stream === this.socket ? NaN : this.socket.bytesWritten;
      stream.write(octets);
      // The kernel has it all, so the memory is ours again. The stream of TLS does not know that yet.
      const isSent = stream.writableLength === 0 || hasSent(this.socket, before + length);
      if (isSent) return giveWriterBack(out);
      this.#sending = out;
      held = out.bytes.length;
    }
    this.wrote(length, held);
  }

  /** So many bytes went to the stream, from here or not, in so much memory: the peer has to read them in time. */
  wrote(bytes: number, held = bytes): void {
    if (this.#slowReaders?.wrote(this, bytes, held) === true) this.onBehind();
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
    this.flush();
    closeStream(this.stream);
  }

  /** Drops the connection; what has not been sent is lost. */
  destroy(error?: Error): void {
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
    this.flush();
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
    this.flush();
    const { socket, stream } = this;
    stopReading(stream);
    disownSocket(stream);
    this.#slowReaders?.forget(this);
    const rest = stream.readableLength > 0 ? (stream.read() as Buffer | null) : null;
    return { socket, octets: rest ?? NOTHING };
  }

  /** Called at the end of a turn. */
  onFlush(): void {
    this.#isScheduled = false;
    this.flush();
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
    this.#slowReaders?.forget(this);
    this.onSent();
    if (this.#out !== undefined) giveWriterBack(this.#out);
    this.#out = undefined;
    this.#handler.onClose(this.#error);
  }

  /** All that was given to the stream has left it: memory is used again, not left to the garbage collector. */
  private onSent(): void {
    if (this.#sending !== undefined) giveWriterBack(this.#sending);
    this.#sending = undefined;
  }

  /** The peer does not read its answers: it gets no more until it does. */
  private onBehind(): void {
    if (this.#isBehind) return;
    this.#isBehind = true;
    this.stream.pause();
    // Not 'drain': that comes only if more than the stream's high-water mark was unsent, 64 KiB since Node 22.
    this.stream.write(NOTHING, (error) => {
      if (error === null || error === undefined) this.onDrain();
    });
  }
}

function flushScheduled(connection: Connection): void {
  connection.onFlush();
}

/** An `error` listener for sockets whose errors `close` reports, or that nobody waits for. */
export function ignoreError(): void {}
