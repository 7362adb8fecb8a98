import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { OctetWriter } from '../octets.ts';
import { hasSent } from './node-internals.ts';
import type { SlowReaders } from './slow-readers.ts';
import { ownerOf } from './socket-owner.ts';
import type { ByteStream } from './upgrade.ts';

export const NOTHING = new Uint8Array(0);

// A turn that writes more than this sends it in several writes, so that the peer works on the first while
// the rest is still being written: 2.3 instead of 1.7 million calls a second with 1,000 in flight.
export const WRITE_AT_BYTES = 8_192;
/** Memory that waits with its bytes has at least this share of them in it. */
const FULL_SHARE = 0.75;

// Writers that no connection is using: an idle connection holds none. Bounded in number and size of all together.
const spare: OctetWriter[] = [];
const MAX_SPARE = 16;
const MAX_SPARE_BYTES = 4_194_304;
const FIRST_CAPACITY = 4_096;
// Before the first message: as many bytes as the size of a message may take beyond one.
const GAP = 4;
let spareBytes = 0;

/** An empty writer, to be given back by {@link giveWriterBack} once what was written to it is sent. */
function takeWriter(): OctetWriter {
  const out = spare.pop();
  if (out === undefined) return new OctetWriter(FIRST_CAPACITY, GAP);
  spareBytes -= out.bytes.length;
  return out;
}

/**
 * For records that are due while a message is being written, as a value's own code, such as a getter, has ended the
 * session: they wait for the end of that message. No message can be among them.
 */
function laterIn(out: OctetWriter): OctetWriter {
  if (out.later === undefined) {
    out.later = new OctetWriter(16);
    out.later.messageAt = -1;
  }
  return out.later;
}

/** Takes back a writer whose memory nobody else uses. */
function giveWriterBack(out: OctetWriter): void {
  out.clear();
  if (spare.length >= MAX_SPARE || spareBytes + out.bytes.length > MAX_SPARE_BYTES) return;
  spareBytes += out.bytes.length;
  spare.push(out);
}

/** Writers whose memory a stream reads from until it has sent what is in them, in the order in which it got them. */
class SendingWriters {
  readonly #writers: OctetWriter[] = [];
  /** Bytes in them. */
  bytes = 0;
  /** Bytes of memory that they take. */
  held = 0;

  add(out: OctetWriter): void {
    this.#writers.push(out);
    this.bytes += out.size;
    this.held += out.bytes.length;
  }

  /** The one that the stream got last. */
  get last(): OctetWriter | undefined {
    return this.#writers.at(-1);
  }

  /** All is sent that the stream got up to `last`: memory is used again, not left to the garbage collector. */
  sent(last: OctetWriter | undefined): void {
    const count = last === undefined ? 0 : this.#writers.indexOf(last) + 1;
    for (const out of this.#writers.splice(0, count)) {
      this.bytes -= out.size;
      this.held -= out.bytes.length;
      giveWriterBack(out);
    }
  }
}

/**
 * The side of a connection that sends: one write per turn (several beyond 8 KiB), and what has to wait for the peer
 * waits in few large pieces of memory, which are used again.
 */
export abstract class Sending {
  /** The socket itself. */
  readonly socket: Socket;
  /** What is read and written: the socket, or what an upgrade has made of it. */
  readonly stream: ByteStream;
  /** Bytes that arrived are being handled: what is written meanwhile is sent when that is done. */
  protected isHandling = false;
  readonly #slowReaders: SlowReaders | undefined;
  #out: OctetWriter | undefined;
  /** Bytes in `#out` that wait for more, as the stream has not sent what it got before. */
  #waiting = 0;
  /** What the stream has not sent. */
  #sending: SendingWriters | undefined;
  #isToldWhenSent = false;
  #isScheduled = false;

  constructor(socket: Socket, stream: ByteStream, slowReaders: SlowReaders | undefined) {
    this.socket = socket;
    this.stream = stream;
    this.#slowReaders = slowReaders;
  }

  /** The peer does not read what it is sent. */
  protected abstract onBehind(): void;
  abstract destroy(error?: Error): void;

  get isOpen(): boolean {
    return !this.stream.destroyed && this.stream.writable;
  }

  /** Bytes that are written and not sent. */
  get unsentBytes(): number {
    return this.stream.writableLength + this.#waiting;
  }

  /** Bytes of memory that hold them. */
  get heldBytes(): number {
    const { writableLength } = this.stream;
    const sending = writableLength === 0 ? undefined : this.#sending;
    const spare = sending === undefined ? 0 : sending.held - sending.bytes;
    const waiting = this.#waiting === 0 ? 0 : (this.#out?.bytes.length ?? 0);
    return writableLength + spare + waiting;
  }

  /** The writer to append whole records to. They are sent by the end of this turn, and after a message that is begun. */
  writer(): OctetWriter {
    if (this.#out !== undefined && this.#out.messageAt !== 0) return laterIn(this.#out);
    if (this.#out !== undefined && this.#out.length >= WRITE_AT_BYTES) this.flush();
    this.#out ??= takeWriter();
    if (!this.isHandling && !this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(flushScheduled, this);
    }
    return this.#out;
  }

  /**
   * Sends what has been written, now. While the stream has not sent what it got before, it gets more only by the
   * whole writer: many small messages that wait would each take ten times their size.
   *
   * @param all whether it gets the rest, too
   */
  flush(all = false): void {
    const out = this.#out;
    if (out === undefined || out.size === 0 || out.messageAt !== 0) return;
    const { stream } = this;
    const { start, size } = out;
    const bytes = size - this.#waiting;
    const isBusy = stream.writableLength > 0;
    if (this.isOpen && isBusy && !all && !isFull(out)) {
      this.#waiting = size;
      this.tellWhenSent();
      return bytes === 0 ? undefined : this.wrote(bytes);
    }
    this.#out = undefined;
    this.#waiting = 0;
    if (!this.isOpen) return giveWriterBack(out);
    if (!isBusy) this.onSent();
    const before = stream === this.socket ? NaN : this.socket.bytesWritten;
    stream.write(Buffer.from(out.bytes.buffer as ArrayBuffer, start, size));
    // The kernel has it all, so the memory is ours again. The stream of TLS does not know that yet.
    const isSent = stream.writableLength === 0 || hasSent(this.socket, before + size);
    if (!isBusy && isSent) return giveWriterBack(out);
    this.#sending ??= new SendingWriters();
    this.#sending.add(out);
    this.tellWhenSent();
    this.wrote(bytes);
  }

  /** So many bytes went to the stream, or wait for it: the peer has to read them in time. */
  wrote(bytes: number): void {
    if (this.#slowReaders?.wrote(this, bytes) === true) this.onBehind();
  }

  /** What the stream has now is sent at some time: its memory is free then, and what waits for that goes out. */
  private tellWhenSent(): void {
    if (this.#isToldWhenSent) return;
    this.#isToldWhenSent = true;
    const last = this.#sending?.last;
    this.stream.write(NOTHING, (error) => {
      this.#isToldWhenSent = false;
      if (error instanceof Error || ownerOf(this.stream) !== this) return;
      if (this.stream.writableLength === 0) this.onSent();
      else this.#sending?.sent(last);
      this.flush(true);
      if (this.stream.writableLength > 0) this.tellWhenSent();
    });
  }

  /** Called at the end of a turn. */
  onFlush(): void {
    this.#isScheduled = false;
    this.flush();
  }

  /** From now on nobody watches how its peer reads. */
  protected unwatch(): void {
    this.#slowReaders?.forget(this);
  }

  /** It is closed: nothing is sent any more. */
  protected dropUnsent(): void {
    this.unwatch();
    this.onSent();
    if (this.#out !== undefined) giveWriterBack(this.#out);
    this.#out = undefined;
    this.#waiting = 0;
  }

  /** All that the stream got has left it. */
  private onSent(): void {
    this.#sending?.sent(this.#sending.last);
    this.#sending = undefined;
  }
}

/** Enough to be sent at once, and in memory not much larger. */
function isFull(out: OctetWriter): boolean {
  return out.size >= WRITE_AT_BYTES && out.size >= out.bytes.length * FULL_SHARE;
}

function flushScheduled(sending: Sending): void {
  sending.onFlush();
}
