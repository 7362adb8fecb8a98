import { beginEnvelope, dropEnvelope, endEnvelope, writeMark } from '../../framing/encoder.ts';
import { FAULT_NAMESPACE, FRAMING_FAULTS, type FramingFault } from '../../framing/faults.ts';
import { envelopeType, RecordType } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import type { OctetWriter } from '../../octets.ts';
import { printable } from '../../printable.ts';
import { type Connection, WRITE_AT_BYTES } from '../../transport/connection.ts';
import type { Sender } from '../../transport/upgrade.ts';
import { CallerContext } from '../dispatch/caller-context.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import type { RouteToEndpoint } from './endpoint-table.ts';

/** What a session asks of its connection. */
export interface SessionOwner {
  /** Takes the event `end`: the encoding wants the session to end after its last answer. */
  step(event: { readonly on: 'end' }): void;
  /** A call that was not answered at once has been answered. */
  onCallDone(): void;
  /** Reads on what had to wait for running calls. */
  onDrain(): void;
}

/** One session of a connection: its requests, and where their answers are written. */
export class ServiceSession extends Dispatcher {
  readonly #connection: Connection;
  readonly #owner: SessionOwner;
  readonly #envelopeType: number;
  readonly #limits: Pick<Limits, 'maxConcurrentCalls'>;
  /** Where the payload of the current answer begins. */
  #answerAt = 0;
  #isOver = false;
  #isFull = false;

  constructor(
    { endpoint, encoding, codec }: RouteToEndpoint,
    via: string,
    sender: Sender,
    connection: Connection,
    owner: SessionOwner,
  ) {
    const { security } = sender;
    const own = encoding.service(security === undefined ? codec : { ...codec, security });
    super(endpoint, own, new CallerContext(via, sender));
    this.#connection = connection;
    this.#owner = owner;
    this.#limits = codec.limits;
    this.#envelopeType = envelopeType(encoding.mode);
  }

  /** So many calls are running that no more are read until one of them has been answered. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes a request. @param isClosing refuses it, because the service is about to end */
  deliver(bytes: Uint8Array, start: number, end: number, isClosing: boolean): void {
    if (isClosing) this.refuseCall(bytes, start, end);
    else this.dispatch(bytes, start, end);
    this.#isFull = this.running >= this.#limits.maxConcurrentCalls;
    if (this.#isFull) this.#connection.pause();
  }

  /** Answers a request that is arriving and will not be read, with what a fault record would say. */
  refuse(fault: FramingFault): void {
    const subcode = { name: fault, namespace: FAULT_NAMESPACE };
    this.refuseUnread({
      code: 'Fault',
      faultCode: { name: 'Sender', subcode },
      message: FRAMING_FAULTS[fault].text(printable(this.context.via)),
    });
    writeMark(this.#connection.writer(), RecordType.End);
  }

  /** Our End is written: later answers are dropped. */
  over(): void {
    this.#isOver = true;
  }

  /** The caller no longer waits for answers. */
  callerGone(cause?: Error): void {
    this.context.gone(cause);
  }

  protected begin(): OctetWriter | undefined {
    if (this.#isOver || !this.#connection.isOpen) return undefined;
    const out = this.#connection.writer();
    this.#answerAt = beginEnvelope(out, this.#envelopeType);
    return out;
  }

  protected end(out: OctetWriter): void {
    endEnvelope(out, this.#answerAt);
    // At once: whether the next request is read depends on whether the peer reads this.
    if (out.length >= WRITE_AT_BYTES) this.#connection.flush();
  }

  protected discard(out: OctetWriter): void {
    dropEnvelope(out, this.#answerAt);
  }

  protected endSession(): void {
    if (!this.#isOver) this.#owner.step({ on: 'end' });
  }

  protected onCallDone(): void {
    this.#owner.onCallDone();
    if (!this.#isFull || this.running >= this.#limits.maxConcurrentCalls) return;
    this.#isFull = false;
    this.#connection.resume();
    this.#owner.onDrain();
  }
}
