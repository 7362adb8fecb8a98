import type { StreamPlace } from '../../contract/message.ts';
import type { NetTcpError } from '../../errors.ts';
import { beginEnvelope, endEnvelope, writeMark } from '../../framing/encoder.ts';
import { FAULT_NAMESPACE, FRAMING_FAULTS, type FramingFault } from '../../framing/faults.ts';
import { type EnvelopePart, envelopeType, RecordType } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import type { OctetWriter } from '../../octets.ts';
import { printable } from '../../printable.ts';
import type { Connection } from '../../transport/connection.ts';
import { WRITE_AT_BYTES } from '../../transport/sending.ts';
import type { Authorize } from '../../security/authorize.ts';
import type { Sender } from '../../transport/upgrade.ts';
import type { Admit, Request, ServiceCodec } from '../../encoding/encoding.ts';
import { checkStream, collect } from '../streams/whole-stream.ts';
import { CallerContext } from '../dispatch/caller-context.ts';
import { Admission, denied } from '../dispatch/authorization.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import type { RouteToEndpoint } from './endpoint-table.ts';

/** What a session asks of its connection. */
export interface SessionOwner {
  /** Drops the connection. */
  abort(error: Error): void;
  /** Takes the event `end`: the encoding wants the session to end after its last answer. */
  step(event: { readonly on: 'end' | 'cut' }): void;
  /** A call that was not answered at once has been answered. */
  onCallDone(): void;
  /** Reads on what had to wait for running calls. */
  onDrain(): void;
}

/** One session of a connection: its requests, and where their answers are written. */
export class ServiceSession extends Dispatcher<ServiceCodec> {
  protected readonly connection: Connection;
  protected readonly owner: SessionOwner;
  readonly #envelopeType: number;
  protected readonly limits: Limits;
  #isOver = false;
  #isFull = false;

  constructor(
    { endpoint, encoding, codec }: RouteToEndpoint,
    context: CallerContext,
    { security }: Sender,
    connection: Connection,
    owner: SessionOwner,
  ) {
    super(
      endpoint,
      encoding.service(security === undefined ? codec : { ...codec, security }),
      context,
    );
    this.connection = connection;
    this.owner = owner;
    this.limits = codec.limits;
    this.#envelopeType = envelopeType(encoding.mode);
  }

  /** So many calls are running that no more are read until one of them has been answered. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes a request. @param isClosing refuses it, because the service is about to end */
  deliver(bytes: Uint8Array, start: number, end: number, isClosing: boolean): void {
    if (isClosing) this.refuseClosing(this.read(bytes, start, end));
    else this.dispatch(bytes, start, end);
    this.#isFull = this.running >= this.limits.maxConcurrentCalls;
    if (this.#isFull) this.connection.pause();
  }

  /** Reads one message and answers it. */
  protected dispatch(bytes: Uint8Array, start: number, end: number): void {
    const { guard } = this.endpoint;
    if (guard === undefined) return this.take(this.read(bytes, start, end));
    this.takeGuarded(guard, (admit) => this.read(bytes, start, end, admit));
  }

  /** Takes what `read` reads, once it is known whether the caller may make that call. */
  protected takeGuarded(guard: Authorize, read: (admit: Admit) => Request | undefined): void {
    const admission = new Admission(guard, this.context, this.endpoint.onDenied);
    const request = read(admission.ask);
    const { later } = admission;
    if (later === undefined) return this.take(request);
    const { operation } = later;
    const id = operation.oneWay ? undefined : request?.id;
    this.runUntil(
      later.decision,
      (isAllowed) => this.take(isAllowed ? request : { kind: 'refused', id, fault: denied() }),
      (error) => this.threw({ operation, id }, error),
    );
  }

  /** @returns `undefined` for what is no request, and has been dealt with */
  protected read(
    bytes: Uint8Array,
    start: number,
    end: number,
    admit?: Admit,
  ): Request | undefined {
    return this.codec.readRequest(bytes, start, end, admit);
  }

  /** Requests are to come in parts, by `deliverPart`. */
  get takesParts(): boolean {
    return false;
  }

  /** The rest of a request is due: it may not be waited for without end. */
  get isArriving(): boolean {
    return false;
  }

  /** Bytes of memory that a request takes which comes in parts: what nobody has read of its stream, too. */
  get heldBytes(): number {
    return 0;
  }

  /** Takes a part of a request. @throws {NetTcpError} what the decoder of a whole one might */
  deliverPart(_part: EnvelopePart, _isClosing: boolean): void {}

  /** Answers a request that is arriving and will not be read, with what a fault record would say. */
  refuse(fault: FramingFault, _error: NetTcpError): void {
    const subcode = { name: fault, namespace: FAULT_NAMESPACE };
    this.refuseUnread({
      code: 'Fault',
      faultCode: { name: 'Sender', subcode },
      message: FRAMING_FAULTS[fault].text(printable(this.context.via)),
    });
    writeMark(this.connection.writer(), RecordType.End);
  }

  /** The client makes no more calls, and answers none. @param isGone it has closed its half, without End */
  peerEnded(isGone: boolean): void {
    // Probably nobody waits for the answers. They are written all the same.
    if (isGone) this.callerGone();
  }

  /** The client has read what was unsent. */
  drained(): void {}

  /** Our End is written: later answers are dropped. */
  over(): void {
    this.#isOver = true;
  }

  /** The session is over, whichever way it ended. */
  ended(): void {
    this.#isOver = true;
    this.context.gone(undefined);
  }

  /** The caller no longer waits for answers. */
  callerGone(cause?: Error): void {
    this.context.gone(cause);
  }

  /** Buffered: as one message, once all of the stream is there. */
  protected override async sendStream(
    value: unknown,
    _place: StreamPlace,
    write: (out: OctetWriter, bytes: Uint8Array) => void,
  ): Promise<void> {
    const bytes = await collect(checkStream(value), this.limits.maxReceivedMessageSize);
    const out = this.begin();
    if (out === undefined) return;
    write(out, bytes);
    this.end(out);
  }

  protected begin(): OctetWriter | undefined {
    if (this.#isOver || !this.connection.isOpen) return undefined;
    const out = this.connection.writer();
    beginEnvelope(out, this.#envelopeType);
    return out;
  }

  protected end(out: OctetWriter): void {
    endEnvelope(out);
    // At once: whether the next request is read depends on whether the peer reads this.
    if (out.length >= WRITE_AT_BYTES) this.connection.flush();
  }

  protected endSession(): void {
    if (!this.#isOver) this.owner.step({ on: 'end' });
  }

  protected onCallDone(): void {
    this.owner.onCallDone();
    if (!this.#isFull || this.running >= this.limits.maxConcurrentCalls) return;
    this.#isFull = false;
    this.connection.resume();
    this.owner.onDrain();
  }
}

/** A session that remembers nothing. */
export function plainSession(
  route: RouteToEndpoint,
  via: string,
  sender: Sender,
  connection: Connection,
  owner: SessionOwner,
): ServiceSession {
  return new ServiceSession(
    route,
    new CallerContext(via, sender, connection.socket),
    sender,
    connection,
    owner,
  );
}
