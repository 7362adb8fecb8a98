import type { Socket } from 'node:net';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { msgpack } from '../../../shared/encoding/msgpack/msgpack.ts';
import { beginEnvelope, endEnvelope } from '../../../shared/framing/encoder.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { type Caller, type Contender, OPERANDS } from '../contender.ts';
import { dialTcp, endTcp, serveTcp } from './tcp.ts';

/** One of our own requests: 30 bytes, with an id of three. */
function requestOctets(): Buffer {
  const operation = ICalculator.operations.get('Add');
  if (operation === undefined) throw new Error('the contract has no Add');
  const out = new OctetWriter();
  const codec = msgpack.client({ contract: ICalculator, limits: DEFAULT_LIMITS, address: '' });
  beginEnvelope(out);
  codec.writeRequest(out, 1_000, operation, OPERANDS);
  endEnvelope(out);
  return Buffer.from(out.toBytes());
}

/** Sends back what comes, which costs no more than Node's sockets do. */
export function echo(socket: Socket): void {
  socket.on('data', (chunk) => socket.write(chunk));
}

/**
 * `net` and nothing else, with the bytes of our requests: what a call would cost if there were nothing
 * to write, read or decide. Several calls of one turn go out in one write.
 */
export const raw: Contender = {
  name: 'raw net echo',

  serve: () => serveTcp(echo),

  async connect(target) {
    return new RawCaller(await dialTcp(target));
  },
};

/**
 * The same, with a round trip before the first call and another after the last: net.tcp has them for preamble and
 * ack, and for End and End. The cost of connecting is compared with this, too.
 */
export const rawSession: Contender = {
  ...withRoundTrips(raw),
  name: 'raw net echo, as many round trips',
};

export function withRoundTrips(base: Contender): Contender {
  return {
    ...base,
    async connect(target) {
      const caller = await base.connect(target);
      const roundTrip = (): Promise<void> =>
        new Promise((resolve) => {
          caller.callWith(resolve)();
        });
      await roundTrip();
      return {
        callWith: (done) => caller.callWith(done),
        async close() {
          await roundTrip();
          await caller.close();
        },
      };
    },
  };
}

interface Written {
  readonly request: Buffer;
  /** Many of them in a row. */
  readonly batch: Buffer;
}

const BATCHED = 1_024;
let written: Written | undefined;

/** What raw callers write. The first of them makes it: other contenders' processes do not need it. */
function writtenOctets(): Written {
  if (written === undefined) {
    const request = requestOctets();
    written = { request, batch: Buffer.alloc(BATCHED * request.length, request) };
  }
  return written;
}

export class RawCaller implements Caller {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #batch: Buffer;
  #waiting: (() => void)[] = [];
  #unsent = 0;
  #partial = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { request, batch } = writtenOctets();
    this.#request = request;
    this.#batch = batch;
    socket.on('data', (chunk) => this.#onData(chunk));
  }

  callWith(done: () => void): () => void {
    return () => this.#call(done);
  }

  #call(done: () => void): void {
    this.#waiting.push(done);
    if (this.#waiting.length === 1) {
      this.#socket.write(this.#request);
      return;
    }
    if (this.#unsent++ === 0) process.nextTick(() => this.#flush());
  }

  /** The echo of `octets`, whatever is asked for. The connection carries no calls from then on. */
  sendWith({ length }: Uint8Array, _isEchoed: boolean, done: () => void): () => void {
    const message = Buffer.alloc(length, 0x5a);
    let received = 0;
    this.#socket.removeAllListeners('data').on('data', (chunk) => {
      received += chunk.length;
      for (; received >= length; received -= length) done();
    });
    return () => void this.#socket.write(message);
  }

  close(): Promise<void> {
    return endTcp(this.#socket);
  }

  #flush(): void {
    const octets = this.#unsent * this.#request.length;
    this.#unsent = 0;
    const isMore = octets > this.#batch.length;
    this.#socket.write(
      isMore ? Buffer.alloc(octets, this.#request) : this.#batch.subarray(0, octets),
    );
  }

  #onData(chunk: Buffer): void {
    const { length } = this.#request;
    const octets = this.#partial + chunk.length;
    if (chunk.length === length && !chunk.equals(this.#request)) throw new Error('a wrong echo');
    const answered = this.#waiting.splice(0, Math.floor(octets / length));
    this.#partial = octets % length;
    for (const done of answered) done();
  }
}
