import type { CallOptions, Operation } from '../../contract/contract.ts';
import { Attempt } from '../../transport/attempt.ts';
import { canceled } from '../../time.ts';
import { withCallerFrames } from '../caller-frames.ts';
import {
  abortedByUser,
  assertUsable,
  type ChannelState,
  type RequestChannel,
} from './channel-state.ts';
import { openSession, type Target } from './open-session.ts';
import type { ClientSession } from './client-session.ts';
import { PendingCall, timedOut } from '../calls/pending-calls.ts';
import { bounded, type TimeLimit } from '../calls/time-limit.ts';

/** The exchange as a whole has a time limit: its call has none of its own. */
const WATCHED_BY_CALLER: TimeLimit = { timeoutMs: 0, deadline: 0 };

/**
 * A channel that sends each call in a session of its own, as WCF does with a streamed TransferMode: one message
 * each way, then the connection is free for the next session. [MC-NMF] calls this singleton-unsized mode.
 *
 * Calls do not share a connection, so one that breaks disturbs no other, and the channel is never faulted.
 */
export class StreamedChannel implements RequestChannel {
  readonly #target: Target;
  readonly #running = new Map<Attempt, Promise<unknown>>();
  #state: ChannelState = 'created';
  #isUnref = false;

  constructor(target: Target) {
    this.#target = target;
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** There is nothing to open before a call: as in WCF, this only marks the channel as used. */
  async open(): Promise<void> {
    assertUsable(this.#state, this.#target.address.uri);
    this.#state = 'opened';
    await Promise.resolve();
  }

  async call(
    operation: Operation,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<unknown> {
    await this.open();
    const timeoutMs = options.timeoutMs ?? this.#target.binding.limits.sendTimeoutMs;
    const attempt = new Attempt(this.#target.binding.limits.openTimeoutMs);
    const running = this.#exchange(operation, args, options, attempt);
    this.#running.set(attempt, running);
    try {
      return await bounded(running, timeoutMs, options.signal, () =>
        timedOut(operation, timeoutMs),
      );
    } catch (error) {
      throw withCallerFrames(error);
    } finally {
      this.#running.delete(attempt);
      attempt.giveUp(canceled(options.signal)); // a session that is still open is not needed any more
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closing';
    await Promise.allSettled(this.#running.values());
    this.#state = 'closed';
  }

  abort(): void {
    this.#state = 'closed';
    const error = abortedByUser(this.#target.address.uri);
    for (const attempt of this.#running.keys()) attempt.giveUp(error);
  }

  unref(): void {
    this.#isUnref = true;
  }

  async #exchange(
    operation: Operation,
    args: readonly unknown[],
    { headers, onHeaders }: CallOptions,
    attempt: Attempt,
  ): Promise<unknown> {
    let onClosed: () => void = () => {};
    const closed = new Promise<void>((resolve) => (onClosed = resolve));
    const session: ClientSession = await openSession({
      ...this.#target,
      attempt,
      onClosed,
    });
    if (this.#isUnref) session.unref();
    const answer = new Promise<unknown>((resolve) => {
      const call = new PendingCall(operation, resolve, WATCHED_BY_CALLER);
      call.onHeaders = onHeaders;
      session.call(operation, args, operation.oneWay ? undefined : call, headers);
      if (operation.oneWay) resolve(undefined);
    });
    const value = await answer;
    await closed; // both have said End: the connection is free for the next call
    return value;
  }
}
