/**
 * Finds names by their UTF-8 octets: an operation or member is looked up in the message itself,
 * without making a string of its name. A miss costs no more than a hit, whatever was sent.
 */
export class NameTable<T extends { readonly name: string }> {
  readonly #buckets: (Entry<T> | undefined)[];
  readonly #mask: number;

  constructor(items: readonly T[]) {
    // More than twice as many buckets as names, a power of two so that a mask finds the bucket.
    const buckets = 2 << Math.ceil(Math.log2(items.length + 1));
    this.#mask = buckets - 1;
    this.#buckets = Array.from({ length: buckets }, () => undefined);
    for (const item of items) {
      const octets = new TextEncoder().encode(item.name);
      const bucket = this.#bucketOf(octets, 0, octets.length);
      this.#buckets[bucket] = { item, octets, next: this.#buckets[bucket] };
    }
  }

  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    let entry = this.#buckets[this.#bucketOf(bytes, start, end)];
    while (entry !== undefined && !isSame(entry.octets, bytes, start, end)) entry = entry.next;
    return entry?.item;
  }

  /** Length, first and last octet tell most names apart, and cost the same for every length. */
  #bucketOf(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const first = bytes[start] ?? 0;
    const last = bytes[end - 1] ?? 0;
    return (end - start + 7 * first + 31 * last) & this.#mask;
  }
}

interface Entry<T> {
  readonly item: T;
  readonly octets: Uint8Array;
  readonly next: Entry<T> | undefined;
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = name;
  if (length !== end - start) return false;
  for (let index = 0; index < length; index++) {
    if (name[index] !== bytes[start + index]) return false;
  }
  return true;
}
