import type { EndpointAddress } from '../../../address.ts';
import type { CallOptions, Operation } from '../../../contract/contract.ts';
import { NetTcpError } from '../../../errors.ts';
import { harmless } from '../../hooks.ts';
import type { Limits } from '../../../limits.ts';
import { sleep } from '../../../time.ts';
import { anotherOf, framed, withCallerFrames } from '../../caller-frames.ts';
import { bounded } from '../../calls/time-limit.ts';
import { assertUsable, type ChannelState, type RequestChannel } from '../channel-state.ts';
import { openTimedOut } from '../open-session.ts';
import { endedByService } from '../session-errors.ts';
import { mayTryAgain, perhapsExecuted } from './outcome.ts';

/** What became of a session of a channel that opens again. */
export interface SessionEvent {
  /** `failed`: it could not be opened at that address, and the next one is tried. */
  readonly event: 'opened' | 'ended' | 'failed';
  /** `net.tcp` address of the endpoint. */
  readonly address: string;
  /** Why it ended or failed. */
  readonly error?: NetTcpError | undefined;
}

interface ReopeningOptions {
  /** Tried in turn; at least one. */
  readonly addresses: readonly EndpointAddress[];
  /** Makes a channel for one session. */
  readonly make: (address: EndpointAddress) => RequestChannel;
  readonly limits: Pick<Limits, 'openTimeoutMs' | 'maxOpenAttempts'>;
  readonly onSession: ((event: SessionEvent) => void) | undefined;
}

// Pauses between rounds over all addresses: each is twice the one before, from the first value to the second.
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;
// Many that lost the same service must not come back together.
const SPREAD = 0.5;

/**
 * A channel whose sessions may end: the next call opens another one, at the next of its addresses.
 *
 * A call is sent once, in a session that is open. What could not be sent is sent in the next session; a call that
 * may have reached the service is never sent again, and fails with the reason `maybe-executed`.
 */
export class ReopeningChannel implements RequestChannel {
  readonly #options: ReopeningOptions;
  readonly #onSession: (event: SessionEvent) => void;
  /** Which address is next. */
  #next = 0;
  #below: RequestChannel | undefined;
  #opening: Promise<RequestChannel> | undefined;
  #end: 'closing' | 'closed' | undefined;
  #isUnref = false;
  #closed: Promise<void> | undefined;

  constructor(options: ReopeningOptions) {
    this.#options = options;
    this.#onSession = harmless('onSession', options.onSession);
  }

  /** `created` while it has no session: the next call opens one. Never `faulted`. */
  get state(): ChannelState {
    if (this.#end !== undefined) return this.#end;
    if (this.#opening !== undefined) return 'opening';
    return this.#below?.state === 'opened' ? 'opened' : 'created';
  }

  async open(options: CallOptions = {}): Promise<void> {
    await framed(this.#opened(options));
  }

  call(operation: Operation, args: readonly unknown[], options: CallOptions): Promise<unknown> {
    const below = this.#below;
    return below?.state === 'opened' && this.#end === undefined
      ? this.#send(below, operation, args, options)
      : this.#openAndCall(operation, args, options);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  abort(): void {
    this.#end = 'closed';
    this.#below?.abort();
  }

  unref(): void {
    this.#isUnref = true;
    this.#below?.unref();
  }

  async #openAndCall(
    operation: Operation,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<unknown> {
    const begun = performance.now();
    try {
      for (let tries = 1; ; tries++) {
        const below = await this.#opened(options);
        // It may have ended since: nothing was sent.
        const isOver = below.state !== 'opened';
        if (isOver && tries < this.#options.limits.maxOpenAttempts) continue;
        if (isOver) throw endedByService(this.#options.addresses[0]?.uri ?? '');
        const { timeoutMs = 0 } = options;
        const leftMs = Math.max(1, Math.ceil(timeoutMs - (performance.now() - begun)));
        const left = timeoutMs > 0 ? { ...options, timeoutMs: leftMs } : options;
        return await this.#send(below, operation, args, left);
      }
    } catch (error) {
      throw withCallerFrames(error);
    }
  }

  /** @param below is open: whatever goes wrong from now on, the service may have the call */
  #send(
    below: RequestChannel,
    operation: Operation,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<unknown> {
    return below.call(operation, args, options).catch((error: unknown) => {
      throw perhapsExecuted(error, operation.name);
    });
  }

  /** An open session. Everybody who calls meanwhile shares the attempt. */
  async #opened({ timeoutMs = 0, signal }: CallOptions): Promise<RequestChannel> {
    const [first] = this.#options.addresses;
    assertUsable(this.state, first?.uri ?? '');
    if (this.#below?.state === 'opened') return this.#below;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    const opening = this.#opening.catch((error: unknown) => Promise.reject(anotherOf(error)));
    const below =
      first === undefined || (timeoutMs === 0 && signal === undefined)
        ? await opening
        : await bounded(opening, timeoutMs, signal, () => openTimedOut(first, timeoutMs));
    assertUsable(this.state, first?.uri ?? '');
    return below;
  }

  async #open(): Promise<RequestChannel> {
    const { addresses, limits } = this.#options;
    const deadline = performance.now() + limits.openTimeoutMs;
    let pauseMs = FIRST_PAUSE_MS;
    for (let tries = 1; ; tries++) {
      const outcome = await this.#tryNext(deadline);
      if (!(outcome instanceof NetTcpError)) return outcome;
      const isOver = tries >= limits.maxOpenAttempts * addresses.length;
      const isLate = performance.now() + pauseMs > deadline;
      if (this.#end !== undefined || isOver || isLate || !mayTryAgain(outcome)) throw outcome;
      if (tries % addresses.length > 0) continue;
      await sleep(pauseMs, SPREAD);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** @returns why it could not be opened, if it could not */
  async #tryNext(deadline: number): Promise<RequestChannel | NetTcpError> {
    const { addresses, make } = this.#options;
    const address = addresses[this.#next % addresses.length];
    if (address === undefined) throw new NetTcpError('Internal', 'no address to open');
    this.#next += 1;
    const below = make(address);
    if (this.#isUnref) below.unref();
    this.#below = below;
    const { uri } = address;
    // One that leads nowhere must leave time for the others.
    const leftMs = (deadline - performance.now()) / addresses.length;
    try {
      await below.open({ timeoutMs: Math.max(1, Math.ceil(leftMs)) });
    } catch (caught) {
      below.abort();
      const error = NetTcpError.from(caught);
      this.#tell({ event: 'failed', address: uri, error });
      return error;
    }
    below.onFault = (error) => this.#tell({ event: 'ended', address: uri, error });
    this.#tell({ event: 'opened', address: uri });
    return below;
  }

  #tell(event: SessionEvent): void {
    this.#onSession(event);
  }

  async #close(): Promise<void> {
    if (this.#end === undefined) this.#end = 'closing';
    await this.#opening?.catch(() => undefined);
    try {
      if (this.#below?.state === 'opened') await this.#below.close();
    } finally {
      this.#end = 'closed';
    }
  }
}
