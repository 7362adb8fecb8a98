import type { MessageHeader } from '../../../contract/header.ts';
import type { Operation } from '../../../contract/contract.ts';
import type { Admit, Fault, Request } from '../../../encoding/encoding.ts';
import { DISPATCHER } from '../../../encoding/unreadable.ts';
import { NetTcpError } from '../../../errors.ts';
import { dropEnvelope } from '../../../framing/encoder.ts';
import type { Connection } from '../../../transport/connection.ts';
import type { Sender } from '../../../transport/upgrade.ts';
import type { RouteToEndpoint } from '../endpoint-table.ts';
import { ServiceSession, type SessionOwner } from '../service-session.ts';
import { type CallbackSession, SessionCallbacks } from './session-callbacks.ts';
import { StatefulContext } from './stateful-context.ts';

/** A session with callbacks, an implementation of its own, or operations that begin and end it. */
export class StatefulSession extends ServiceSession implements CallbackSession {
  readonly #context: StatefulContext;
  readonly #callbacks: SessionCallbacks | undefined;
  #hasBegun = false;
  #isTerminated = false;
  #hasEnded = false;

  constructor(
    route: RouteToEndpoint,
    via: string,
    sender: Sender,
    connection: Connection,
    owner: SessionOwner,
  ) {
    const context = new StatefulContext(via, sender, connection.socket);
    super(route, context, sender, connection, owner);
    this.#context = context;
    const { contract, onCall } = route.endpoint;
    const { callback } = contract;
    if (callback === undefined) return;
    this.#callbacks = new SessionCallbacks(callback, this, this.limits, via, onCall);
    context.callbacks = this.#callbacks;
  }

  /**
   * Reading never stops for running calls, as they may wait for callbacks, whose answers come the same way: calls
   * beyond the limit are refused.
   */
  override deliver(bytes: Uint8Array, start: number, end: number, isClosing: boolean): void {
    if (isClosing) return this.refuseClosing(this.read(bytes, start, end));
    this.dispatch(bytes, start, end);
    this.#endIfTerminated();
  }

  protected override read(
    bytes: Uint8Array,
    start: number,
    end: number,
    admit?: Admit,
  ): Request | undefined {
    const both = (operation: Operation): Fault | undefined =>
      this.#refusal(operation) ?? admit?.(operation);
    const callbacks = this.#callbacks;
    if (callbacks === undefined) return this.codec.readRequest(bytes, start, end, both);
    const message = this.codec.readDuplex(bytes, start, end, callbacks.operationOf, both);
    if (message.kind !== 'answer') return message;
    callbacks.take(message.answer);
    return undefined;
  }

  protected override take(request: Request | undefined): void {
    if (request?.kind === 'call' && request.own === undefined) {
      this.#hasBegun = true;
      this.#isTerminated ||= request.operation.isTerminating;
    }
    super.take(request);
  }

  /** Why a call is not made. A one-way call's caller is not told, so the service is. */
  #refusal(operation: Operation): Fault | undefined {
    const fault = this.#whyNot(operation);
    if (fault !== undefined && operation.oneWay) {
      this.onMistake(new NetTcpError(fault.code, fault.message), operation);
    }
    return fault;
  }

  #whyNot(operation: Operation): Fault | undefined {
    if (this.#isTerminated) return TERMINATED;
    if (!this.#hasBegun && !operation.isInitiating) return notInitiating(operation);
    const { maxConcurrentCalls } = this.limits;
    if (this.running < maxConcurrentCalls) return undefined;
    const message = `${maxConcurrentCalls} calls of this client are running (maxConcurrentCalls). Try again later.`;
    return { code: 'ServerTooBusy', message };
  }

  #endIfTerminated(): void {
    if (this.#isTerminated && this.running === 0) this.endSession();
  }

  protected override onCallDone(): void {
    super.onCallDone();
    this.#endIfTerminated();
    if (this.#hasEnded && this.running === 0) void this.#dispose();
  }

  override drained(): void {
    this.#callbacks?.drained();
  }

  override peerEnded(isGone: boolean): void {
    super.peerEnded(isGone);
    this.#callbacks?.end(new NetTcpError('Communication', 'the client has ended it'));
  }

  override over(): void {
    super.over();
    this.#callbacks?.end(new NetTcpError('Communication', 'the service has ended it'));
  }

  override callerGone(cause?: Error): void {
    super.callerGone(cause);
    const text =
      cause === undefined ? 'the client is gone' : `the client is gone (${cause.message})`;
    this.#callbacks?.end(new NetTcpError('Communication', text, { cause }));
  }

  override ended(): void {
    super.ended();
    this.#callbacks?.end(new NetTcpError('Communication', 'its connection was given up'));
    this.#hasEnded = true;
    if (this.running === 0) void this.#dispose();
  }

  async #dispose(): Promise<void> {
    for (const instance of this.#context.takeInstances()) {
      try {
        await instance.dispose();
      } catch (error) {
        this.endpoint.onError(error, { operation: 'dispose', via: this.context.via });
      }
    }
  }

  send(
    id: number,
    operation: Operation,
    args: readonly unknown[],
    headers: readonly MessageHeader[] | undefined,
  ): boolean {
    const out = this.begin();
    if (out === undefined) return false;
    try {
      this.codec.calls.writeRequest(out, id, operation, args, headers);
    } catch (error) {
      dropEnvelope(out);
      throw error;
    }
    this.end(out);
    return true;
  }

  get unsentBytes(): number {
    return this.connection.unsentBytes;
  }

  get isBehind(): boolean {
    return this.connection.isBehind;
  }

  cutOff(error: NetTcpError): void {
    this.owner.abort(error);
  }

  onMistake(error: NetTcpError, { name }: Operation): void {
    this.endpoint.onError(error, { operation: name, via: this.context.via });
  }
}

/** In WCF's words: its contract filter takes only initiating operations at first. */
function notInitiating({ name }: Operation): Fault {
  const message = `The operation '${name}' cannot be the first operation to be called because IsInitiating is false.`;
  return { code: 'ActionNotSupported', message };
}

const TERMINATED: Fault = {
  code: 'Fault',
  faultCode: { name: 'Sender', subcode: { name: 'SessionTerminated', namespace: DISPATCHER } },
  message:
    "An operation marked as IsTerminating has already been invoked on this channel, causing the channel's connection to terminate. No more operations may be invoked on this channel. Please re-create the channel to continue communication.",
};
