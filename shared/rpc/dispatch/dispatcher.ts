import { streamIn, type StreamPlace, streamPlace, withStream } from '../../contract/message.ts';
import type { Operation } from '../../contract/contract.ts';
import type { MessageHeader } from '../../contract/header.ts';
import type { AnswerWriter, Fault, Request, RequestId } from '../../encoding/encoding.ts';
import { dropEnvelope } from '../../framing/encoder.ts';
import { legible, NetTcpError } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import { warnOfUnread } from '../unread.ts';
import { CallContext } from './call-context.ts';
import type { CallerContext } from './caller-context.ts';
import type { Endpoint } from './endpoint.ts';
import { faultOf, isMeant } from './fault-of.ts';
import { hear, hearRefused, unanswered } from './heard.ts';
import { invoke, isThenable } from './methods.ts';

/**
 * Answers the requests of one session. The subclass says where the answers go; it is a subclass, and not a second
 * object, because very many sessions may be idle.
 */
export abstract class Dispatcher<C extends AnswerWriter = AnswerWriter> {
  protected readonly endpoint: Endpoint;
  protected readonly codec: C;
  protected readonly context: CallerContext;
  #running = 0;

  constructor(endpoint: Endpoint, codec: C, context: CallerContext) {
    this.endpoint = endpoint;
    this.codec = codec;
    this.context = context;
  }

  /** Begins an answer's envelope. @returns `undefined` when the session is over: nobody waits for it */
  protected abstract begin(): OctetWriter | undefined;
  protected abstract end(out: OctetWriter): void;
  /** Ends the session after what was written, because its encoding wants that. */
  protected abstract endSession(): void;
  /** A call that was not answered at once has been answered. */
  protected abstract onCallDone(): void;

  /** Sends an answer with a stream at that place. @param _write writes it with these bytes as the stream's */
  protected sendStream(
    _value: unknown,
    _place: StreamPlace,
    _write: (out: OctetWriter, bytes: Uint8Array) => void,
  ): Promise<void> {
    throw new NetTcpError('Internal', 'no streams are sent here');
  }

  /** Calls that have not been answered yet. */
  get running(): number {
    return this.#running;
  }

  /** Makes a call that its caller may make, or tells him why not: at once, or when a promise settles. */
  protected take(request: Request | undefined): void {
    if (request === undefined) return;
    this.endpoint.counts.calls += 1;
    if (request.kind === 'refused') {
      hearRefused(this.endpoint, this.context, request.fault);
      return this.fault(request.id, request.fault);
    }
    let result: unknown;
    let isLater: boolean;
    const context = new CallContext(this.context, request.headers);
    if (this.endpoint.onCall !== undefined) hear(this.endpoint, request, context);
    try {
      result =
        context.heard === undefined
          ? this.invoke(request, context)
          : context.heard.run(() => this.invoke(request, context));
      isLater = isThenable(result);
    } catch (error) {
      return this.threw(request, error, context);
    }
    if (!isLater) return this.answer(request, result, context);
    this.runUntil(
      Promise.resolve(result),
      (value) => this.answer(request, value, context),
      (error) => this.threw(request, error, context),
    );
  }

  /** Counts a call as running until `promise` settles. */
  protected runUntil<T>(
    promise: Promise<T>,
    onValue: (value: T) => void,
    onError: (error: unknown) => void,
  ): void {
    this.#running += 1;
    void promise.then(
      (value) => {
        this.#running -= 1;
        onValue(value);
        this.onCallDone();
      },
      (error: unknown) => {
        this.#running -= 1;
        onError(error);
        this.onCallDone();
      },
    );
  }

  /** Refuses a call because the service is about to end. */
  protected refuseClosing(request: Request | undefined): void {
    const message = 'The service is closing. Try again later, or another service.';
    this.refuseCall(request, { code: 'ServerTooBusy', message });
  }

  /** Answers a call with a fault, instead of making it. One-way calls are passed over. */
  protected refuseCall(request: Request | undefined, fault: Fault): void {
    if (request?.kind !== 'call') return;
    this.endpoint.counts.calls += 1;
    hearRefused(this.endpoint, this.context, fault, request.operation);
    if (request.operation.oneWay) return;
    this.fault(request.id, fault, request.operation);
  }

  /** Answers a request that will not arrive whole: not even its id is known. */
  protected refuseUnread(fault: Fault): void {
    this.endpoint.counts.calls += 1;
    this.fault('', fault);
  }

  private invoke(request: Call, context: CallContext): unknown {
    if (request.own !== undefined) return request.own();
    const method = this.endpoint.implementation.get(request.operation);
    if (method === undefined) throw new NetTcpError('Internal', 'operation without a method');
    return invoke(method, request.args, context);
  }

  private answer(request: Call, value: unknown, context: CallContext): void {
    const { heard } = context;
    warnOfUnread('a request', request.operation.name, request.headers);
    if (request.operation.oneWay) return heard?.end('OK');
    if (request.operation.streamsReply) return this.answerWithStream(request, value, context);
    const out = this.begin();
    if (out === undefined) return heard?.end('Communication');
    try {
      this.codec.writeResult(out, request.id, request.operation, value, context.ofReply);
    } catch (caught) {
      dropEnvelope(out);
      const error = legible(caught);
      this.report(error, request.operation);
      this.failed(request, error);
      return heard?.end('Internal', error);
    }
    this.end(out);
    heard?.end('OK');
  }

  private answerWithStream(request: Call, value: unknown, context: CallContext): void {
    const { ofReply, heard } = context;
    const { id, operation } = request;
    const { reply } = operation;
    const write = (out: OctetWriter, bytes: Uint8Array): void => {
      try {
        this.codec.writeResult(out, id, operation, withStream(reply, value, bytes), ofReply);
      } catch (error) {
        dropEnvelope(out);
        throw error;
      }
    };
    this.runUntil(
      this.sendStream(streamIn(reply, value), streamPlace(reply), write),
      () => heard?.end('OK'),
      (error) => {
        this.threw(request, error);
        heard?.end(unanswered(error, this.isCallersFault(error)), error);
      },
    );
  }

  /** The implementation threw, or its promise rejected. */
  protected threw(request: Failed, caught: unknown, context?: CallContext): void {
    const error = legible(caught);
    const isForCaller = isMeant(error) || this.isCallersFault(error);
    if (!isForCaller) this.report(error, request.operation);
    this.failed(request, error, context?.ofReply);
    context?.heard?.end(unanswered(error, this.isCallersFault(error)), error);
  }

  /** Whether an implementation threw this because its caller is gone, or has sent something wrong. */
  protected isCallersFault(error: unknown): boolean {
    return this.context.isReason(error);
  }

  private failed(request: Failed, error: unknown, headers?: readonly MessageHeader[]): void {
    const id = request.operation.oneWay ? undefined : request.id;
    this.fault(id, this.faultOf(error), request.operation, headers);
  }

  private faultOf(error: unknown): Fault {
    return faultOf(error, this.endpoint.includeExceptionDetailInFaults);
  }

  private report(error: unknown, { name }: Operation): void {
    this.endpoint.onError(error, { operation: name, via: this.context.via });
  }

  /** Answers with a fault, unless nobody waits for one; it may end the session all the same. */
  private fault(
    id: RequestId | undefined,
    fault: Fault,
    operation?: Operation,
    headers?: readonly MessageHeader[],
  ): void {
    const out = id === undefined ? undefined : this.begin();
    if (id !== undefined && out !== undefined) {
      try {
        this.codec.writeFault(out, id, fault, operation, headers);
      } catch (error) {
        dropEnvelope(out);
        // Only a typed detail, a code or a header can be unwritable: the fault of that error has none of them.
        if (operation !== undefined) this.report(error, operation);
        return this.fault(id, this.faultOf(error), operation);
      }
      this.end(out);
    }
    this.endpoint.counts.faults += 1;
    if (this.codec.endsSession(fault)) this.endSession();
  }
}

type Call = Extract<Request, { readonly kind: 'call' }>;
/** A call that has no result. */
type Failed = Pick<Call, 'operation'> & { readonly id: RequestId | undefined };
