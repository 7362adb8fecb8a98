import { isLoopback } from '../../address.ts';
import type { Limits } from '../../limits.ts';

/** A connection, as far as it matters to whom there is room for. */
export interface SessionHolder {
  /** Address of the client's machine, or `undefined` for this one and for a client that is relayed. */
  readonly source: string | undefined;
  /** Whether it has a session that was let in. */
  readonly hasSession: boolean;
  /** For how long nothing has happened on it, in milliseconds, as of its last check; -1: a call runs. */
  idleMs(now: number): number;
  /** Ends it, because somebody else needs the room: it has no session from then on, and says so to the limit. */
  giveWay(): void;
}

type SessionLimits = Pick<
  Limits,
  'maxConcurrentSessions' | 'maxSessionsPerSource' | 'giveWayAfterMs' | 'serviceReservedDescriptors'
>;

/**
 * How many sessions a host has at a time. At the limit the one that has been idle for longest gives way; where
 * none is, a new one is told ServerTooBusy, and so is one of a machine that has its share already.
 */
export class SessionLimit<T extends SessionHolder> {
  readonly #limits: SessionLimits;
  /** All connections of the host. */
  readonly #connections: Set<T>;
  /** How many of them have a session. A set of those would cost each as much as an object. */
  #size = 0;
  /** Descriptors of this number and above are not for clients. */
  #maxDescriptor = Infinity;
  /** How many connections there were when descriptors became scarce: the kernel gives out the lowest that is free. */
  #capacity = Infinity;

  /** @param connections all of the host, as they come and go */
  constructor(limits: SessionLimits, connections: Set<T>) {
    this.#limits = limits;
    this.#connections = connections;
  }

  get size(): number {
    return this.#size;
  }

  /** @param descriptorLimit files and connections that the process may have open */
  useDescriptors(descriptorLimit: number): void {
    this.#maxDescriptor = descriptorLimit - this.#limits.serviceReservedDescriptors;
  }

  /**
   * A connection has come. Before descriptors run out, the one that has been idle for longest gives way to it.
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

  /** Begins a session, if there is room for it: then `holder` has one. */
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
   * Ends the one that has been idle for longest, of those that have been for `giveWayAfterMs`.
   *
   * @returns false when none has
   */
  #makeRoom(isMeant: (holder: T) => boolean): boolean {
    const now = performance.now();
    let longest: T | undefined;
    let most = this.#limits.giveWayAfterMs;
    for (const holder of this.#connections) {
      if (!isMeant(holder)) continue;
      const idleMs = holder.idleMs(now);
      const isLonger = longest === undefined ? idleMs >= most : idleMs > most;
      if (isLonger) [longest, most] = [holder, idleMs];
    }
    if (longest === undefined) return false;
    this.#connections.delete(longest);
    longest.giveWay();
    return true;
  }

  #countOf(source: string): number {
    let count = 0;
    for (const holder of this.#connections) {
      if (holder.hasSession && holder.source === source) count += 1;
    }
    return count;
  }
}

/** The source of a socket. */
export function sourceOf(socket: {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}): string | undefined {
  const { remoteAddress, localAddress } = socket;
  const isOwn =
    remoteAddress === undefined || remoteAddress === localAddress || isLoopback(remoteAddress);
  return isOwn ? undefined : remoteAddress;
}
