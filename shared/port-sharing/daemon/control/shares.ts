import { NetTcpError } from '../../../errors.ts';

// Of all the descriptors that this process may have: as much as one other process may take, and all of them together.
const PART_OF_ONE = 1 / 4;
const PART_OF_ALL = 1 / 2;

/** What {@link Shares} knows of a process that the system does not name: nobody's, and only counted. */
export const NOBODY = 0;

/**
 * How many of this process's descriptors are there for which other process: connections to the control socket, and
 * sockets that listen for what it has registered. A process that takes more than its share is refused, and the next
 * one finds room.
 */
export class Shares {
  readonly #mostOfOne: number;
  readonly #mostOfAll: number;
  readonly #held = new Map<number, number>();
  #total = 0;

  /**
   * @param mostOfOne what one process may have, where that is no more than its part
   * @param descriptorLimit of this process
   */
  constructor(mostOfOne: number, descriptorLimit: number) {
    this.#mostOfOne = Math.min(mostOfOne, Math.floor(descriptorLimit * PART_OF_ONE));
    this.#mostOfAll = Math.floor(descriptorLimit * PART_OF_ALL);
  }

  /** Descriptors of all processes. */
  get total(): number {
    return this.#total;
  }

  /** Whether process `pid` may have so many more: neither it nor all together would have too many. */
  hasRoom(pid: number, count = 1): boolean {
    if (pid === NOBODY) return true;
    const held = (this.#held.get(pid) ?? 0) + count;
    return held <= this.#mostOfOne && this.#total + count <= this.#mostOfAll;
  }

  /**
   * Sets so many aside, for who is about to take them.
   *
   * @returns ends that
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

  /** It has one less. */
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
