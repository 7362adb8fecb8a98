import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import { remoteAddressOf } from '../../transport/fronts/origin.ts';
import type { Caller } from '../../security/caller.ts';
import type { Sender } from '../../transport/upgrade.ts';

/** What implementations can learn of the caller of one session. */
export class CallerContext {
  readonly via: string;
  readonly #sender: Sender;
  readonly #socket: Socket | undefined;
  /** Made on demand: most implementations never ask for it. */
  #controller: AbortController | undefined;
  /** Set when the caller no longer waits; `cause` says why, if there is a reason. */
  #gone: { readonly cause: Error | undefined } | undefined;

  constructor(via: string, sender: Sender, socket?: Socket) {
    this.via = via;
    this.#sender = sender;
    this.#socket = socket;
  }

  /** `undefined` in a session that remembers nothing. */
  get callback(): object | undefined {
    return undefined;
  }

  get remoteAddress(): string | undefined {
    return this.#socket && remoteAddressOf(this.#socket);
  }

  get caller(): Caller {
    return this.#sender.caller;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // All calls of a session listen to it, and Node would warn of more than ten.
      setMaxListeners(0, this.#controller.signal);
      if (this.#gone !== undefined) this.abort(this.#controller);
    }
    return this.#controller.signal;
  }

  /**
   * Whether an implementation threw this because its signal had fired, which is no mistake. `fetch` throws the
   * signal's reason; Node's timers, streams and `once` throw an AbortError with the reason as its cause.
   */
  isReason(error: unknown): boolean {
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true) return false;
    return error === signal.reason || (error instanceof Error && error.cause === signal.reason);
  }

  /** The caller no longer waits for an answer. */
  gone(cause: Error | undefined): void {
    if (this.#gone?.cause === undefined) this.#gone = { cause };
    if (this.#controller !== undefined) this.abort(this.#controller);
  }

  private abort(controller: AbortController): void {
    controller.abort(
      new NetTcpError('Communication', 'the caller is gone', { cause: this.#gone?.cause }),
    );
  }
}
