import type { Socket } from 'node:net';
import { RecordDecoder } from '../framing/decoder.ts';
import { writeFault } from '../framing/encoder.ts';
import type { FramingFault } from '../framing/faults.ts';
import type { Limits } from '../limits.ts';
import { NetTcpError } from '../errors.ts';
import { OctetWriter } from '../octets.ts';
import {
  RECEIVER_START,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../session/receiver.ts';
import { Connection, ignoreError } from '../transport/connection.ts';
import type { Incoming } from '../transport/listener.ts';

export interface ArrivalHandler {
  /** Version, mode, via and encoding are there: decide where it goes. It reads no more. */
  onPreamble(arrival: Arrival): void;
  /** It will not be dispatched: closed, refused or too slow. Exactly once, unless it was released. */
  onGone(arrival: Arrival, reason: string | undefined): void;
}

/**
 * A connection on its way through the daemon: from accept until a service has it. Every octet that
 * is read of it is kept, to go along with it.
 */
export class Arrival {
  readonly port: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** The endpoint that its preamble asks for. */
  via = '';
  readonly #connection: Connection;
  readonly #handler: ArrivalHandler;
  readonly #limits: Limits;
  readonly #decoder: RecordDecoder;
  #octets: OctetWriter | undefined;
  #state: ReceiverState = RECEIVER_START;
  #timer: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;
  #isOver = false;

  constructor(socket: Socket, port: number, limits: Limits, handler: ArrivalHandler) {
    this.port = port;
    this.localAddress = socket.localAddress ?? '';
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#handler = handler;
    this.#limits = limits;
    this.#decoder = new RecordDecoder(limits);
    this.#connection = new Connection(
      socket,
      {
        onOctets: (octets) => this.#onOctets(octets),
        onEnd: () => this.#step({ on: 'eof', atBoundary: this.#decoder.atBoundary }),
        onClose: (error) => this.#over(error?.message),
      },
      limits,
    );
    // Absolute, from accept: octets that drip in do not move it.
    this.#timer = setTimeout(
      () => this.#connection.destroy(new Error('no complete preamble in time')),
      limits.preambleTimeoutMs,
    );
  }

  /** Everything that was read. */
  get octets(): Uint8Array {
    return this.#octets?.bytes.subarray(0, this.#octets.length) ?? new Uint8Array(0);
  }

  /** The socket, once the preamble is there; it does not read. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** Takes octets that somebody else read of this connection. */
  receive(octets: Uint8Array): void {
    this.#connection.receive(octets);
  }

  /** Answers with a fault and closes. */
  refuse(fault: FramingFault): void {
    if (this.#isOver) return;
    this.#step({ on: 'refused', fault });
  }

  /** The same for one that is too many: says ServerTooBusy, and keeps the descriptor no longer than that takes. */
  turnAway(): void {
    if (this.#isOver) return;
    writeFault(this.#connection.writer(), 'ServerTooBusy');
    this.#connection.close();
    this.#over('too many connections have sent no preamble');
  }

  /** Takes the connection out, to be given to another daemon. @returns undefined when it is over */
  withdraw(): Incoming | undefined {
    if (this.#isOver) return undefined;
    clearTimeout(this.#timer);
    if (this.#socket === undefined) this.#detach();
    this.#isOver = true;
    return this.#socket === undefined ? undefined : { socket: this.#socket, octets: this.octets };
  }

  /** A service has the socket: this process lets go of its copy. Closing alone disturbs nobody. */
  release(): void {
    this.#isOver = true;
    this.#socket?.destroy();
  }

  /** Gives the socket away for good, to be relayed. */
  takeSocket(): Socket | undefined {
    this.#isOver = true;
    return this.#socket;
  }

  #onOctets(octets: Uint8Array): void {
    this.#keep(octets);
    this.#decoder.push(octets);
    try {
      while (this.#state.at !== 'routing' && this.#state.at !== 'closed') {
        const record = this.#decoder.next();
        if (record === undefined) return;
        this.#step({ on: 'record', record });
      }
    } catch (error) {
      this.#step({ on: 'invalid', error: NetTcpError.from(error) });
    }
  }

  /** In one piece of memory: kept one by one, octets that drip in would take a hundred times their size. */
  #keep(octets: Uint8Array): void {
    this.#octets ??= new OctetWriter(octets.length);
    this.#octets.append(octets);
  }

  #step(event: ReceiverEvent): void {
    const [state, effects] = stepReceiver(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      switch (effect.do) {
        case 'route':
          clearTimeout(this.#timer);
          this.via = effect.preamble.via;
          this.#detach();
          this.#handler.onPreamble(this);
          break;
        case 'fault':
          this.#fault(effect.fault, effect.error.message);
          break;
        case 'abort':
          this.#connection.destroy(effect.error);
          break;
        default:
          this.#connection.close();
      }
    }
  }

  #detach(): void {
    const { socket, octets } = this.#connection.detach();
    if (octets.length > 0) this.#keep(octets);
    socket.on('error', ignoreError);
    socket.on('close', () => this.#over(undefined));
    this.#socket = socket;
  }

  #fault(fault: FramingFault, reason: string): void {
    clearTimeout(this.#timer);
    const { socket } = this.#connection;
    const connection =
      this.#socket === undefined
        ? this.#connection
        : new Connection(socket, { onOctets() {}, onEnd() {}, onClose() {} }, this.#limits);
    writeFault(connection.writer(), fault);
    connection.closeDraining(this.#limits.faultDrainBytes, this.#limits.faultDrainMs);
    this.#over(reason);
  }

  #over(reason: string | undefined): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onGone(this, reason);
  }
}
