import { isLoopback } from '../../address.ts';
import type { Limits } from '../../limits.ts';
import { remoteAddressOf } from '../../transport/fronts/origin.ts';

/** What the limit needs to know of a connection. */
export interface SessionHolder {
  /** Address of the client's machine; `undefined` for this machine. */
  readonly source: string | undefined;
  /** Whether it has a session that was let in. */
  readonly hasSession: boolean;
  /** Milliseconds that it has been idle, as of its last check; -1: a call runs, or it has no session yet. */
  idleMs(now: number): number;
  /** Ends it, to make room for another: it has no session from then on, and tells the limit so. */
  giveWay(): void;
}

type SessionLimits = Pick<
  Limits,
  'maxConcurrentSessions' | 'maxSessionsPerSource' | 'giveWayAfterMs' | 'serviceReservedDescriptors'
>;

/**
 * Bounds the sessions that a host has at a time. At the limit, the one that has been idle for longest gives way.
 * If none is idle, or the new client's machine has its share already, the new one gets ServerTooBusy.
 */
export class SessionLimit<T extends SessionHolder> {
  readonly #limits: SessionLimits;
  /** All connections of the host. */
  readonly #connections: Set<T>;
  /** How many of them have a session. A set of these would cost as much as an object for each. */
  #size = 0;
  /** Descriptors of this number and above are not for clients. */
  #maxDescriptor = Infinity;
  /** Connections when descriptors became scarce: the kernel always gives out the lowest free descriptor. */
  #capacity = Infinity;

  /** @param connections all of the host's, as they come and go */
  constructor(limits: SessionLimits, connections: Set<T>) {
    this.#limits = limits;
    this.#connections = connections;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether another session has room, or somebody would give way to it. */
  get hasRoom(): boolean {
    if (this.#size < this.#limits.maxConcurrentSessions) return true;
    return this.#longestIdle(({ hasSession }) => hasSession) !== undefined;
  }

  /** @param descriptorLimit files and connections that the process may have open */
  useDescriptors(descriptorLimit: number): void {
    this.#maxDescriptor = descriptorLimit - this.#limits.serviceReservedDescriptors;
  }

  /**
   * A connection has come. When descriptors are scarce, the one that has been idle for longest gives way to it.
   *
   * @returns whether there is room for it
   */
  arrive(descriptor: number | undefined): boolean {
    const number = descriptor ?? 0;
    const { size } = this.#connections;
    const isScarce = number >= this.#maxDescriptor - this.#limits.serviceReservedDescriptors;
    if (isScarce) this.#capacity = Math.min(this.#capacity, size);
    else if (size < this.#capacity / 2) this.#capacity = Infinity;
    if (size < this.#capacity || this.#makeRoom(() => true)) return true;
    return number < this.#maxDescriptor;
  }

  /** Begins a session for `holder` if there is room. @returns whether there is */
  enter(holder: Pick<SessionHolder, 'source'>): boolean {
    const { maxConcurrentSessions, maxSessionsPerSource } = this.#limits;
    if (this.#size >= maxConcurrentSessions) {
      const { source } = holder;
      if (source !== undefined && this.#countOf(source) >= maxSessionsPerSource) return false;
      if (!this.#makeRoom(({ hasSession }) => hasSession)) return false;
    }
    this.#size += 1;
    return true;
  }

  /** A session is over. */
  leave(): void {
    this.#size -= 1;
  }

  /**
   * Ends the connection that has been idle for longest, and for `giveWayAfterMs` at least.
   *
   * @returns false if there is none
   */
  #makeRoom(isMeant: (holder: T) => boolean): boolean {
    const longest = this.#longestIdle(isMeant);
    if (longest === undefined) return false;
    this.#connections.delete(longest);
    longest.giveWay();
    return true;
  }

  #longestIdle(isMeant: (holder: T) => boolean): T | undefined {
    const now = performance.now();
    let longest: T | undefined;
    let most = this.#limits.giveWayAfterMs;
    for (const holder of this.#connections) {
      if (!isMeant(holder)) continue;
      const idleMs = holder.idleMs(now);
      const isLonger = longest === undefined ? idleMs >= most : idleMs > most;
      if (isLonger) [longest, most] = [holder, idleMs];
    }
    return longest;
  }

  #countOf(source: string): number {
    let count = 0;
    for (const holder of this.#connections) {
      if (holder.hasSession && holder.source === source) count += 1;
    }
    return count;
  }
}

/** The {@link SessionHolder.source} of a socket. */
export function sourceOf(socket: {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}): string | undefined {
  const address = remoteAddressOf(socket);
  if (address === undefined || isLoopback(address)) return undefined;
  // Asked last: it is a system call.
  return address === socket.localAddress ? undefined : address;
}
