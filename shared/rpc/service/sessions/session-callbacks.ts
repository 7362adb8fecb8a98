import type { CallOptions, Contract, Operation } from '../../../contract/contract.ts';
import type { MessageHeader } from '../../../contract/header.ts';
import type { Answer } from '../../../encoding/encoding.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { printable } from '../../../printable.ts';
import { canceled } from '../../../time.ts';
import { rejectedWithCallerFrames } from '../../caller-frames.ts';
import { whenAborted } from '../../calls/abort-signals.ts';
import { PendingCall, PendingCalls } from '../../calls/pending-calls.ts';
import type { OnCall } from '../../call-events.ts';
import { heardCaller } from '../../calls/heard-caller.ts';
import { methodFor } from '../../calls/proxy-method.ts';

/** What callbacks need of their session. */
export interface CallbackSession {
  /** Sends a callback. @returns false when the session is over @throws {NetTcpError} `Usage`, and nothing is sent */
  send(
    id: number,
    operation: Operation,
    args: readonly unknown[],
    headers: readonly MessageHeader[] | undefined,
  ): boolean;
  /** Bytes that the client has not read yet, beyond what the kernel holds. */
  readonly unsentBytes: number;
  /** More are unsent than a client should be behind. */
  readonly isBehind: boolean;
  /** Ends the session at once. */
  cutOff(error: NetTcpError): void;
  /** A callback could not be written as its contract wants: a mistake in the service. */
  onMistake(error: NetTcpError, operation: Operation): void;
}

/**
 * The calls that a service makes to the client of one session.
 *
 * A client that does not answer costs the caller a timeout, one that does not read its session. No promise of a
 * callback ends the process if nobody awaits it: clients come and go.
 */
export class SessionCallbacks {
  /** The methods of the callback contract. */
  readonly proxy: object;
  readonly #session: CallbackSession;
  readonly #limits: Limits;
  readonly #via: string;
  readonly #pending = new PendingCalls();
  /** One-way callbacks that are written, whose callers wait until the client is not behind any more. */
  #waiting: ((error: NetTcpError | undefined) => void)[] = [];
  #goneBy: NetTcpError | undefined;

  /** @param onCall hears of each */
  constructor(
    contract: Contract,
    session: CallbackSession,
    limits: Limits,
    via: string,
    onCall: OnCall | undefined,
  ) {
    this.#session = session;
    this.#limits = limits;
    this.#via = via;
    const proxy: Record<string, unknown> = {};
    const caller = heardCaller(this, contract, via, onCall);
    for (const operation of contract.operations.values()) {
      const method = methodFor(caller, operation);
      proxy[operation.method] = (...args: unknown[]) => handled(method(...args));
    }
    this.proxy = proxy;
  }

  /** The operation of a callback that waits for its answer. */
  get operationOf(): (id: number) => Operation | undefined {
    return this.#pending.operationOf;
  }

  /** An answer has come. @param answer `undefined` if it is that of a callback that was given up */
  take(answer: Answer | undefined): void {
    if (answer !== undefined) this.#pending.take(answer.id)?.settle(answer);
  }

  /** Makes a callback. The promise of a one-way callback waits as long as the client is behind. */
  call(operation: Operation, args: readonly unknown[], options: CallOptions): Promise<unknown> {
    const { signal, headers, onHeaders, timeoutMs = this.#limits.sendTimeoutMs } = options;
    return new Promise((resolve) => {
      try {
        if (signal?.aborted === true) throw canceled(signal);
        this.#checkRoom(operation);
        const id = this.#pending.nextId();
        if (!this.#session.send(id, operation, args, headers)) throw this.#gone();
        if (operation.oneWay) return this.#whenRead(resolve);
        const call = new PendingCall(operation, resolve, { timeoutMs, deadline: 0 });
        call.onHeaders = onHeaders;
        this.#pending.add(id, call);
        if (signal === undefined) return;
        call.forget = whenAborted(signal, () => this.#pending.take(id)?.reject(canceled(signal)));
      } catch (caught) {
        const error = NetTcpError.from(caught);
        if (error.code === 'Usage') this.#session.onMistake(error, operation);
        resolve(rejectedWithCallerFrames(error));
      }
    });
  }

  /** The client has read what it was behind with. */
  drained(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go(undefined);
  }

  /** No more callbacks can be made; those that wait for an answer fail. @param error why */
  end(error: NetTcpError): void {
    if (this.#goneBy !== undefined) return;
    this.#goneBy = error;
    this.#pending.rejectAll(this.#gone());
    this.#pending.end();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go(this.#gone());
  }

  #checkRoom(operation: Operation): void {
    if (this.#goneBy !== undefined) throw this.#gone();
    const { maxConcurrentCalls, maxUnsentCallbackBytes } = this.#limits;
    if (!operation.oneWay && this.#pending.size >= maxConcurrentCalls) {
      const text = `The client of ${printable(this.#via)} has not answered ${maxConcurrentCalls} callbacks (maxConcurrentCalls): it gets no more until it does.`;
      throw new NetTcpError('QuotaExceeded', text);
    }
    const { unsentBytes } = this.#session;
    if (unsentBytes <= maxUnsentCallbackBytes) return;
    const text = `The client of ${printable(this.#via)} has not read ${unsentBytes} bytes of callbacks (maxUnsentCallbackBytes): its session is ended. A service that awaits its callbacks sends no more than a client reads.`;
    const error = new NetTcpError('QuotaExceeded', text);
    this.#session.cutOff(error);
    throw error;
  }

  #whenRead(resolve: (value: unknown) => void): void {
    if (!this.#session.isBehind) return resolve(undefined);
    this.#waiting.push((error) =>
      resolve(error === undefined ? undefined : rejectedWithCallerFrames(error)),
    );
  }

  #gone(): NetTcpError {
    const why = this.#goneBy === undefined ? '' : `: ${this.#goneBy.message}`;
    const text = `The client of ${printable(this.#via)} cannot be called: its session has ended${why}`;
    return new NetTcpError('CommunicationObjectAborted', text, { cause: this.#goneBy });
  }
}

/** A promise that may be awaited, and need not. */
function handled(promise: Promise<unknown>): Promise<unknown> {
  promise.catch(() => {});
  return promise;
}
