import type { Operation } from '../contract/contract.ts';
import { NetTcpError } from '../errors.ts';

/** A call that waits for its answer. */
export interface PendingCall {
  readonly operation: Operation;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: NetTcpError) => void;
  /** On the clock of `performance.now()`; Infinity for none. */
  readonly deadline: number;
  readonly timeoutMs: number;
  /** Takes the listener off the caller's signal again. */
  forget: (() => void) | undefined;
}

/**
 * The calls of one session that have no answer yet, by id, and their deadlines: one timer for all
 * of them, because a timer for each costs more than the call. It stays armed when the last call is
 * answered, and is there for the next; `rejectAll` ends it.
 */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  /** Called when the last call in flight is answered or given up. */
  onEmpty: (() => void) | undefined;
  #nextId = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  get size(): number {
    return this.#calls.size;
  }

  /** The operation that a call in flight was made with. */
  readonly operationOf = (id: number): Operation | undefined => this.#calls.get(id)?.operation;

  /** An id that no call in flight has, 0 to 2^32 − 1. */
  nextId(): number {
    do {
      this.#nextId = (this.#nextId + 1) >>> 0;
    } while (this.#calls.has(this.#nextId));
    return this.#nextId;
  }

  add(id: number, call: PendingCall): void {
    this.#calls.set(id, call);
    if (call.deadline < this.#timerAt) this.#arm(call.deadline);
  }

  /** Takes a call out, to be settled by who asked for it. */
  take(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    call.forget?.();
    if (this.onEmpty !== undefined && this.#calls.size === 0) this.onEmpty();
    return call;
  }

  /** Fails every call, and ends the timer. */
  rejectAll(error: NetTcpError): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#disarm();
    for (const call of calls) {
      call.forget?.();
      call.reject(error);
    }
  }

  #arm(deadline: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(this.#onTimer, Math.max(0, Math.ceil(deadline - performance.now())));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = performance.now();
    let next = Infinity;
    for (const [id, call] of this.#calls) {
      if (call.deadline > now) next = Math.min(next, call.deadline);
      else this.take(id)?.reject(timedOut(call));
    }
    if (next < Infinity) this.#arm(next);
  };
}

function timedOut({ operation, timeoutMs }: PendingCall): NetTcpError {
  return new NetTcpError(
    'Timeout',
    `This request operation (${operation.name}) did not receive a reply within the configured timeout (${timeoutMs / 1_000} s).`,
  );
}
