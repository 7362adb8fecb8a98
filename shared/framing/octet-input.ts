import { copyOctets } from '../octets.ts';

const NOTHING = new Uint8Array(0);
const FIRST_CAPACITY = 64;

// Memory of long messages that have been read: to make it anew for each takes as long as to read the message. Below
// the first size it costs little; more than the second, of all together, is not worth to be kept.
const spare: Uint8Array[] = [];
const MIN_SPARE = 131_072;
const MAX_SPARE = 4_194_304;
let spareBytes = 0;

// GNU's C library takes each large piece of memory from the system, and gives it back when it is free; to touch it anew
// takes longer than to read the message. Once a piece of this size was free, it keeps twice as much. Not touched, the
// piece takes no memory. Larger than 32 MiB it would change nothing.
const LARGE_PIECE = 16_777_216;
let isLargeKept = false;

/** What lacks less is read with what follows it: to read it alone would take a system call more. */
const MIN_ROOM = 32_768;

function keepLarge(): boolean {
  try {
    return new ArrayBuffer(LARGE_PIECE).byteLength > 0;
  } catch {
    return true; // no room for it: messages may be slow, but are read
  }
}

/** Memory of that many bytes, or of up to twice as many, with anything in it. */
function takeMemory(length: number): Uint8Array {
  if (length >= MIN_SPARE) isLargeKept ||= keepLarge();
  const index = spare.findIndex((one) => one.length >= length && one.length <= 2 * length);
  const [found] = index < 0 ? [] : spare.splice(index, 1);
  if (found === undefined) return new Uint8Array(length);
  spareBytes -= found.length;
  return found;
}

function giveBack(memory: Uint8Array): void {
  if (memory.length < MIN_SPARE || spareBytes + memory.length > MAX_SPARE) return;
  spareBytes += memory.length;
  spare.push(memory);
}

/**
 * Bytes that have arrived and are not used up, from which a decoder reads. They are copied only if they have to
 * wait for more.
 *
 * Decoders extend this class, because they look at its fields for each record.
 */
export abstract class OctetInput {
  /** The memory that offsets refer to, valid until the next `push`, `wait` or `copyPending`. */
  bytes: Uint8Array = NOTHING;
  /** The bytes that are not used up are those from here up to `end`. */
  at = 0;
  protected end = 0;
  /** Whether `bytes` is ours to append to, and not the chunk that arrived. */
  #isOwned = false;
  /** How many bytes are known to be needed together, so that `bytes` gets the right size at once. */
  #needed = 0;

  protected get isEmpty(): boolean {
    return this.at === this.end;
  }

  /** Takes bytes that arrived; their memory is used until `wait` or `copyPending`. */
  push(chunk: Uint8Array): void {
    if (this.at === this.end) return this.#use(chunk);
    if (this.#isInPlace(chunk)) return void (this.end += chunk.length);
    this.makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /**
   * Where the next bytes belong, if much of a record is still to come: whoever reads them into that memory, from its
   * start on, and gives them to `push` saves a copy. `undefined`: anywhere. To be asked for after each `push`, as the
   * memory is another's then.
   */
  get room(): Uint8Array | undefined {
    if (!this.#isOwned) return undefined;
    const end = this.at + this.#needed;
    if (end - this.end < MIN_ROOM || end > this.bytes.length) return undefined;
    return this.bytes.subarray(this.end, end);
  }

  /** Whether it was read to where it belongs. */
  #isInPlace({ buffer, byteOffset, length }: Uint8Array): boolean {
    const { bytes } = this;
    if (!this.#isOwned || buffer !== bytes.buffer) return false;
    return byteOffset === bytes.byteOffset + this.end && this.end + length <= bytes.length;
  }

  /** A copy of the bytes that have arrived and belong to no record yet. */
  pending(): Uint8Array {
    return copyOctets(this.bytes, this.at, this.end);
  }

  /** Bytes of memory that waiting bytes take, including room made for the rest of their record. */
  get heldBytes(): number {
    return this.#isOwned ? this.bytes.length : 0;
  }

  /** Releases the chunk's memory, for a caller that stops before all of it is read. */
  copyPending(): void {
    this.wait();
  }

  /**
   * Releases the chunk's memory, because more bytes have to come.
   *
   * @param needed how many there must be in all, from `at` on; 0 if not known
   */
  protected wait(needed = 0): undefined {
    this.#needed = needed;
    if (this.at === this.end) this.#use(NOTHING);
    else if (!this.#isOwned) this.makeRoom(0);
    return undefined;
  }

  /** All is used up: goes on with `bytes`. */
  #use(bytes: Uint8Array): void {
    if (this.#isOwned) giveBack(this.bytes);
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
    this.#isOwned = false;
    this.#needed = 0;
  }

  /** Makes `bytes` ours, with room for `more` bytes, and for all that are needed if that is known. */
  private makeRoom(more: number): void {
    const held = this.end - this.at;
    const wanted = Math.max(held + more, this.#needed, FIRST_CAPACITY);
    if (this.#isOwned && this.at + wanted <= this.bytes.length) return;
    const bytes = takeMemory(Math.max(wanted, this.#isOwned ? held * 2 : 0));
    bytes.set(this.bytes.subarray(this.at, this.end));
    if (this.#isOwned) giveBack(this.bytes);
    this.bytes = bytes;
    this.at = 0;
    this.end = held;
    this.#isOwned = true;
  }
}
