import type { CodecOptions, MessageEncoding } from '../../encoding/encoding.ts';
import { NetTcpError } from '../../errors.ts';
import { RecordDecoder } from '../../framing/decoder.ts';
import {
  beginEnvelope,
  beginUnsizedEnvelope,
  endEnvelope,
  endUnsizedEnvelope,
  writeFault,
  writeMark,
  writePreamble,
} from '../../framing/encoder.ts';
import type { FramingFault } from '../../framing/faults.ts';
import { Mode, type Preamble, RecordType } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import { OctetWriter } from '../../octets.ts';
import {
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../../session/receiver.ts';
import { Connection, type ConnectionHandler } from '../../transport/connection.ts';
import type { Incoming } from '../../transport/listener.ts';
import { type AnswerSink, Dispatcher, type Endpoint } from './dispatcher.ts';
import { CallerContext } from './caller-context.ts';

/** Where a preamble leads. */
export type Route =
  | { readonly to: 'endpoint'; readonly endpoint: Endpoint; readonly codec: CodecOptions }
  | { readonly to: 'fault'; readonly fault: FramingFault }
  /** Not ours, but it may be another service's on this port. */
  | { readonly to: 'elsewhere' };

/** What a connection asks of the host that owns it. */
export interface ServiceConnectionOwner {
  readonly limits: Limits;
  readonly encodings: readonly MessageEncoding[];
  route(via: string): Route;
  /** Takes a connection whose preamble is for another service of the port. @returns false: it cannot */
  giveAway(connection: Incoming): boolean;
  onClosed(connection: ServiceConnection, error: Error | undefined): void;
}

/**
 * The service's end of one connection: session after session, each with a preamble of its own.
 *
 * One object does all of it, because there may be very many that idle: it has no timer and no
 * function of its own, and what only some connections need is made when it is needed.
 */
export class ServiceConnection implements ConnectionHandler, AnswerSink {
  readonly #owner: ServiceConnectionOwner;
  readonly #connection: Connection;
  readonly #decoder: RecordDecoder;
  #state: ReceiverState = RECEIVER_START;
  #dispatcher: Dispatcher | undefined;
  #context: CallerContext | undefined;
  #isStreamed = false;
  /** Where the payload begins of the answer that is being written. */
  #answerAt = 0;
  /** For how long nothing may happen, in milliseconds. */
  #timeoutMs: number;
  /** When that is over, on the clock of `performance.now()`; 0 until `checkTime` looks. */
  #deadline = 0;
  #isClosing = false;
  /** Between two sessions: until the next preamble begins, the longer idle time counts. */
  #isReused = false;
  /** So many calls are running that no more may begin. */
  #isFull = false;
  /** The peer closed its half, and there is something to be read before that counts. */
  #hasEnded = false;
  #error: Error | undefined;

  constructor(owner: ServiceConnectionOwner, { socket }: Incoming) {
    this.#owner = owner;
    this.#timeoutMs = owner.limits.preambleTimeoutMs;
    this.#decoder = new RecordDecoder(owner.limits);
    this.#connection = new Connection(socket, this, owner.limits);
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

  /** Ends the session without its running calls: nobody will answer them. */
  giveUp(): void {
    this.#isClosing = true;
    this.#step({ on: 'end' });
    this.#closeDraining();
  }

  /** Drops the connection. */
  abort(error?: Error): void {
    this.#connection.destroy(error);
  }

  /**
   * Gives the connection up when nothing has happened for too long: no complete preamble (octets that drip in
   * do not count), no message, no next session. To be called from time to time.
   *
   * @param now of `performance.now()`
   */
  checkTime(now: number): void {
    if (this.#deadline === 0 || this.#running > 0) this.#deadline = now + this.#timeoutMs;
    if (now < this.#deadline || this.#state.at === 'closed') return;
    if (this.#state.at === 'version' && this.#decoder.atBoundary) return this.#connection.close();
    const isInSession = ['open', 'peer-ended', 'ending'].includes(this.#state.at);
    const what = isInSession ? 'no message for' : 'no complete preamble within';
    const error = new Error(`${what} ${this.#timeoutMs / 1_000} s`);
    // As WCF does: a client that is still there learns of it by its next call.
    if (isInSession) this.#connection.reset(error);
    else this.abort(error);
  }

  onOctets(octets: Uint8Array): void {
    if (this.#isReused && this.#state.at === 'version') {
      this.#isReused = false;
      this.#allow(this.#owner.limits.preambleTimeoutMs);
    }
    this.#decoder.push(octets);
    this.#read();
  }

  onDrain(): void {
    this.#readOn();
  }

  /** What has arrived waits: for the peer to read its answers, or for running calls to end. */
  get #isHeldUp(): boolean {
    return this.#isFull || this.#connection.isBehind;
  }

  #readOn(): void {
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
        if (!this.#isStreamed) this.#deliverEnvelopes();
        if (this.#isHeldUp) break;
        const record = this.#decoder.next();
        if (record === undefined) return;
        this.#step({ on: 'record', record });
      }
      this.#decoder.keep(); // what is left of the segment: its memory is used for the next one, of anybody
    } catch (error) {
      this.#step({ on: 'invalid', error: NetTcpError.from(error) });
    }
  }

  onEnd(): void {
    // Behind what is still to be read.
    this.#hasEnded = this.#isHeldUp;
    if (!this.#hasEnded) this.#step({ on: 'eof', atBoundary: this.#decoder.atBoundary });
  }

  onClose(error: Error | undefined): void {
    this.#state = { at: 'closed' };
    this.#callerGone(error);
    this.#owner.onClosed(this, this.#error ?? error);
  }

  begin(from: Dispatcher): OctetWriter | undefined {
    const isDue = this.#state.at === 'open' || this.#state.at === 'peer-ended';
    if (!isDue || from !== this.#dispatcher || !this.#connection.isOpen) return undefined;
    const out = this.#connection.writer();
    this.#answerAt = this.#isStreamed ? beginUnsizedEnvelope(out) : beginEnvelope(out);
    return out;
  }

  end(out: OctetWriter): void {
    if (this.#isStreamed) endUnsizedEnvelope(out, this.#answerAt);
    else endEnvelope(out, this.#answerAt);
  }

  discard(out: OctetWriter): void {
    out.length = this.#answerAt - 2;
  }

  endSession(): void {
    this.#step({ on: 'end' });
  }

  onCallDone(from: Dispatcher): void {
    if (from.running === 0 && from === this.#dispatcher) {
      this.#deadline = 0;
      if (this.#isClosing || this.#state.at === 'peer-ended') this.#step({ on: 'end' });
    }
    if (!this.#isFull || from.running >= this.#owner.limits.maxConcurrentCalls) return;
    this.#isFull = false;
    this.#connection.resume();
    this.#readOn();
  }

  get #running(): number {
    return this.#dispatcher?.running ?? 0;
  }

  /** From now on nothing may happen for that long. */
  #allow(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#deadline = 0;
  }

  /** Requests of an open session, of which `stepReceiver` would say no more than `deliver`. */
  #deliverEnvelopes(): void {
    const decoder = this.#decoder;
    while (this.#state.at === 'open' && !this.#isHeldUp && decoder.passEnvelope()) {
      const { payloadStart, payloadEnd } = decoder;
      // .NET sends and ignores empty envelopes.
      if (payloadStart < payloadEnd) this.#deliver(decoder.bytes, payloadStart, payloadEnd);
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
        return this.#deliver(effect.envelope.bytes, effect.envelope.start, effect.envelope.end);
      case 'route':
        return this.#route(effect.preamble);
      case 'send-ack':
        this.#allow(this.#owner.limits.receiveTimeoutMs);
        return writeMark(this.#connection.writer(), RecordType.PreambleAck);
      case 'finish':
        // Closed without End: nobody waits for the answers, most likely. They are written all the same.
        if (this.#state.at === 'peer-ended' && this.#state.eof) this.#callerGone();
        if (this.#running === 0) this.#step({ on: 'end' });
        return;
      case 'send-end':
        return writeMark(this.#connection.writer(), RecordType.End);
      case 'reuse':
        this.#dispatcher = undefined;
        this.#isReused = true;
        if (this.#isClosing) return this.#connection.close();
        return this.#allow(this.#owner.limits.idleTimeoutMs);
      case 'fault':
        this.#error = effect.error;
        return this.#closeWithFault(effect.fault);
      case 'close':
        return this.#connection.close();
      case 'abort':
        return this.#connection.destroy(effect.error);
    }
  }

  #deliver(bytes: Uint8Array, start: number, end: number): void {
    const dispatcher = this.#dispatcher;
    if (dispatcher === undefined) return;
    this.#deadline = 0;
    if (this.#isClosing) return dispatcher.refuse(bytes, start, end);
    dispatcher.dispatch(bytes, start, end);
    if (dispatcher.running < this.#owner.limits.maxConcurrentCalls) return;
    this.#isFull = true;
    this.#connection.pause();
  }

  #route(preamble: Preamble): void {
    const route = this.#owner.route(preamble.via);
    if (route.to === 'elsewhere' && !this.#isClosing && this.#giveAway(preamble)) return;
    if (route.to !== 'endpoint') {
      const fault = route.to === 'fault' ? route.fault : 'EndpointNotFound';
      return this.#step({ on: 'refused', fault });
    }
    const encoding = this.#owner.encodings.find(
      ({ contentType }) => contentType === preamble.encoding,
    );
    if (encoding === undefined) return this.#step({ on: 'refused', fault: 'ContentTypeInvalid' });
    if (encoding.mode !== preamble.mode) {
      return this.#step({ on: 'refused', fault: 'UnsupportedMode' });
    }
    this.#openSession(encoding, route.endpoint, route.codec, preamble.via);
    this.#step({ on: 'routed' });
  }

  #openSession(
    encoding: MessageEncoding,
    endpoint: Endpoint,
    codec: CodecOptions,
    via: string,
  ): void {
    this.#isStreamed = encoding.mode === Mode.SingletonUnsized;
    this.#context = new CallerContext(via);
    this.#dispatcher = new Dispatcher(endpoint, encoding.service(codec), this.#context, this);
  }

  /** Gives socket and octets to whoever routes the port's connections. */
  #giveAway(preamble: Preamble): boolean {
    // The preamble is written anew: the decoder keeps no octets of records that it has read.
    const octets = new OctetWriter(256);
    writePreamble(octets, preamble);
    octets.append(this.#decoder.pending());
    const { socket, octets: unread } = this.#connection.detach();
    octets.append(unread);
    this.#state = { at: 'closed' };
    if (!this.#owner.giveAway({ socket, octets: octets.toBytes() })) socket.destroy();
    this.#owner.onClosed(this, undefined);
    return true;
  }

  #closeWithFault(fault: FramingFault): void {
    writeFault(this.#connection.writer(), fault);
    this.#closeDraining();
  }

  /** Lets the peer read the last that was said to it, for a while. */
  #closeDraining(): void {
    const { faultDrainBytes, faultDrainMs } = this.#owner.limits;
    this.#connection.closeDraining(faultDrainBytes, faultDrainMs);
  }

  #callerGone(cause?: Error): void {
    this.#context?.gone(cause);
  }
}
