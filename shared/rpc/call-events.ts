import type { Contract, Operation } from '../contract/contract.ts';
import type { TraceContext } from '../contract/trace-context.ts';
import type { ErrorCode } from '../errors.ts';
import type { Caller } from '../security/caller.ts';
import { observe, warnOfHook } from './hooks.ts';

/** A call that begins. */
export interface CallEvent {
  /** `server`: it is answered here, `client`: it is made here; as OpenTelemetry has it. */
  readonly kind: 'server' | 'client';
  /** Name of the contract. */
  readonly contract: string;
  /**
   * The operation's name in the contract; `undefined` for a request that was refused before there was a call: of an
   * operation that the contract does not have, one that could not be read, or that its caller may not make.
   */
  readonly operation: string | undefined;
  /** In a service the address that the caller used, in a client the one that is called. */
  readonly via: string;
  /** In a service who calls; `undefined` in a client. */
  readonly caller: Caller | undefined;
  /** Milliseconds since 1970, with a fraction. */
  readonly startedAt: number;
  /** In a service the trace that the request says it belongs to. */
  readonly trace: TraceContext | undefined;
}

/** What became of a call. */
export interface CallEnd {
  /**
   * `OK`, or why it has no result. In a client the code of its error. In a service `Fault` for one that the
   * implementation threw, `Internal` for whatever else it threw, `Communication` where nobody waits for the answer
   * any more, and what a caller is told whose call was refused.
   */
  readonly code: 'OK' | ErrorCode;
  /** From `startedAt` until the answer was written, or had come. */
  readonly durationMs: number;
  /** What was thrown, if anything was. */
  readonly error: unknown;
}

/** What hears of one call. */
export interface CallListener {
  /** In a client: the trace that the request is to say it belongs to. */
  readonly trace?: TraceContext | undefined;
  /**
   * In a service: runs the method, as in an `AsyncLocalStorage`. It calls `method` once, at once, and returns what
   * that returns.
   */
  readonly run?: (<T>(method: () => T) => T) | undefined;
  /** The call has ended; called once. */
  readonly onEnd?: ((end: CallEnd) => void) | undefined;
}

/**
 * Told of each call as it begins. What it returns is told the rest. Its errors cost no call anything: they are a
 * warning of Node's, `NetTcpWarning`.
 */
export type OnCall = (call: CallEvent) => CallListener | undefined | void;

/** One call that somebody hears of. */
export class HeardCall {
  readonly #startedAt = performance.now();
  readonly #listener: CallListener | undefined;
  #hasEnded = false;

  constructor(
    onCall: OnCall,
    call: Pick<CallEvent, 'kind' | 'via' | 'caller' | 'trace'>,
    contract: Contract,
    operation: Operation | undefined,
  ) {
    const { kind, via, caller, trace } = call;
    const startedAt = performance.timeOrigin + this.#startedAt;
    const event: CallEvent = {
      kind,
      contract: contract.name,
      operation: operation?.name,
      via,
      caller,
      startedAt,
      trace,
    };
    this.#listener = quietly(() => onCall(event) ?? undefined);
  }

  /** That of the request, in a client. */
  get trace(): TraceContext | undefined {
    return this.#listener?.trace;
  }

  /** Calls `method` once, whatever the listener does. */
  run<T>(method: () => T): T {
    const run = this.#listener?.run;
    if (run === undefined) return method();
    let outcome: { readonly value: T } | { readonly thrown: unknown } | undefined;
    const once = (): T => {
      outcome ??= attempt(method);
      if ('thrown' in outcome) throw outcome.thrown;
      return outcome.value;
    };
    try {
      // A promise is the method's own, which others wait for, or says nothing that counts.
      observe(run(once), () => undefined);
    } catch (error) {
      const isTheMethods = outcome !== undefined && 'thrown' in outcome && outcome.thrown === error;
      if (!isTheMethods) warn(error);
    }
    return once();
  }

  /** @param error what was thrown, if anything was */
  end(code: CallEnd['code'], error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const durationMs = performance.now() - this.#startedAt;
    quietly(() => this.#listener?.onEnd?.({ code, durationMs, error }));
  }
}

function attempt<T>(method: () => T): { readonly value: T } | { readonly thrown: unknown } {
  try {
    return { value: method() };
  } catch (thrown) {
    return { thrown };
  }
}

/** @returns what a hook returns; `undefined` if it throws, or returns a promise: what that says comes too late */
function quietly<T>(hook: () => T): T | undefined {
  try {
    const returned = hook();
    observe(returned, warn);
    return returned instanceof Promise ? undefined : returned;
  } catch (error) {
    warn(error);
    return undefined;
  }
}

function warn(error: unknown): void {
  warnOfHook('onCall', error);
}
