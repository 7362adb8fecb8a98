import type { Socket } from 'node:net';
import { RecordDecoder } from '../../../framing/decoder.ts';
import { writeMark } from '../../../framing/encoder.ts';
import { RecordType } from '../../../framing/records.ts';
import type { Limits } from '../../../limits.ts';
import {
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
} from '../../../session/receiver-state.ts';
import { stepReceiver } from '../../../session/receiver.ts';
import { stepRecords } from '../../../session/step-records.ts';
import { Connection } from '../../../transport/connection.ts';
import { startReading } from '../../../transport/node-internals.ts';
import type { ConnectionHandler } from '../../../transport/socket-owner.ts';
import type { Arrival } from '../arrival.ts';
import { refuseSocket, tellAndClose } from '../refuse-socket.ts';

/** What a daemon answers at its health path. */
export class Health {
  readonly #limits: Limits;
  #isLeaving = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** From now on the answer is that nobody should be sent here; everything else goes on. */
  leave(): void {
    this.#isLeaving = true;
  }

  /** Whether the answer is that nobody should be sent here. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Answers a connection whose preamble asks for the health path. */
  answer(arrival: Arrival): void {
    const socket = arrival.takeSocket();
    if (socket === undefined) return;
    if (this.#isLeaving) refuseSocket(socket, 'EndpointUnavailable', this.#limits);
    else new HealthCheck(socket, arrival, this.#limits);
  }
}

/**
 * A session at the health path of a daemon that is well: it is acknowledged, has no messages, and ends as any
 * other. So everything that speaks net.tcp can look, and whoever knows bytes only sends a preamble and reads one.
 */
class HealthCheck implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #decoder: RecordDecoder;
  readonly #limits: Limits;
  readonly #timer: NodeJS.Timeout;
  #state: ReceiverState = RECEIVER_START;

  /**
   * @param socket  does not read, and has no listeners
   * @param arrival what was read of it, and when its preamble is due: all of this is over by then
   */
  constructor(socket: Socket, { octets, deadline }: Arrival, limits: Limits) {
    this.#limits = limits;
    this.#decoder = new RecordDecoder(limits);
    this.#connection = new Connection(socket, this);
    this.#timer = setTimeout(() => this.#connection.destroy(), deadline - performance.now());
    startReading(socket);
    this.#connection.receive(octets);
  }

  onOctets(octets: Uint8Array): void {
    this.#decoder.push(octets);
    stepRecords(
      this.#decoder,
      () => this.#state.at !== 'closed',
      (event) => this.#step(event),
    );
  }

  onEnd(): void {
    this.#step({ on: 'eof', atBoundary: this.#decoder.atBoundary });
  }

  onClose(): void {
    clearTimeout(this.#timer);
  }

  #step(event: ReceiverEvent): void {
    const [state, effects] = stepReceiver(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ReceiverEffect): void {
    switch (effect.do) {
      case 'route':
        return this.#step({ on: 'routed' });
      case 'send-ack':
        return writeMark(this.#connection.writer(), RecordType.PreambleAck);
      case 'finish':
        return this.#step({ on: 'end' });
      case 'send-end':
        return writeMark(this.#connection.writer(), RecordType.End);
      case 'fault':
        return tellAndClose(this.#connection, effect.fault, this.#limits);
      case 'deliver':
      case 'abort':
        return this.#connection.destroy();
      default:
        return this.#connection.close();
    }
  }
}
