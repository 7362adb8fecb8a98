import type { CallOptions, Operation } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { Attempt } from '../../transport/attempt.ts';
import { canceled } from '../../time.ts';
import { anotherOf, framed, rejectedWithCallerFrames, withCallerFrames } from '../caller-frames.ts';
import { whenAborted } from '../calls/abort-signals.ts';
import {
  abortedByUser,
  assertUsable,
  type ChannelState,
  type RequestChannel,
} from './channel-state.ts';
import type { ClientSession } from './client-session.ts';
import { endedByService } from './session-errors.ts';
import { openSession, openTimedOut, type Target } from './open-session.ts';
import { PendingCall } from '../calls/pending-calls.ts';
import { bounded, startingNow, type TimeLimit } from '../calls/time-limit.ts';

/**
 * A channel to one endpoint. It opens by itself with its first call, carries any number of calls at a time,
 * and cannot be used again once it has closed or broken.
 */
export class ClientChannel implements RequestChannel {
  readonly #target: Target;
  onFault: ((error: NetTcpError) => void) | undefined;
  #state: ChannelState = 'created';
  #opening: Promise<ClientSession> | undefined;
  #session: ClientSession | undefined;
  #closed: Promise<void> | undefined;
  #onSessionClosed: (() => void) | undefined;
  #attempt: Attempt | undefined;
  #isUnref = false;
  /** What made it `faulted`. */
  #faultedBy: NetTcpError | undefined;
  /** The limit of calls that bring none of their own. */
  readonly #usualLimit: TimeLimit;

  constructor(target: Target) {
    this.#target = target;
    this.#usualLimit = { timeoutMs: target.binding.limits.sendTimeoutMs, deadline: 0 };
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Opens the channel: connects, sends the preamble, waits for the ack. */
  async open(options: CallOptions = {}): Promise<void> {
    await framed(this.#opened(options));
  }

  /** Makes a call. The promise settles with the answer or a {@link NetTcpError}. */
  call(operation: Operation, args: readonly unknown[], options: CallOptions): Promise<unknown> {
    const session = this.#session;
    if (session?.isOpen === true && this.#state === 'opened') {
      const { timeoutMs } = options;
      const limit = timeoutMs === undefined ? this.#usualLimit : { timeoutMs, deadline: 0 };
      return this.#send(session, operation, args, options, limit);
    }
    return this.#openAndCall(operation, args, options);
  }

  /**
   * Ends the session in order: waits for running calls, then for the service's End.
   *
   * @throws {NetTcpError} `Timeout` when that takes longer than `closeTimeoutMs`
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Drops the connection at once; running calls fail with `CommunicationObjectAborted`. */
  abort(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#attempt?.giveUp(abortedByUser(this.#target.address.uri));
  }

  unref(): void {
    this.#isUnref = true;
    this.#session?.unref();
  }

  async #openAndCall(
    operation: Operation,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<unknown> {
    const { timeoutMs = this.#target.binding.limits.sendTimeoutMs } = options;
    const limit = startingNow(timeoutMs);
    try {
      if (this.#state === 'created' && !operation.isInitiating) throw notInitiating(operation);
      const session = await this.#opened({ ...options, timeoutMs });
      return await this.#send(session, operation, args, options, limit);
    } catch (error) {
      throw withCallerFrames(error);
    }
  }

  #send(
    session: ClientSession,
    operation: Operation,
    args: readonly unknown[],
    { signal, headers, onHeaders }: CallOptions,
    limit: TimeLimit,
  ): Promise<unknown> {
    if (signal?.aborted === true) return Promise.reject(canceled(signal));
    return new Promise((resolve) => {
      try {
        if (operation.oneWay) {
          session.call(operation, args, undefined, headers);
          if (operation.isTerminating) this.close().catch(() => {});
          return resolve(undefined);
        }
        const call = new PendingCall(operation, resolve, limit);
        call.onHeaders = onHeaders;
        const id = session.call(operation, args, call, headers);
        // As it is answered the service ends the session: this end of it closes, too.
        if (operation.isTerminating) this.close().catch(() => {});
        if (signal === undefined) return;
        const onAbort = (): void => session.pending.take(id)?.reject(canceled(signal));
        call.forget = whenAborted(signal, onAbort);
      } catch (error) {
        resolve(rejectedWithCallerFrames(error));
      }
    });
  }

  /** The open session, opened if it is not yet. Everybody who calls meanwhile shares the attempt. */
  async #opened(options: CallOptions): Promise<ClientSession> {
    this.#assertUsable();
    if (this.#session?.isOpen === true) return this.#session;
    this.#opening ??= this.#open();
    // Many may wait for it; if it fails, each gets an error of its own.
    const opening = this.#opening.catch((error: unknown) => Promise.reject(anotherOf(error)));
    const { openTimeoutMs } = this.#target.binding.limits;
    const { timeoutMs = openTimeoutMs, signal } = options;
    // The attempt has a time limit of its own: only a caller with less time, or a signal, needs another timer.
    const isBounded = signal !== undefined || (timeoutMs > 0 && timeoutMs < openTimeoutMs);
    const session = isBounded
      ? await bounded(opening, timeoutMs, signal, () =>
          openTimedOut(this.#target.address, timeoutMs),
        )
      : await opening;
    this.#assertUsable();
    return session;
  }

  async #open(): Promise<ClientSession> {
    this.#state = 'opening';
    this.#attempt = new Attempt(this.#target.binding.limits.openTimeoutMs);
    try {
      const session = await openSession({
        ...this.#target,
        attempt: this.#attempt,
        onClosed: (error) => this.#onClosed(error),
      });
      this.#session = session;
      if (this.#isUnref) session.unref();
      if (this.#state === 'opening') this.#state = 'opened';
      return session;
    } catch (error) {
      if (this.#state === 'opening') this.#fault(NetTcpError.from(error));
      throw error;
    }
  }

  #onClosed(error: NetTcpError | undefined): void {
    // A session that the service ended by itself breaks the channel like a lost connection.
    if (this.#state === 'opened' || (this.#state === 'closing' && error !== undefined)) {
      this.#fault(error ?? endedByService(this.#target.address.uri));
    }
    this.#onSessionClosed?.();
  }

  #fault(error: NetTcpError): void {
    this.#state = 'faulted';
    this.#faultedBy = error;
    this.onFault?.(error);
  }

  async #close(): Promise<void> {
    if (this.#state === 'opening') await this.#opening?.catch(() => {});
    const session = this.#session;
    if (this.#state !== 'opened' || session === undefined) {
      this.#state = 'closed';
      return;
    }
    this.#state = 'closing';
    const { closeTimeoutMs } = this.#target.binding.limits;
    const done = new Promise<void>((resolve) => {
      this.#onSessionClosed = resolve;
      session.endWhenIdle();
    });
    try {
      await bounded(done, closeTimeoutMs, undefined, () => {
        const text = `The close operation to ${this.#target.address.uri} did not complete within the allotted timeout of ${closeTimeoutMs / 1_000} s.`;
        return new NetTcpError('Timeout', text);
      });
    } catch (error) {
      session.abort(NetTcpError.from(error));
      throw error;
    } finally {
      this.#state = 'closed';
    }
  }

  #assertUsable(): void {
    assertUsable(this.#state, this.#target.address.uri, this.#faultedBy);
  }
}

function notInitiating({ name }: Operation): NetTcpError {
  const text = `The operation '${name}' cannot be the first operation to be called because IsInitiating is false.`;
  return new NetTcpError('Usage', text);
}
