import type { Socket } from 'node:net';
import { ignoreError } from '../../transport/connection.ts';

const LINE_FEED = 0x0a;

/** Messages over one stream socket, a line each. */
export class ControlChannel<In, Out extends { readonly type: string }> {
  readonly socket: Socket;
  onMessage: (message: In) => void = () => {};
  /** The channel is gone; `reason` when this side closed it. */
  onClose: (reason: string | undefined) => void = () => {};
  readonly #parse: (line: string) => In | undefined;
  readonly #maxLineBytes: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #reason: string | undefined;
  #isDetached = false;

  /** @param parse reads a line; a line that it answers with `undefined` ends the channel */
  constructor(socket: Socket, maxLineBytes: number, parse: (line: string) => In | undefined) {
    this.socket = socket;
    this.#maxLineBytes = maxLineBytes;
    this.#parse = parse;
    socket.on('error', ignoreError);
    socket.on('data', this.#onData);
    socket.on('close', this.#onClose);
    socket.on('end', this.#onEnd);
    socket.resume();
  }

  get isOpen(): boolean {
    return this.socket.writable && !this.socket.destroyed;
  }

  send(message: Out): void {
    if (this.isOpen) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Closes the channel once everything is sent. */
  close(reason?: string): void {
    this.#reason ??= reason;
    this.socket.destroySoon();
  }

  /** Takes the socket out: it is no control channel from now on. @returns octets behind the last line */
  detach(): Buffer {
    this.#isDetached = true;
    this.socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    return Buffer.concat(this.#parts);
  }

  readonly #onEnd = (): void => this.socket.destroySoon();

  readonly #onClose = (): void => this.onClose(this.#reason);

  readonly #onData = (chunk: Buffer): void => {
    let rest = chunk;
    for (;;) {
      const end = rest.indexOf(LINE_FEED);
      if (end < 0) break;
      const line = this.#take(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      if (line === undefined) return;
      const message = this.#parse(line);
      if (message === undefined) return this.close(`not a message: ${line.slice(0, 80)}`);
      // A message behind this one may belong to whoever takes the socket over.
      this.#parts = [rest];
      this.onMessage(message);
      if (this.#isDetached || this.socket.destroyed) return;
      this.#parts = [];
    }
    if (rest.length === 0) return;
    this.#parts.push(rest);
    this.#partBytes += rest.length;
    if (this.#partBytes > this.#maxLineBytes) this.close('a control message is too long');
  };

  /** The line that `last` ends, or `undefined` when it is too long. */
  #take(last: Buffer): string | undefined {
    const bytes = this.#partBytes + last.length;
    if (bytes > this.#maxLineBytes) {
      this.close('a control message is too long');
      return undefined;
    }
    const line = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#partBytes = 0;
    return line.toString('utf8');
  }
}
