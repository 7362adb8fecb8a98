import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  LENGTH_BYTES,
} from '../../shared/port-sharing/handshake/codec.ts';
import { PROTOCOL_VERSION } from '../../shared/port-sharing/handshake/messages.ts';

/** What a service says first. */
export const HELLO = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  version: '0',
  pid: 1,
  role: 'service',
  handOver: false,
  newline: '\n',
};

/** What the daemon said. */
export type Said = Readonly<Record<string, unknown>> & { readonly type: string };

/** A connection to the control socket that says what a test tells it to, and reads messages. */
export class Control {
  readonly socket: Socket;
  readonly #said: Said[] = [];
  #read = Buffer.alloc(0);

  constructor(directory: string) {
    this.socket = connect(path.join(directory, 'control.sock'));
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => {
      this.#read = Buffer.concat([this.#read, chunk]);
      while (this.#read.length >= LENGTH_BYTES) {
        const end = LENGTH_BYTES + this.#read.readUInt32BE();
        if (this.#read.length < end) break;
        this.#said.push(decodeMessage(this.#read.subarray(LENGTH_BYTES, end)) as Said);
        this.#read = this.#read.subarray(end);
      }
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  /** Sends messages, or bytes and texts as they are. */
  say(...messages: readonly (object | string)[]): this {
    for (const message of messages) {
      const isRaw = typeof message === 'string' || message instanceof Uint8Array;
      this.socket.write(isRaw ? message : encodeMessage(message));
    }
    return this;
  }

  /** Everything the daemon has said so far. */
  get said(): readonly Said[] {
    return this.#said;
  }

  /** Everything the daemon said, once it has closed the connection. */
  async closed(): Promise<readonly Said[]> {
    while (!this.socket.closed) await once(this.socket, 'close').catch(() => {});
    return this.#said;
  }

  /** The first message of a type. */
  async heard(type: string): Promise<Said> {
    for (;;) {
      const found = this.#said.find((message) => message.type === type);
      if (found !== undefined) return found;
      await once(this.socket, 'data');
    }
  }
}
