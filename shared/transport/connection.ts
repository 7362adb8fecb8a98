import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';
import { OctetWriter } from '../octets.ts';
import { READER, takeReads } from './shared-read.ts';
import { startReading, stopReading } from './socket-handle.ts';

/** What a connection tells its owner. All of it comes asynchronously, `onClose` exactly once and last. */
export interface ConnectionHandler {
  /** Octets that arrived; good until this returns. */
  onOctets(octets: Uint8Array): void;
  /** The peer closed its half. */
  onEnd(): void;
  /** The peer has read what was unsent: `isBehind` is over. */
  onDrain?(): void;
  /** The connection is gone; `error` says why, when it was not closed in order. */
  onClose(error: Error | undefined): void;
}

// Writers that no connection is using: an idle connection holds none. Bounded in number and size.
const spareWriters: OctetWriter[] = [];
const MAX_SPARE_WRITERS = 16;
const MAX_SPARE_CAPACITY = 262_144;

const NOTHING = new Uint8Array(0);

// A turn that writes more than this sends it in several writes, so that the peer works on the first while
// the rest is still being written: 2.3 instead of 1.7 million calls a second with 1,000 in flight.
const WRITE_AT_BYTES = 8_192;

/**
 * One stream socket (TCP, or a relayed one), with one write a turn: what is written while octets
 * are being handled goes out together when that is done, anything else at the end of the turn.
 */
export class Connection {
  readonly socket: Socket;
  readonly #handler: ConnectionHandler;
  readonly #limits: Pick<Limits, 'maxUnsentBytes' | 'slowReaderTimeoutMs'>;
  #out: OctetWriter | undefined;
  #isHandling = false;
  #isScheduled = false;
  #error: Error | undefined;
  #slowReader: NodeJS.Timeout | undefined;
  #isPaused = false;
  /** Octets that may still come behind a fault; set from then on. */
  #drainLeft: number | undefined;

  constructor(
    socket: Socket,
    handler: ConnectionHandler,
    limits: Pick<Limits, 'maxUnsentBytes' | 'slowReaderTimeoutMs'>,
  ) {
    this.socket = socket;
    this.#handler = handler;
    this.#limits = limits;
    takeReads(socket, this);
    socket.on('error', onError).on('data', onData).on('end', onEnd).on('close', onClose);
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** More is unsent than may be: nothing is to be added that can wait for `onDrain`. */
  get isBehind(): boolean {
    return this.#slowReader !== undefined;
  }

  /** Where to write: append whole records. They are sent by the end of this turn. */
  writer(): OctetWriter {
    if (this.#out !== undefined && this.#out.length >= WRITE_AT_BYTES) this.flush();
    if (this.#out === undefined) this.#out = spareWriters.pop() ?? new OctetWriter(4_096);
    if (!this.#isHandling && !this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(flushScheduled, this);
    }
    return this.#out;
  }

  /** Hands octets in as if they had just arrived: those that somebody else read before. */
  receive(octets: Uint8Array): void {
    if (this.#drainLeft !== undefined) return this.#drain(octets.length);
    this.#isHandling = true;
    try {
      this.#handler.onOctets(octets);
    } finally {
      this.#isHandling = false;
      this.flush();
    }
  }

  #onDrain(): void {
    if ((this.socket as Owned)[READER] !== this) return;
    clearTimeout(this.#slowReader);
    this.#slowReader = undefined;
    this.#isHandling = true;
    try {
      this.#handler.onDrain?.();
    } finally {
      this.#isHandling = false;
      this.flush();
    }
    if (!this.#isPaused && !this.isBehind) this.socket.resume();
  }

  /** Sends what has been written, now. */
  flush(): void {
    const out = this.#out;
    if (out === undefined || out.length === 0) return;
    this.#out = undefined;
    if (!this.isOpen) return recycle(out);
    this.socket.write(Buffer.from(out.bytes.buffer as ArrayBuffer, 0, out.length));
    // Nothing left in the stream: the kernel has it all, so the memory is ours again.
    if (this.socket.writableLength === 0) recycle(out);
    else if (this.socket.writableLength > this.#limits.maxUnsentBytes) this.#onSlowReader();
  }

  /** Stops reading until `resume`: the peer waits. */
  pause(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#slowReader === undefined) this.socket.resume();
  }

  /** Sends what has been written, closes our half, and the connection once that is out. */
  close(): void {
    this.flush();
    closeSocket(this.socket);
  }

  /** Drops the connection; what has not been sent is lost. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.socket.destroy();
  }

  /**
   * Drops the connection with a reset, where there is one (a relayed connection has none): the peer
   * learns at once that nobody is left.
   */
  reset(error?: Error): void {
    this.#error ??= error;
    const { socket } = this;
    const isConnected =
      !socket.connecting && !socket.destroyed && socket.remoteFamily !== undefined;
    // libuv refuses to reset a socket whose half is being closed, and Node would never close it then.
    if (isConnected && !socket.writableEnded) socket.resetAndDestroy();
    else socket.destroy();
  }

  /**
   * Closes behind a fault: our half now, the rest when the peer closes, has sent `maxBytes` more, or
   * `maxMs` have gone by. Closing at once would make the kernel answer unread octets with a reset,
   * which may overtake the fault.
   */
  closeDraining(maxBytes: number, maxMs: number): void {
    this.flush();
    const { socket } = this;
    this.#drainLeft = maxBytes;
    const timer = setTimeout(() => socket.destroy(), maxMs);
    socket.on('close', () => clearTimeout(timer));
    startReading(socket);
    socket.end();
  }

  /**
   * Takes the socket away from this connection, which tells its owner nothing any more. The socket
   * does not read; what it had read and not handed out is returned with it. It needs an `error`
   * listener before this turn ends.
   */
  detach(): { readonly socket: Socket; readonly octets: Uint8Array } {
    this.flush();
    const { socket } = this;
    stopReading(socket);
    socket.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
    takeReads(socket, undefined);
    clearTimeout(this.#slowReader);
    const rest = socket.readableLength > 0 ? (socket.read() as Buffer | null) : null;
    return { socket, octets: rest ?? new Uint8Array(0) };
  }

  /** For the socket's listeners. */
  onFlush(): void {
    this.#isScheduled = false;
    this.flush();
  }

  onEnd(): void {
    if (this.#drainLeft !== undefined) this.socket.destroySoon();
    else this.#handler.onEnd();
  }

  // Without a listener an 'error' ends the process; 'close' follows it and tells the owner.
  onError(error: Error): void {
    this.#error ??= error;
  }

  onClose(): void {
    clearTimeout(this.#slowReader);
    if (this.#out !== undefined) recycle(this.#out);
    this.#out = undefined;
    this.#handler.onClose(this.#error);
  }

  #drain(octets: number): void {
    this.#drainLeft = (this.#drainLeft ?? 0) - octets;
    if (this.#drainLeft < 0) this.socket.destroy();
  }

  /** The peer does not read its answers: it gets no more until it does, and not for ever. */
  #onSlowReader(): void {
    if (this.#slowReader !== undefined) return;
    const { socket } = this;
    const watch = (unsent: number): void => {
      this.#slowReader = setTimeout(() => {
        const left = socket.writableLength;
        if (left < unsent) return watch(left);
        const seconds = this.#limits.slowReaderTimeoutMs / 1_000;
        this.destroy(new Error(`the peer has read none of its ${left} octets for ${seconds} s`));
      }, this.#limits.slowReaderTimeoutMs);
    };
    socket.pause();
    watch(socket.writableLength);
    // Not 'drain': that comes only where more than the stream's own mark was unsent, 64 KiB since Node 22.
    socket.write(NOTHING, (error) => {
      if (error === null || error === undefined) this.#onDrain();
    });
  }
}

// The listeners are the same functions for every connection, which they find through their socket: five
// functions for each connection would be a sixth of what an idle one takes.
type Owned = Socket & { [READER]?: Connection | undefined };

function onData(this: Owned, chunk: Buffer): void {
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

function flushScheduled(connection: Connection): void {
  connection.onFlush();
}

/** Closes a socket once everything is sent. Where that is so already, it takes one system call less. */
export function closeSocket(socket: Socket): void {
  if (socket.writableLength === 0) socket.destroy();
  else socket.destroySoon();
}

/** An `error` listener for sockets whose errors `close` reports, or that nobody waits for. */
export function ignoreError(): void {}

function recycle(out: OctetWriter): void {
  out.clear();
  if (spareWriters.length < MAX_SPARE_WRITERS && out.bytes.length <= MAX_SPARE_CAPACITY) {
    spareWriters.push(out);
  }
}
