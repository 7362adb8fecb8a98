import { copyOctets } from '../octets.ts';

const NOTHING = new Uint8Array(0);
const FIRST_CAPACITY = 64;

/**
 * Bytes that have arrived and are not used up: what a decoder reads from. Each is copied at most once, and
 * only when it has to wait for more.
 *
 * A class to extend, because a decoder looks at these fields for each record.
 */
export abstract class OctetInput {
  /** What offsets are into; good until the next `push`, `wait` or `copyPending`. */
  bytes: Uint8Array = NOTHING;
  /** The bytes are those from `at` up to `end`. */
  protected at = 0;
  protected end = 0;
  /** `bytes` is ours to append to, not the chunk that arrived. */
  #isOwned = false;
  /** How many bytes are known to be needed together; lets `bytes` be made the right size once. */
  #needed = 0;

  protected get isEmpty(): boolean {
    return this.at === this.end;
  }

  /** Takes bytes that arrived; their memory is used until `wait` or `copyPending`. */
  push(chunk: Uint8Array): void {
    if (this.at === this.end) {
      this.bytes = chunk;
      this.at = 0;
      this.end = chunk.length;
      this.#isOwned = false;
      return;
    }
    this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Bytes that have arrived and belong to no record yet. A copy. */
  pending(): Uint8Array {
    return copyOctets(this.bytes, this.at, this.end);
  }

  /** Memory that waiting bytes take, what is made ready for their record included. */
  get heldBytes(): number {
    return this.#isOwned ? this.bytes.length : 0;
  }

  /** Lets go of the chunk's memory, for whoever stops before all of it is read. */
  copyPending(): void {
    this.wait();
  }

  /**
   * More bytes have to come: lets go of the chunk's memory.
   *
   * @param needed how many there must be in all, from `at` on; 0: not known
   */
  protected wait(needed = 0): undefined {
    this.#needed = needed;
    if (this.at === this.end) {
      this.bytes = NOTHING;
      this.at = 0;
      this.end = 0;
      this.#isOwned = false;
    } else if (!this.#isOwned) {
      this.#makeRoom(0);
    }
    return undefined;
  }

  /** Makes `bytes` ours, with room for `more` bytes, and for all that is needed where that is known. */
  #makeRoom(more: number): void {
    const held = this.end - this.at;
    const wanted = Math.max(held + more, this.#needed, FIRST_CAPACITY);
    if (this.#isOwned && this.at + wanted <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(wanted, this.#isOwned ? held * 2 : 0));
    bytes.set(this.bytes.subarray(this.at, this.end));
    this.bytes = bytes;
    this.at = 0;
    this.end = held;
    this.#isOwned = true;
    this.#needed = 0;
  }
}
