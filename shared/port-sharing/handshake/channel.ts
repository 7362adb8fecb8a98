import type { Socket } from 'node:net';
import { messageOf } from '../../errors.ts';
import { ignoreError } from '../../transport/connection.ts';
import { decodeMessage, encodeMessage, LENGTH_BYTES } from './codec.ts';
import { PROTOCOL_1_BYTE } from './protocol-1.ts';

const LINE_FEED = 0x0a;
// Bytes that drip in, each in a Buffer of its own, would take a hundred times their size.
const MAX_PARTS = 64;
// How long the other side may take to read what was sent before the channel ends.
const LAST_WORDS_MS = 1_000;

export interface ChannelOptions<In> {
  /** Bytes of one message without its length, in either direction. */
  readonly maxMessageBytes: number;
  /** Makes a message of a decoded value; an error that it throws ends the channel. */
  readonly check: (value: unknown) => In;
  /** Called with a line of protocol 1, if the other side speaks that; without it, such a channel is closed. */
  readonly onProtocol1?: (line: string) => void;
  /** Asked whenever bytes stay in the channel, see {@link ControlChannel.heldBytes}; `false` ends it. */
  readonly mayHold?: () => boolean;
}

/** Messages over one stream socket. They wait until {@link onMessage} takes them. */
export class ControlChannel<In, Out extends object> {
  readonly socket: Socket;
  /** Called once the channel is gone and its last message was taken; with `reason` if this side closed it. */
  onClose: ((reason: string | undefined) => void) | undefined;
  readonly #options: ChannelOptions<In>;
  #onMessage: ((message: In) => void) | undefined;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #hasRead = false;
  #reason: string | undefined;
  #state: 'open' | 'closing' | 'closed' | 'detached' = 'open';

  constructor(socket: Socket, options: ChannelOptions<In>) {
    this.socket = socket;
    this.#options = options;
    socket.on('error', ignoreError);
    socket.on('data', this.#onData);
    socket.on('close', this.#onClose);
    socket.on('end', this.#onEnd);
    socket.resume();
  }

  get isOpen(): boolean {
    return this.socket.writable && !this.socket.destroyed;
  }

  /** Bytes that wait here: of messages that are incomplete or that nobody takes, and of those not sent yet. */
  get heldBytes(): number {
    return this.#partBytes + this.socket.writableLength;
  }

  /** Takes each message, in a later turn than this is set. While it is undefined, they wait. */
  set onMessage(take: ((message: In) => void) | undefined) {
    this.#onMessage = take;
    if (take === undefined) return;
    this.socket.resume();
    queueMicrotask(() => this.#read());
  }

  /** @returns `false` if the channel is closed, or the message is longer than the other side would take */
  send(message: Out): boolean {
    if (!this.isOpen) return false;
    const bytes = encodeMessage(message);
    if (bytes.length > LENGTH_BYTES + this.#options.maxMessageBytes) return false;
    if (!this.socket.write(bytes)) this.#checkHeld();
    return this.isOpen;
  }

  /** Closes the channel once everything is sent. Messages that nobody has taken by then are lost. */
  close(reason?: string): void {
    if (this.#state === 'open') this.#state = 'closing';
    this.#reason ??= reason;
    this.#endSoon();
  }

  /** Releases the socket, which is no control channel from now on. @returns the bytes after the last message */
  detach(): Buffer {
    this.#state = 'detached';
    this.socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    return Buffer.concat(this.#parts);
  }

  readonly #onEnd = (): void => this.#endSoon();

  #endSoon(): void {
    this.socket.destroySoon();
    if (!this.socket.destroyed) setTimeout(() => this.socket.destroy(), LAST_WORDS_MS).unref();
  }

  #checkHeld(): void {
    if (this.#options.mayHold?.() !== false) return;
    this.close('too much waits to be read or sent');
    this.socket.destroy();
  }

  readonly #onClose = (): void => {
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    if (!wasOpen) this.#parts = [];
    this.#read();
  };

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state !== 'open') return;
    this.#parts.push(chunk);
    this.#partBytes += chunk.length;
    if (this.#parts.length > MAX_PARTS) this.#join();
    if (!this.#hasRead && this.#parts[0]?.[0] === PROTOCOL_1_BYTE) return this.#readLine(chunk);
    this.#read();
    if (this.#parts.length > 0) this.#checkHeld();
    // Nobody takes the messages that have come: no more is read.
    if (this.isOpen && this.#partBytes > this.#options.maxMessageBytes + LENGTH_BYTES) {
      this.socket.pause();
    }
  };

  #read(): void {
    while (this.#onMessage !== undefined && (this.#state === 'open' || this.#state === 'closed')) {
      const bytes = this.#take();
      if (bytes === undefined) break;
      let message: In;
      try {
        message = this.#options.check(decodeMessage(bytes));
      } catch (error) {
        this.#parts = [];
        this.close(messageOf(error));
        break;
      }
      this.#onMessage(message);
    }
    const { onClose } = this;
    if (this.#state !== 'closed' || onClose === undefined) return;
    this.onClose = undefined;
    onClose(this.#reason);
  }

  /** The next message, if it is complete. The bytes after it may be for the next owner of the socket. */
  #take(): Uint8Array | undefined {
    let [all] = this.#parts;
    if (all === undefined || this.#partBytes < LENGTH_BYTES) return undefined;
    if (all.length < LENGTH_BYTES) all = this.#join();
    const length = all.readUInt32BE();
    if (length > this.#options.maxMessageBytes) {
      this.close('a control message is too long');
      return undefined;
    }
    const end = LENGTH_BYTES + length;
    if (this.#partBytes < end) return undefined;
    if (all.length < end) all = this.#join();
    this.#hasRead = true;
    this.#partBytes -= end;
    const rest = all.subarray(end);
    const others = this.#parts.slice(1);
    this.#parts = rest.length > 0 ? [rest, ...others] : others;
    // Not a Buffer: then what msgpackr copies out of it is not one either.
    return new Uint8Array(all.buffer, all.byteOffset + LENGTH_BYTES, length);
  }

  #join(): Buffer {
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }

  #readLine(chunk: Buffer): void {
    const { onProtocol1, maxMessageBytes } = this.#options;
    if (onProtocol1 === undefined || this.#partBytes > maxMessageBytes) {
      return this.close('a control message is too long');
    }
    if (!chunk.includes(LINE_FEED)) return;
    const [line = ''] = this.#join().toString('utf8').split('\n', 1);
    onProtocol1(line);
  }
}
