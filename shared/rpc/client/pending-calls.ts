import type { Operation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { CallTable } from './call-table.ts';

/** A call that waits for its answer. */
export class PendingCall {
  readonly operation: Operation;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: NetTcpError) => void;
  /** Milliseconds until it is given up; 0: never. */
  readonly timeoutMs: number;
  /** What was asked for: more than `timeoutMs` when opening the channel took a part of it. */
  readonly configuredMs: number;
  /** Takes the listener off the caller's signal again. */
  forget: (() => void) | undefined;
  /** Set by `PendingCalls`. */
  id = 0;
  /** When it is given up, on the clock of `performance.now()`; 0 until the timer has seen it. */
  deadline = 0;

  constructor(
    operation: Operation,
    resolve: (value: unknown) => void,
    reject: (error: NetTcpError) => void,
    timeoutMs: number,
    configuredMs = timeoutMs,
  ) {
    this.operation = operation;
    this.resolve = resolve;
    this.reject = reject;
    this.timeoutMs = timeoutMs;
    this.configuredMs = configuredMs;
    this.forget = undefined;
  }
}

/** A call is given up late by at most this share of its timeout, and never early. */
const TICKS_A_TIMEOUT = 64;

/**
 * The calls of one session that have no answer yet, by id, and their timeouts: one timer for all of
 * them, because a timer for each costs more than the call. Nor does a call look at the clock, which
 * costs a client a tenth of its time: the timer goes off 64 times in the shortest timeout there is and
 * gives a deadline to every call that it has not seen before. It stops when it finds no call.
 */
export class PendingCalls {
  readonly #calls = new CallTable<PendingCall>();
  /** Called when the last call in flight is answered or given up. */
  onEmpty: (() => void) | undefined;
  #nextId = 0;
  #timer: NodeJS.Timeout | undefined;
  #tickMs = Infinity;

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
    this.#calls.add(call);
    if (call.timeoutMs > 0 && call.timeoutMs < this.#tickMs * TICKS_A_TIMEOUT) this.#arm(call);
  }

  /** Takes a call out, to be settled by who asked for it. */
  take(id: number): PendingCall | undefined {
    const call = this.#calls.take(id);
    if (call === undefined) return undefined;
    call.forget?.();
    if (this.onEmpty !== undefined && this.#calls.size === 0) this.onEmpty();
    return call;
  }

  /** No calls come any more. */
  end(): void {
    this.#disarm();
  }

  /** Fails every call. */
  rejectAll(error: NetTcpError): void {
    const calls = this.#calls.all();
    this.#calls.clear();
    for (const call of calls) {
      call.forget?.();
      call.reject(error);
    }
  }

  #arm({ timeoutMs }: PendingCall): void {
    clearTimeout(this.#timer);
    this.#tickMs = timeoutMs / TICKS_A_TIMEOUT;
    this.#timer = setTimeout(this.#onTick, this.#tickMs);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tickMs = Infinity;
  }

  readonly #onTick = (): void => {
    this.#disarm();
    const now = performance.now();
    let shortest: PendingCall | undefined;
    for (const call of this.#calls.all()) {
      const { timeoutMs, id } = call;
      if (timeoutMs === 0) continue;
      if (call.deadline === 0) call.deadline = now + timeoutMs;
      else if (call.deadline <= now) {
        this.take(id)?.reject(timedOut(call));
        continue;
      }
      if (shortest === undefined || timeoutMs < shortest.timeoutMs) shortest = call;
    }
    if (shortest !== undefined) this.#arm(shortest);
  };
}

/** What a call fails with that has no answer in time. */
export function timedOut({
  operation,
  configuredMs,
}: Pick<PendingCall, 'operation' | 'configuredMs'>): NetTcpError {
  return new NetTcpError(
    'Timeout',
    `This request operation (${operation.name}) did not receive a reply within the configured timeout (${configuredMs / 1_000} s).`,
  );
}
