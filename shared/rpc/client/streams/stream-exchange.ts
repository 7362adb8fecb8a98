import { streamIn, streamPlace, withStream } from '../../../contract/message.ts';
import type { Operation } from '../../../contract/contract.ts';
import type { MessageHeader } from '../../../contract/header.ts';
import type { ClientCodec } from '../../../encoding/encoding.ts';
import {
  ArrivingMessage,
  type MessageTaker,
  type StreamTaker,
} from '../../../encoding/streams/arriving-message.ts';
import { NetTcpError } from '../../../errors.ts';
import {
  beginEnvelope,
  dropEnvelope,
  endEnvelope,
  endFirstChunk,
} from '../../../framing/encoder.ts';
import { type EnvelopePart, RecordType } from '../../../framing/records.ts';
import type { Limits } from '../../../limits.ts';
import type { Connection } from '../../../transport/connection.ts';
import type { MessageReader } from '../../message-reader.ts';
import { IncomingStream, type StreamOwner } from '../../streams/incoming-stream.ts';
import { OutgoingStream } from '../../streams/outgoing-stream.ts';
import { checkStream } from '../../streams/whole-stream.ts';
import type { PendingCall, PendingCalls } from '../../calls/pending-calls.ts';
import { toError } from '../../calls/fault-error.ts';
import { endedByService } from '../session-errors.ts';

const NOTHING = new Uint8Array(0);

/** The session of a call with streams. */
export interface StreamSession {
  readonly owner: { readonly via: string; readonly limits: Limits };
  readonly isOpen: boolean;
  readonly connection: Connection;
  readonly codec: ClientCodec;
  readonly reader: MessageReader;
  readonly pending: PendingCalls;
  step(event: { readonly on: 'end' }): void;
  /** Takes an answer without a stream. */
  deliver(bytes: Uint8Array, start: number, end: number): void;
  abort(error: NetTcpError): void;
}

/** A call with a stream in its request, its answer or both, in streamed mode. */
export class StreamExchange implements MessageTaker, StreamOwner {
  readonly #operation: Operation;
  readonly #session: StreamSession;
  readonly #answer: ArrivingMessage;
  #sending: OutgoingStream | undefined;
  #stream: IncomingStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When a piece of the answer came last, or the reader began to wait for one. */
  #heardAt = 0;

  constructor(operation: Operation, session: StreamSession) {
    this.#operation = operation;
    this.#session = session;
    const { streamsReply, reply } = operation;
    const places = streamsReply ? [streamPlace(reply)] : [];
    this.#answer = new ArrivingMessage(session.owner.limits, this, places);
  }

  /** The request is not sent to its end. */
  get isSending(): boolean {
    return this.#sending?.isSent === false;
  }

  /** The reader of the answer wants no more just now. */
  get isHeldUp(): boolean {
    return this.#stream?.isFull === true;
  }

  /**
   * Sends the request, or begins to.
   *
   * @param call gets the answer; `undefined` if there is none
   * @returns a promise that is fulfilled when all of it is sent
   * @throws {NetTcpError} `Usage` for arguments that are not the operation's, `Communication` when the session
   *   has ended
   */
  start(
    args: readonly unknown[],
    call: PendingCall | undefined,
    headers: readonly MessageHeader[] | undefined,
  ): Promise<void> {
    const { connection, codec, pending, reader, owner } = this.#session;
    if (!this.#session.isOpen) throw endedByService(owner.via);
    const { streamsRequest, streamsReply, request } = this.#operation;
    const source = streamsRequest ? checkStream(streamIn(request, args[0])) : undefined;
    const place = streamPlace(request);
    reader.takesParts = streamsReply;
    const out = connection.writer();
    const id = pending.nextId();
    beginEnvelope(out, RecordType.UnsizedEnvelope);
    try {
      const sent = source === undefined ? args : [withStream(request, args[0], NOTHING)];
      codec.writeRequest(out, id, this.#operation, sent, headers);
      if (source === undefined) endEnvelope(out);
      else {
        out.length -= place.depth;
        endFirstChunk(out);
      }
    } catch (error) {
      dropEnvelope(out);
      throw error;
    }
    if (call !== undefined) pending.add(id, call);
    if (source !== undefined) {
      return this.#send(new OutgoingStream(source, connection, place));
    }
    this.#session.step({ on: 'end' });
    return Promise.resolve();
  }

  onPart({ bytes, start, end, isLast }: EnvelopePart): void {
    this.#heardAt = performance.now();
    if (isLast) return this.#answer.end();
    this.#answer.push(bytes, start, end);
    if (this.isHeldUp) this.#session.connection.pause();
  }

  onHead(bytes: Uint8Array, end: number): StreamTaker | undefined {
    const { codec, pending } = this.#session;
    const stream = new IncomingStream(this);
    const reply = codec.readReplyHead?.(bytes, end, this.#operation, stream);
    if (reply === undefined || !('id' in reply)) return undefined;
    const call = pending.take(reply.id);
    if (reply.kind === 'result' && call !== undefined) {
      this.#stream = stream;
      this.#watch(this.#session.owner.limits.receiveTimeoutMs);
      call.settle(reply);
      return stream;
    }
    const error =
      reply.kind === 'fault' ? toError(reply.fault) : endedByService(this.#session.owner.via);
    call?.reject(error);
    this.#session.abort(error); // nobody wants the stream
    return undefined;
  }

  onWhole(bytes: Uint8Array, end: number): void {
    this.#session.deliver(bytes, 0, end);
  }

  onWanted(): void {
    this.#heardAt = performance.now();
    this.#session.connection.resume();
    this.#session.reader.readOn();
  }

  onDropped(): void {
    const text = 'The stream was destroyed by its reader before all of it had come.';
    this.#session.abort(new NetTcpError('CommunicationObjectAborted', text));
  }

  /** The session is over. @param error why, unless both sides have ended it */
  over(error: NetTcpError | undefined): void {
    clearTimeout(this.#timer);
    this.#sending?.stop();
    this.#stream?.fail(error ?? endedByService(this.#session.owner.via));
  }

  async #send(sending: OutgoingStream): Promise<void> {
    this.#sending = sending;
    try {
      await sending.send();
    } catch (caught) {
      const error = brokenSource(this.#operation, caught);
      this.#session.abort(error);
      throw error;
    }
    if (sending.isSent) this.#session.step({ on: 'end' });
  }

  /** As WCF: a reader waits no longer than ReceiveTimeout for the next piece. */
  #watch(ms: number): void {
    const { limits, via } = this.#session.owner;
    const { receiveTimeoutMs } = limits;
    this.#timer = setTimeout(() => {
      const left = this.#heardAt + receiveTimeoutMs - performance.now();
      if (this.isHeldUp || left > 0) return this.#watch(this.isHeldUp ? receiveTimeoutMs : left);
      const text = `${via} has sent nothing more of its stream for ${receiveTimeoutMs / 1_000} s (receiveTimeoutMs).`;
      this.#session.abort(new NetTcpError('Timeout', text));
    }, ms).unref();
  }
}

function brokenSource({ name }: Operation, caught: unknown): NetTcpError {
  if (caught instanceof NetTcpError) return caught;
  const text = `${name}: the stream to be sent broke off: ${NetTcpError.from(caught).message}`;
  return new NetTcpError('OperationCanceled', text, { cause: caught });
}
