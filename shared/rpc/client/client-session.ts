import type { Operation } from '../../contract/contract.ts';
import type { MessageHeader } from '../../contract/header.ts';
import type { ClientCodec } from '../../encoding/encoding.ts';
import { NetTcpError } from '../../errors.ts';
import {
  beginEnvelope,
  dropEnvelope,
  endEnvelope,
  writeMark,
  writePreamble,
  writeUpgradeRequest,
} from '../../framing/encoder.ts';
import { envelopeType, Mode, RecordType } from '../../framing/records.ts';
import type { OctetWriter } from '../../octets.ts';
import {
  INITIATOR_START,
  type InitiatorEffect,
  type InitiatorEvent,
  type InitiatorState,
  isOpening,
  takesReplies,
} from '../../session/initiator-state.ts';
import { stepInitiator } from '../../session/initiator.ts';
import type { Socket } from 'node:net';
import { Connection, ignoreError } from '../../transport/connection.ts';
import type { ByteStream, Secured } from '../../transport/upgrade.ts';
import { MessageReader, type RecordTaker } from '../message-reader.ts';
import { secure, takeBack } from '../secure.ts';
import { type PendingCall, PendingCalls } from '../calls/pending-calls.ts';
import { refuseCallback, warnOfUnheard } from './unheard.ts';
import { endedByService, endedIdle, foreignPeer, lost, silentPeer } from './session-errors.ts';
import type { CallbackTaker, ClientSessionOwner } from './session-owner.ts';
import type { StreamExchange, StreamSession } from './streams/stream-exchange.ts';

/** The client's end of one session: a preamble, calls and their answers, End. */
export class ClientSession implements RecordTaker, StreamSession {
  readonly owner: ClientSessionOwner;
  connection: Connection;
  #secured: Secured | undefined;
  readonly codec: ClientCodec;
  readonly reader: MessageReader;
  readonly pending: PendingCalls;
  /** A call with streams, the only one of its session. */
  exchange: StreamExchange | undefined;
  readonly #callbacks: CallbackTaker | undefined;
  #state: InitiatorState = INITIATOR_START;
  #isOver = false;

  constructor(owner: ClientSessionOwner, socket: Socket, codec: ClientCodec) {
    this.owner = owner;
    this.codec = codec;
    this.reader = new MessageReader(owner.limits, this);
    const { silentPeerTimeoutMs } = owner.limits;
    this.pending = new PendingCalls(silentPeerTimeoutMs, () =>
      this.abort(silentPeer(owner.via, silentPeerTimeoutMs)),
    );
    this.#callbacks = owner.newCallbacks?.(codec.answers, this);
    this.connection = this.#connect(socket, socket);
    const { via, encoding, upgrade } = owner;
    const preamble = { via, mode: encoding.mode, encoding: encoding.contentType };
    this.step({ on: 'open', preamble, upgrade });
  }

  #connect(socket: Socket, stream: ByteStream): Connection {
    const handler = {
      reader: this.reader,
      onOctets: (octets: Uint8Array) => this.#onOctets(octets),
      onEnd: () => this.reader.peerEnded(),
      onClose: (error: Error | undefined) => this.#onConnectionClosed(error),
    };
    return new Connection(socket, handler, undefined, stream);
  }

  get isOpen(): boolean {
    return this.#state.at === 'open';
  }
  get takesMessages(): boolean {
    return !this.#isOver && takesReplies(this.#state);
  }
  /**
   * Sends a call.
   *
   * @throws {NetTcpError} `Usage` for arguments that the contract does not allow, `Communication` when the
   *   session has ended; nothing is sent then
   */
  call(
    operation: Operation,
    args: readonly unknown[],
    call: PendingCall | undefined,
    headers: readonly MessageHeader[] | undefined,
  ): number {
    const out = this.begin();
    if (out === undefined) throw endedByService(this.owner.via);
    const id = this.pending.nextId();
    // Before it is written: a value's own code may close the channel meanwhile, which waits for this call, too.
    if (call !== undefined) this.pending.add(id, call);
    try {
      this.codec.writeRequest(out, id, operation, args, headers);
    } catch (error) {
      dropEnvelope(out);
      this.pending.take(id);
      throw error;
    }
    this.end(out);
    // A streamed session carries one message each way: End goes out with it.
    if (this.owner.encoding.mode === Mode.SingletonUnsized) this.step({ on: 'end' });
    return id;
  }

  /** Begins a message. @returns `undefined` when the session has ended */
  begin(): OctetWriter | undefined {
    if (!this.isOpen) return undefined;
    const out = this.connection.writer();
    beginEnvelope(out, envelopeType(this.owner.encoding.mode));
    return out;
  }

  end(out: OctetWriter): void {
    endEnvelope(out);
  }

  /** Sends End as soon as no call is in flight; the session closes when the service has sent its own. */
  endWhenIdle(): void {
    this.connection.socket.ref();
    if (this.pending.size === 0) this.step({ on: 'end' });
    else this.pending.onEmpty = () => this.step({ on: 'end' });
  }

  /** Lets the process end while this session is open. */
  unref(): void {
    if (!this.#isOver) this.connection.socket.unref();
  }

  /** Drops the connection; every call in flight fails with `error`. */
  abort(error: NetTcpError): void {
    // The connection of a session that is over may already belong to another one.
    if (this.#isOver) return;
    this.#over(error, false);
    this.connection.reset();
  }

  #onOctets(octets: Uint8Array): void {
    this.pending.silence.heard();
    const isFirst = isOpening(this.#state) && this.reader.atBoundary;
    const foreign = isFirst ? foreignPeer(this.owner.via, octets) : undefined;
    if (foreign !== undefined) return this.step({ on: 'invalid', error: foreign });
    this.reader.push(octets);
  }

  get isClosed(): boolean {
    return this.#isOver || this.#state.at === 'closed';
  }
  get isHeldUp(): boolean {
    return this.exchange?.isHeldUp === true;
  }

  step(event: InitiatorEvent): void {
    const [state, effects] = stepInitiator(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: InitiatorEffect): void {
    switch (effect.do) {
      case 'deliver-part':
        return this.exchange?.onPart(effect.part);
      case 'deliver':
        return this.deliver(effect.envelope.bytes, effect.envelope.start, effect.envelope.end);
      case 'send-preamble': {
        const out = this.connection.writer();
        writePreamble(out, effect.preamble);
        if (effect.upgrade === undefined) return writeMark(out, RecordType.PreambleEnd);
        return writeUpgradeRequest(out, effect.upgrade.contentType);
      }
      case 'upgrade':
        return void this.#upgrade();
      case 'send-preamble-end':
        return writeMark(this.connection.writer(), RecordType.PreambleEnd);
      case 'opened':
        return this.owner.onOpened();
      case 'send-end':
        return writeMark(this.connection.writer(), RecordType.End);
      case 'peer-ended':
        // Calls wait for answers in vain. In the middle of a request there can be no End.
        if (this.exchange?.isSending === true) return this.abort(endedByService(this.owner.via));
        this.pending.rejectAll(endedByService(this.owner.via));
        return this.step({ on: 'end' });
      case 'reuse': {
        const socket = takeBack(this.connection, this.reader.atBoundary, this.#secured);
        if (socket !== undefined) this.owner.keep(socket);
        return this.#over(undefined, false);
      }
      case 'close':
        this.connection.close();
        return this.#over(undefined, false);
      case 'abort':
        this.#over(effect.error, effect.retry);
        return this.connection.destroy();
    }
  }

  async #upgrade(): Promise<void> {
    const { socket } = this.connection;
    try {
      const secured = await secure(this.connection, this.reader.atBoundary, (raw) =>
        this.owner.secure(raw),
      );
      if (this.#isOver) return void secured.stream.on('error', ignoreError).destroy();
      this.#secured = secured;
      this.connection = this.#connect(socket, secured.stream);
      this.step({ on: 'upgraded' });
    } catch (caught) {
      const error = NetTcpError.from(caught);
      if (error.code === 'Communication') this.#onConnectionClosed(error);
      else this.step({ on: 'invalid', error });
    }
  }

  deliver(bytes: Uint8Array, start: number, end: number): void {
    const reply = this.codec.readReply(bytes, start, end, this.pending.operationOf);
    if (reply === undefined) return;
    if (reply.kind === 'callback') {
      if (this.#callbacks !== undefined) return this.#callbacks.take(reply.request);
      return refuseCallback(reply.request, this.codec.answers, this);
    }
    if (reply.kind === 'one-way') return warnOfUnheard(this.owner.via, reply.name);
    this.pending.take(reply.id)?.settle(reply);
  }

  #onConnectionClosed(cause: Error | undefined): void {
    const [error, canRetry] = lost(this.owner.via, this.#state, cause, this.#secured);
    this.#over(error, canRetry);
  }

  #over(error: NetTcpError | undefined, canRetry: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.exchange?.over(error);
    const isIdle = this.pending.size === 0;
    if (!isIdle) this.pending.rejectAll(error ?? endedByService(this.owner.via));
    this.pending.end();
    this.#callbacks?.gone(error);
    // No call failed: the error is for the next one. Most likely there was no call for too long.
    const isUnheard = isIdle && !canRetry && error?.code === 'Communication';
    this.owner.onClosed(isUnheard ? endedIdle(this.owner.via, error) : error, canRetry);
  }
}
