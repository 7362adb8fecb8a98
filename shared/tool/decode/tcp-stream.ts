import type { Segment } from './segments.ts';

/** One direction of a TCP connection. Puts its segments in order, even if they come repeatedly or out of order. */
export class StreamHalf {
  /** Sequence number of the next byte; `undefined` before the first segment. */
  #next: number | undefined;
  /** Segments that came too early. */
  #early: Segment[] = [];

  /** How many bytes the capture lacks before the first segment that came too early; 0 if none. */
  get missing(): number {
    const next = this.#next ?? 0;
    let missing = Infinity;
    for (const { sequence } of this.#early) missing = Math.min(missing, distance(next, sequence));
    return missing === Infinity ? 0 : missing;
  }

  /** Takes a segment. @returns the bytes that follow those returned before, often none */
  push(segment: Segment): readonly Uint8Array[] {
    const { sequence, syn, payload } = segment;
    this.#next ??= syn ? (sequence + 1) >>> 0 : sequence;
    if (syn || payload.length === 0) return [];
    if (distance(this.#next, sequence) > 0) {
      this.#early.push(segment);
      return [];
    }
    const ready: Uint8Array[] = [];
    let next = this.#next;
    const waiting = [segment, ...this.#early.sort((a, b) => distance(b.sequence, a.sequence))];
    this.#early = waiting.filter((each) => {
      const known = distance(each.sequence, next);
      if (known < 0) return true;
      // Bytes that came before are left out: a segment that was sent again may begin earlier, and end later.
      if (known < each.payload.length) ready.push(each.payload.subarray(known));
      next = (next + Math.max(0, each.payload.length - known)) >>> 0;
      return false;
    });
    this.#next = next;
    return ready;
  }
}

/** How far `to` is ahead of `from`, in numbers that wrap at 2^32: −2^31 to 2^31−1. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
