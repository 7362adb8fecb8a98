import type { CallOptions, Operation } from '../../contract/contract.ts';
import { Attempt } from '../../transport/attempt.ts';
import { ignoreError } from '../../transport/connection.ts';
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
import { whenAborted } from '../calls/abort-signals.ts';
import { PendingCall, timedOut } from '../calls/pending-calls.ts';
import { StreamExchange } from './streams/stream-exchange.ts';
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
    const { signal } = options;
    let rest: Promise<void> | undefined;
    try {
      const answer = await bounded(running, timeoutMs, signal, () =>
        timedOut(operation, timeoutMs),
      );
      ({ rest } = answer);
      return answer.value;
    } catch (error) {
      throw withCallerFrames(error);
    } finally {
      if (rest === undefined) this.#end(attempt, signal);
      else void this.#readRest(rest, attempt, signal);
    }
  }

  #end(attempt: Attempt, signal: AbortSignal | undefined): void {
    this.#running.delete(attempt);
    attempt.giveUp(canceled(signal)); // a session that is still open is not needed any more
  }

  /** The answer's stream is being read: the call goes on until that ends. */
  async #readRest(
    rest: Promise<void>,
    attempt: Attempt,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#running.set(attempt, rest);
    const stop = signal && whenAborted(signal, () => attempt.giveUp(canceled(signal)));
    await rest;
    stop?.();
    this.#end(attempt, undefined);
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

  /** @returns the answer, and if a stream in it is to be read, when all of that is over */
  async #exchange(
    operation: Operation,
    args: readonly unknown[],
    { headers, onHeaders }: CallOptions,
    attempt: Attempt,
  ): Promise<{ readonly value: unknown; readonly rest?: Promise<void> }> {
    let onClosed: () => void = () => {};
    const closed = new Promise<void>((resolve) => (onClosed = resolve));
    const session: ClientSession = await openSession({
      ...this.#target,
      attempt,
      onClosed,
    });
    if (this.#isUnref) session.unref();
    const answer = new Promise<unknown>((resolve) => {
      const pending = new PendingCall(operation, resolve, WATCHED_BY_CALLER);
      pending.onHeaders = onHeaders;
      const call = operation.oneWay ? undefined : pending;
      const sent =
        operation.streamsRequest || operation.streamsReply
          ? (session.exchange = new StreamExchange(operation, session)).start(args, call, headers)
          : void session.call(operation, args, call, headers);
      if (operation.oneWay) resolve(sent);
      else sent?.catch(ignoreError); // the answer is that error
    });
    const value = await answer;
    if (operation.streamsReply) return { value, rest: closed };
    await closed; // both have said End: the connection is free for the next call
    return { value };
  }
}
