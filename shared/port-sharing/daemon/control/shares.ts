import { NetTcpError } from '../../../errors.ts';

// Shares of this process's descriptors: for one other process, and for all other processes together.
const PART_OF_ONE = 1 / 4;
const PART_OF_ALL = 1 / 2;

/** Stands for no process, or for one that the system does not name: it is only counted, not limited. */
export const NOBODY = 0;

/**
 * How many of this process's descriptors other processes take: for their connections to the control socket, and
 * for sockets that listen for what they registered. A process that wants more than its share is refused, so that
 * the next one finds room.
 */
export class Shares {
  readonly #mostOfOne: number;
  readonly #mostOfAll: number;
  readonly #held = new Map<number, number>();
  #total = 0;

  /**
   * @param mostOfOne       what one process may have, but never more than its part of the limit
   * @param descriptorLimit descriptors that this process may have
   */
  constructor(mostOfOne: number, descriptorLimit: number) {
    this.#mostOfOne = Math.min(mostOfOne, Math.floor(descriptorLimit * PART_OF_ONE));
    this.#mostOfAll = Math.floor(descriptorLimit * PART_OF_ALL);
  }

  /** Descriptors that all other processes take. */
  get total(): number {
    return this.#total;
  }

  /** Whether process `pid` may have `count` more: neither it nor all together would have too many. */
  hasRoom(pid: number, count = 1): boolean {
    if (pid === NOBODY) return true;
    const held = (this.#held.get(pid) ?? 0) + count;
    return held <= this.#mostOfOne && this.#total + count <= this.#mostOfAll;
  }

  /**
   * Sets `count` aside for a process that is about to take them.
   *
   * @returns a function that ends the reservation
   * @throws {NetTcpError} `QuotaExceeded` when there is no room
   */
  reserve(pid: number, count: number): () => void {
    if (!this.hasRoom(pid, count)) {
      const text = `process ${pid} has its share of the daemon's connections and listening sockets`;
      throw new NetTcpError('QuotaExceeded', text);
    }
    this.#change(pid, count);
    return () => this.#change(pid, -count);
  }

  /** Process `pid` has one more. */
  take(pid: number): void {
    this.#change(pid, 1);
  }

  /** Process `pid` has one less. */
  giveBack(pid: number): void {
    this.#change(pid, -1);
  }

  #change(pid: number, count: number): void {
    this.#total += count;
    const held = (this.#held.get(pid) ?? 0) + count;
    if (held > 0) this.#held.set(pid, held);
    else this.#held.delete(pid);
  }
}
