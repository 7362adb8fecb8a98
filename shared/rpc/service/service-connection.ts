import { NetTcpError } from '../../errors.ts';
import { RecordDecoder } from '../../framing/decoder.ts';
import { writeFault, writeMark } from '../../framing/encoder.ts';
import { type Preamble, rawPreamble, RecordType } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import { deliverMessages, type MessageTaker } from '../../session/envelopes.ts';
import {
  isInSession,
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
  takesRequests,
} from '../../session/receiver.ts';
import { Connection, type ConnectionHandler } from '../../transport/connection.ts';
import type { Incoming } from '../../transport/listener.ts';
import type { SlowReaders } from '../../transport/slow-readers.ts';
import type { Route } from './endpoint-table.ts';
import { handBack } from './hand-back.ts';
import { IdleLimit } from './idle-limit.ts';
import { ServiceSession, type SessionOwner } from './service-session.ts';

/** What a connection asks of the host that owns it. */
export interface ServiceConnectionOwner {
  readonly limits: Limits;
  readonly slowReaders: SlowReaders;
  route(preamble: Preamble): Route;
  /** Takes a connection whose preamble is for another service of the port. @returns false: it cannot */
  giveAway(connection: Incoming): boolean;
  onClosed(connection: ServiceConnection, error: Error | undefined): void;
}

/**
 * The service's end of one connection. Its stages, and whose they are:
 *
 *     accepted     transport/listener, or port-sharing/service: the socket, and what was read of it
 *     preamble     framing/decoder cuts records, session/receiver says which may come; has preambleTimeoutMs
 *     routed       endpoint-table: to an endpoint, to another service of the port, or to a fault
 *     open         service-session: requests and answers; has receiveTimeoutMs between two requests
 *     ended        End both ways, and the next preamble may come; has idleTimeoutMs
 *     closed       transport/connection
 *
 * One object does all that an idle connection needs, because there may be very many of them: it has no timer
 * and no function of its own, and what only some connections need is made when it is needed.
 */
export class ServiceConnection implements ConnectionHandler, MessageTaker, SessionOwner {
  readonly #owner: ServiceConnectionOwner;
  readonly #connection: Connection;
  readonly #decoder: RecordDecoder;
  readonly #idle: IdleLimit;
  #state: ReceiverState = RECEIVER_START;
  #session: ServiceSession | undefined;
  #isClosing = false;
  /** Between two sessions: until the next preamble begins, the longer idle time counts. */
  #isReused = false;
  /** No more calls may begin: so many are running. */
  #isFull = false;
  /** The peer closed its half, and there is something to be read before that counts. */
  #hasEnded = false;
  #error: Error | undefined;

  constructor(owner: ServiceConnectionOwner, { socket }: Incoming) {
    this.#owner = owner;
    this.#idle = new IdleLimit(owner.limits.preambleTimeoutMs);
    this.#decoder = new RecordDecoder(owner.limits);
    this.#connection = new Connection(socket, this, owner.slowReaders);
  }

  /** Takes what was read of the connection before it came here. */
  start(octets: Uint8Array): void {
    if (octets.length > 0) this.#connection.receive(octets);
  }

  /** Ends the session when its running calls are answered; no new ones are taken. */
  close(): void {
    this.#isClosing = true;
    if (this.#running === 0) this.#step({ on: 'end' });
  }

  /** Ends the session without its running calls. */
  giveUp(): void {
    this.#isClosing = true;
    this.#step({ on: 'end' });
    this.#closeDraining();
  }

  abort(error?: Error): void {
    this.#connection.destroy(error);
  }

  /**
   * Gives the connection up when nothing has happened for too long: no complete preamble (octets that drip in
   * do not count), no message, no next session. @param now of `performance.now()`
   */
  checkTime(now: number): void {
    if (this.#running > 0) this.#idle.restart();
    if (!this.#idle.isOver(now) || this.#state.at === 'closed') return;
    if (this.#state.at === 'version' && this.#decoder.atBoundary) return this.#connection.close();
    const seconds = this.#idle.timeoutMs / 1_000;
    if (!isInSession(this.#state))
      return this.abort(new Error(`no complete preamble within ${seconds} s`));
    // As WCF does: a client that is still there learns of it by its next call.
    this.#connection.reset(new Error(`no message for ${seconds} s`));
  }

  onOctets(octets: Uint8Array): void {
    if (this.#isReused && this.#state.at === 'version') {
      this.#isReused = false;
      this.#idle.set(this.#owner.limits.preambleTimeoutMs);
    }
    this.#decoder.push(octets);
    this.#read();
  }

  onEnd(): void {
    // Behind what is still to be read.
    this.#hasEnded = this.#isHeldUp;
    if (!this.#hasEnded) this.#step({ on: 'eof', atBoundary: this.#decoder.atBoundary });
  }

  onClose(error: Error | undefined): void {
    this.#state = { at: 'closed' };
    this.#session?.callerGone(error);
    this.#owner.onClosed(this, this.#error ?? error);
  }

  get takesMessages(): boolean {
    return takesRequests(this.#state) && !this.#isHeldUp;
  }

  deliver(bytes: Uint8Array, start: number, end: number): void {
    this.#idle.restart();
    this.#session?.deliver(bytes, start, end, this.#isClosing);
    this.#isFull = this.#running >= this.#owner.limits.maxConcurrentCalls;
    if (this.#isFull) this.#connection.pause();
  }

  endSession(): void {
    this.#step({ on: 'end' });
  }

  onCallDone(): void {
    if (this.#running === 0) {
      this.#idle.restart();
      if (this.#isClosing || this.#state.at === 'peer-ended') this.#step({ on: 'end' });
    }
    if (!this.#isFull || this.#running >= this.#owner.limits.maxConcurrentCalls) return;
    this.#isFull = false;
    this.#connection.resume();
    this.onDrain();
  }

  get #running(): number {
    return this.#session?.running ?? 0;
  }

  /** What has arrived waits: for the peer to read its answers, or for running calls to end. */
  get #isHeldUp(): boolean {
    return this.#isFull || this.#connection.isBehind;
  }

  /** What was held up goes on. */
  onDrain(): void {
    this.#read();
    if (this.#hasEnded && !this.#isHeldUp) this.onEnd();
  }

  /**
   * Reads what has arrived, as long as the peer reads what it is answered, and no more calls run than may: a
   * segment of requests could ask for thousands of times its size, and for thousands of calls.
   */
  #read(): void {
    try {
      while (this.#state.at !== 'closed') {
        deliverMessages(this.#decoder, this);
        if (this.#isHeldUp) break;
        const record = this.#decoder.next();
        if (record === undefined) return;
        this.#step({ on: 'record', record });
      }
      this.#decoder.copyPending(); // the segment's memory is used for the next one, of anybody
    } catch (error) {
      this.#step({ on: 'invalid', error: NetTcpError.from(error) });
    }
  }

  #step(event: ReceiverEvent): void {
    const [state, effects] = stepReceiver(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ReceiverEffect): void {
    switch (effect.do) {
      case 'deliver':
        return this.deliver(effect.envelope.bytes, effect.envelope.start, effect.envelope.end);
      case 'route':
        return this.#route(rawPreamble(effect.preamble));
      case 'send-ack':
        this.#idle.set(this.#owner.limits.receiveTimeoutMs);
        return writeMark(this.#connection.writer(), RecordType.PreambleAck);
      case 'finish':
        // Closed without End: hardly anybody waits for the answers. They are written all the same.
        if (this.#state.at === 'peer-ended' && this.#state.eof) this.#session?.callerGone();
        if (this.#running === 0) this.#step({ on: 'end' });
        return;
      case 'send-end':
        this.#session?.over();
        return writeMark(this.#connection.writer(), RecordType.End);
      case 'reuse':
        this.#session = undefined;
        this.#isReused = true;
        if (this.#isClosing) return this.#connection.close();
        return this.#idle.set(this.#owner.limits.idleTimeoutMs);
      case 'fault':
        this.#error = effect.error;
        writeFault(this.#connection.writer(), effect.fault);
        return this.#closeDraining();
      case 'close':
        return this.#connection.close();
      case 'abort':
        return this.#connection.destroy(effect.error);
    }
  }

  #route(preamble: Preamble): void {
    const route = this.#owner.route(preamble);
    if (route.to === 'elsewhere' && !this.#isClosing) return this.#giveAway(preamble);
    if (route.to !== 'endpoint') {
      const fault = route.to === 'fault' ? route.fault : 'EndpointNotFound';
      return this.#step({ on: 'refused', fault });
    }
    this.#session = new ServiceSession(route, preamble.via, this.#connection, this);
    this.#step({ on: 'routed' });
  }

  /** Gives socket and octets to whoever routes the port's connections. */
  #giveAway(preamble: Preamble): void {
    const incoming = handBack(this.#connection, preamble, this.#decoder.pending());
    this.#state = { at: 'closed' };
    if (!this.#owner.giveAway(incoming)) incoming.socket.destroy();
    this.#owner.onClosed(this, undefined);
  }

  #closeDraining(): void {
    const { faultDrainBytes, faultDrainMs } = this.#owner.limits;
    this.#connection.closeDraining(faultDrainBytes, faultDrainMs);
  }
}
