import type { OperationContext } from '../contract/contract.ts';
import type { MessageEncoding } from '../encoding/encoding.ts';
import { NetTcpError } from '../errors.ts';
import { RecordDecoder } from '../framing/decoder.ts';
import {
  beginEnvelope,
  beginUnsizedEnvelope,
  endEnvelope,
  endUnsizedEnvelope,
  writeFault,
  writeMark,
  writePreamble,
} from '../framing/encoder.ts';
import type { FramingFault } from '../framing/faults.ts';
import { Mode, type Preamble, RecordType } from '../framing/records.ts';
import type { Limits } from '../limits.ts';
import { OctetWriter } from '../octets.ts';
import {
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../session/receiver.ts';
import { Connection } from '../transport/connection.ts';
import type { Incoming } from '../transport/listener.ts';
import { Dispatcher, type Endpoint } from './dispatcher.ts';

/** Where a preamble leads. */
export type Route =
  | { readonly to: 'endpoint'; readonly endpoint: Endpoint; readonly address: string }
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

/** The service's end of one connection: session after session, each with a preamble of its own. */
export class ServiceConnection {
  readonly #owner: ServiceConnectionOwner;
  readonly #connection: Connection;
  readonly #decoder: RecordDecoder;
  #state: ReceiverState = RECEIVER_START;
  #session: { readonly dispatcher: Dispatcher; readonly isStreamed: boolean } | undefined;
  #gone: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastActivity = 0;
  #hasDelivered = false;
  #isClosing = false;
  /** Between two sessions: until the next preamble begins, the longer idle time counts. */
  #isReused = false;
  #error: Error | undefined;

  constructor(owner: ServiceConnectionOwner, { socket }: Incoming) {
    this.#owner = owner;
    this.#decoder = new RecordDecoder(owner.limits);
    this.#connection = new Connection(
      socket,
      {
        onOctets: (octets) => this.#onOctets(octets),
        onEnd: () => this.#step({ on: 'eof', atBoundary: this.#decoder.atBoundary }),
        onClose: (error) => this.#onClose(error),
      },
      owner.limits,
    );
    this.#awaitPreamble(owner.limits.preambleTimeoutMs);
  }

  /** Takes what was read of the connection before it came here. */
  start(octets: Uint8Array): void {
    if (octets.length > 0) this.#connection.receive(octets);
  }

  /** Ends the session when its running calls are answered; no new ones are taken. */
  close(): void {
    this.#isClosing = true;
    if ((this.#session?.dispatcher.running ?? 0) === 0) this.#step({ on: 'end' });
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

  #onOctets(octets: Uint8Array): void {
    if (this.#isReused && this.#state.at === 'version') {
      this.#isReused = false;
      this.#awaitPreamble(this.#owner.limits.preambleTimeoutMs);
    }
    this.#decoder.push(octets);
    try {
      while (this.#state.at !== 'closed') {
        if (this.#session?.isStreamed === false) this.#deliverEnvelopes();
        const record = this.#decoder.next();
        if (record === undefined) break;
        this.#step({ on: 'record', record });
      }
    } catch (error) {
      this.#step({ on: 'invalid', error: NetTcpError.from(error) });
    }
    // Once for all requests that came together: the clock costs a tenth of what a call does.
    if (this.#hasDelivered) this.#lastActivity = performance.now();
    this.#hasDelivered = false;
  }

  /** Requests of an open session, of which `stepReceiver` would say no more than `deliver`. */
  #deliverEnvelopes(): void {
    const decoder = this.#decoder;
    while (this.#state.at === 'open' && decoder.passEnvelope()) {
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
        clearTimeout(this.#timer);
        this.#watchIdle();
        return writeMark(this.#connection.writer(), RecordType.PreambleAck);
      case 'finish':
        // Closed without End: nobody waits for the answers, most likely. They are written all the same.
        if (this.#state.at === 'peer-ended' && this.#state.eof) this.#callerGone();
        if ((this.#session?.dispatcher.running ?? 0) === 0) this.#step({ on: 'end' });
        return;
      case 'send-end':
        return writeMark(this.#connection.writer(), RecordType.End);
      case 'reuse':
        this.#session = undefined;
        this.#isReused = true;
        if (this.#isClosing) return this.#connection.close();
        return this.#awaitPreamble(this.#owner.limits.idleTimeoutMs);
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
    const dispatcher = this.#session?.dispatcher;
    if (dispatcher === undefined) return;
    this.#hasDelivered = true;
    if (this.#isClosing) return dispatcher.refuse(bytes, start, end);
    dispatcher.dispatch(bytes, start, end);
    if (dispatcher.running >= this.#owner.limits.maxConcurrentCalls) this.#connection.pause();
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
    this.#openSession(encoding, route.endpoint, route.address, preamble.via);
    this.#step({ on: 'routed' });
  }

  #openSession(encoding: MessageEncoding, endpoint: Endpoint, address: string, via: string): void {
    const { limits } = this.#owner;
    const isStreamed = encoding.mode === Mode.SingletonUnsized;
    const connection = this.#connection;
    let start = 0;
    const sink = {
      begin: () => {
        if (!connection.isOpen || !('preamble' in this.#state || this.#state.at === 'peer-ended')) {
          return undefined;
        }
        const out = connection.writer();
        start = isStreamed ? beginUnsizedEnvelope(out) : beginEnvelope(out);
        return out;
      },
      end: (out: OctetWriter) =>
        isStreamed ? endUnsizedEnvelope(out, start) : endEnvelope(out, start),
      discard: (out: OctetWriter) => {
        out.length = start - 2;
      },
      endSession: () => this.#step({ on: 'end' }),
    };
    const codec = encoding.service({ contract: endpoint.contract, limits, address });
    const dispatcher = new Dispatcher(endpoint, codec, this.#context(via), sink, () =>
      this.#onCallDone(dispatcher),
    );
    this.#session = { dispatcher, isStreamed };
  }

  #context(via: string): OperationContext {
    const signal = (): AbortSignal => (this.#gone ??= new AbortController()).signal;
    return {
      via,
      get signal() {
        return signal();
      },
    };
  }

  #onCallDone(dispatcher: Dispatcher): void {
    if (dispatcher.running === this.#owner.limits.maxConcurrentCalls - 1) this.#connection.resume();
    if (dispatcher.running > 0 || dispatcher !== this.#session?.dispatcher) return;
    this.#lastActivity = performance.now();
    if (this.#isClosing || this.#state.at === 'peer-ended') this.#step({ on: 'end' });
  }

  /** Gives socket and octets to whoever routes the port's connections. */
  #giveAway(preamble: Preamble): boolean {
    // The preamble is written anew: the decoder keeps no octets of records that it has read.
    const octets = new OctetWriter(256);
    writePreamble(octets, preamble);
    octets.append(this.#decoder.pending());
    const { socket, octets: unread } = this.#connection.detach();
    octets.append(unread);
    clearTimeout(this.#timer);
    this.#state = { at: 'closed' };
    if (!this.#owner.giveAway({ socket, octets: octets.toBytes() })) socket.destroy();
    this.#owner.onClosed(this, undefined);
    return true;
  }

  #closeWithFault(fault: FramingFault): void {
    clearTimeout(this.#timer);
    writeFault(this.#connection.writer(), fault);
    this.#closeDraining();
  }

  /** Lets the peer read the last that was said to it, for a while. */
  #closeDraining(): void {
    const { faultDrainBytes, faultDrainMs } = this.#owner.limits;
    this.#connection.closeDraining(faultDrainBytes, faultDrainMs);
  }

  /** An absolute deadline: octets that drip in do not move it. */
  #awaitPreamble(timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const isIdle = this.#state.at === 'version' && this.#decoder.atBoundary;
      if (isIdle) return this.#connection.close();
      this.abort(new Error(`no complete preamble within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
  }

  /** One timer for each session, not for each message: it looks when the last one came. */
  #watchIdle(): void {
    const { receiveTimeoutMs } = this.#owner.limits;
    this.#lastActivity = performance.now();
    const check = (): void => {
      const idleMs = performance.now() - this.#lastActivity;
      const isBusy = (this.#session?.dispatcher.running ?? 0) > 0;
      if (idleMs >= receiveTimeoutMs && !isBusy) {
        // As WCF does: a client that is still there learns of it by its next call.
        return this.#connection.reset(new Error(`no message for ${receiveTimeoutMs / 1_000} s`));
      }
      this.#timer = setTimeout(check, isBusy ? receiveTimeoutMs : receiveTimeoutMs - idleMs);
    };
    this.#timer = setTimeout(check, receiveTimeoutMs);
  }

  #onClose(error: Error | undefined): void {
    clearTimeout(this.#timer);
    this.#state = { at: 'closed' };
    this.#callerGone(error);
    this.#owner.onClosed(this, this.#error ?? error);
  }

  #callerGone(cause?: Error): void {
    this.#gone?.abort(new NetTcpError('Communication', 'the caller is gone', { cause }));
  }
}
