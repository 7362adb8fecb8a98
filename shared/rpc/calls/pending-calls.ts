import { NO_HEADERS, type ReceivedHeaders } from '../../contract/header.ts';
import type { Operation } from '../../contract/contract.ts';
import type { Answer } from '../../encoding/encoding.ts';
import { NetTcpError } from '../../errors.ts';
import { observe, warnOfHook } from '../hooks.ts';
import { Sweeper } from '../../time.ts';
import { anotherOf, rejectedWithCallerFrames } from '../caller-frames.ts';
import { warnOfUnread } from '../unread.ts';
import { CallTable } from './call-table.ts';
import { toError } from './fault-error.ts';
import { Silence } from './silence.ts';
import type { TimeLimit } from './time-limit.ts';

/** A call that waits for its answer. */
export class PendingCall implements TimeLimit {
  readonly operation: Operation;
  readonly resolve: (value: unknown) => void;
  readonly timeoutMs: number;
  /** Set by `PendingCalls` if the call has none yet. */
  deadline: number;
  /** Takes the listener off the caller's signal. */
  forget: (() => void) | undefined;
  /** Set by `PendingCalls`. */
  id = 0;
  /** Takes the headers of the answer. */
  onHeaders: ((headers: ReceivedHeaders) => void) | undefined;

  constructor(
    operation: Operation,
    resolve: (value: unknown) => void,
    { timeoutMs, deadline }: TimeLimit,
  ) {
    this.operation = operation;
    this.resolve = resolve;
    this.timeoutMs = timeoutMs;
    this.deadline = deadline;
    this.forget = undefined;
    this.onHeaders = undefined;
  }

  /** Gives the answer to the caller, its headers first: what takes them may throw. */
  settle(answer: Answer): void {
    try {
      if (this.onHeaders !== undefined) {
        const returned: unknown = this.onHeaders(answer.headers ?? NO_HEADERS);
        observe(returned, (error) => warnOfHook('onHeaders', error));
      }
    } catch (error) {
      return this.reject(NetTcpError.from(error));
    }
    warnOfUnread('an answer', this.operation.name, answer.headers);
    if (answer.kind === 'result') this.resolve(answer.value);
    else this.reject(toError(answer.fault));
  }

  reject(error: NetTcpError): void {
    this.resolve(rejectedWithCallerFrames(error));
  }
}

/** Times that calls are checked in a timeout: one is given up two checks late at most, and never early. */
const LOOKS_A_TIMEOUT = 64;

/**
 * The calls of one session that have no answer yet, by id, and their timeouts. One timer serves all of them,
 * because a timer for each would cost more than the call. Nor does a call look at the clock, which would cost
 * a client a tenth of its time: the timer looks 64 times in the shortest timeout and gives a deadline to every
 * call that it has not seen before.
 */
export class PendingCalls {
  readonly #calls = new CallTable<PendingCall>();
  /** Called when the last call in flight is answered or given up. */
  onEmpty: (() => void) | undefined;
  /** How long the peer has been silent while calls waited. */
  readonly silence = new Silence();
  readonly #silentPeerTimeoutMs: number;
  readonly #onSilent: (() => void) | undefined;
  #nextId = 0;
  readonly #sweeper = new Sweeper((now) => this.#sweep(now));

  /** @param onSilent called when the peer has been silent for `silentPeerTimeoutMs`; 0: never */
  constructor(silentPeerTimeoutMs = 0, onSilent?: () => void) {
    this.#silentPeerTimeoutMs = silentPeerTimeoutMs;
    this.#onSilent = onSilent;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** The operation that a call in flight was made with. */
  readonly operationOf = (id: number): Operation | undefined => this.#calls.get(id)?.operation;

  /** An id that no call in flight has, 0 to 2^32 − 1. */
  nextId(): number {
    do {
      this.#nextId = (this.#nextId + 1) >>> 0;
    } while (this.#calls.get(this.#nextId) !== undefined);
    return this.#nextId;
  }

  add(id: number, call: PendingCall): void {
    call.id = id;
    if (this.#calls.size === 0) this.silence.callsBegin();
    this.#calls.add(call);
    if (call.timeoutMs > 0) this.#sweeper.lookEvery(call.timeoutMs / LOOKS_A_TIMEOUT);
  }

  /** Removes a call, which whoever asked for it has to settle. */
  take(id: number): PendingCall | undefined {
    const call = this.#calls.take(id);
    if (call === undefined) return undefined;
    call.forget?.();
    if (this.onEmpty !== undefined && this.#calls.size === 0) this.onEmpty();
    return call;
  }

  /** No more calls will come. */
  end(): void {
    this.#sweeper.stop();
  }

  /** Fails every call. */
  rejectAll(error: NetTcpError): void {
    const calls = this.#calls.all();
    this.#calls.clear();
    for (const call of calls) {
      call.forget?.();
      call.reject(calls.length === 1 ? error : anotherOf(error));
    }
  }

  /** Gives up late calls. @returns milliseconds until the next look */
  #sweep(now: number): number {
    let shortestMs = Infinity;
    let late = 0;
    for (const call of this.#calls.all()) {
      const { timeoutMs, id } = call;
      if (timeoutMs === 0) continue;
      if (call.deadline === 0) call.deadline = now + timeoutMs;
      if (call.deadline <= now) {
        late += 1;
        this.take(id)?.reject(timedOut(call.operation, timeoutMs));
      } else shortestMs = Math.min(shortestMs, timeoutMs);
    }
    this.silence.look(now, late);
    if (this.silence.isLonger(this.#silentPeerTimeoutMs)) this.#onSilent?.();
    return shortestMs / LOOKS_A_TIMEOUT;
  }
}

/** The error of a call that got no answer in time. */
export function timedOut(operation: Operation, timeoutMs: number): NetTcpError {
  return new NetTcpError(
    'Timeout',
    `This request operation (${operation.name}) did not receive a reply within the configured timeout (${timeoutMs / 1_000} s).`,
  );
}
