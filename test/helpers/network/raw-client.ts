import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { RecordDecoder } from '../../../shared/framing/decoder.ts';
import { writeMark, writePreamble } from '../../../shared/framing/encoder.ts';
import { type FramingRecord, RecordType } from '../../../shared/framing/records.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';

const MSGPACK = 'application/x-msgpack-rpc';

/** The bytes of a preamble, PreambleEnd included. */
export function preamble(via: string, encoding: string | number = MSGPACK, mode = 2): Uint8Array {
  const out = new OctetWriter();
  writePreamble(out, { via, mode, encoding });
  writeMark(out, RecordType.PreambleEnd);
  return out.toBytes();
}

/** A TCP client that sends what a test tells it to, and reads records. */
export class RawClient {
  readonly socket: Socket;
  readonly #decoder = new RecordDecoder(DEFAULT_LIMITS);
  readonly #records: FramingRecord[] = [];
  #wake: () => void = () => {};
  closed = false;

  /** @param from address of this machine that it comes from */
  constructor(port: number | string, host = '127.0.0.1', from?: string) {
    const options = { port: Number(port), host, allowHalfOpen: true };
    this.socket = connect(from === undefined ? options : { ...options, localAddress: from });
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => {
      this.#decoder.push(chunk);
      for (let record = this.#decoder.next(); record !== undefined; record = this.#decoder.next()) {
        if ('bytes' in record) {
          const { bytes, start, end } = record;
          const kept = { bytes: bytes.slice(start, end), start: 0, end: end - start };
          this.#records.push({ ...record, ...kept });
        } else this.#records.push(record);
      }
      this.#wake();
    });
    const onGone = (): void => {
      this.closed = true;
      this.#wake();
    };
    this.socket.on('end', onGone).on('close', onGone);
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  send(octets: Uint8Array | readonly number[]): void {
    this.socket.write(Uint8Array.from(octets));
  }

  /** The next record, or `undefined` when the connection ends. */
  async next(): Promise<FramingRecord | undefined> {
    for (;;) {
      const record = this.#records.shift();
      if (record !== undefined || this.closed) return record;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Opens a session, makes one call and ends the session; the bytes are put together by hand. */
  async session(via: string, request: Uint8Array): Promise<Uint8Array> {
    this.send(preamble(via));
    await this.expect('preamble-ack');
    this.send([RecordType.SizedEnvelope, request.length, ...request]);
    const answer = await this.expect('sized-envelope');
    this.send([RecordType.End]);
    await this.expect('end');
    return 'bytes' in answer ? answer.bytes : new Uint8Array(0);
  }

  async expect(type: FramingRecord['type']): Promise<FramingRecord> {
    const record = await this.next();
    if (record?.type === type) return record;
    throw new Error(`expected ${type}, got ${JSON.stringify(record ?? 'the end')}`);
  }

  async ended(): Promise<void> {
    if (!this.closed) await Promise.race([once(this.socket, 'end'), once(this.socket, 'close')]);
  }
}
