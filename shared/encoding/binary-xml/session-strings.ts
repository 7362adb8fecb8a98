import { NetTcpError } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import type { Cursor } from './cursor.ts';
import { utf8Length, writeInt31, writeString } from './primitives.ts';

/** How a name goes on the wire: a dictionary id, or the text itself. */
export type WireName = number | string;

/** How a writer's names go on the wire. */
export interface WireNames {
  of(name: string): WireName;
}

/** No table: every name is written out ([MC-NBFS], content type `application/soap+msbin1`). */
export const INLINE_NAMES: WireNames = { of: (name) => name };

/**
 * The strings that the peer has sent during one session. Their ids are odd, 1, 3, 5, … in order of
 * appearance ([MC-NBFSE] 2.1).
 */
export class ReceivedStrings {
  readonly #maxSessionSize: number;
  readonly #strings: string[] = [];
  #size = 0;

  constructor(limits: { readonly maxSessionSize: number }) {
    this.#maxSessionSize = limits.maxSessionSize;
  }

  /**
   * Reads the string table in front of a document.
   *
   * @throws {NetTcpError} `QuotaExceeded` when the tables of the session add up to more than
   *   `maxSessionSize` bytes, `Protocol` when the strings do not fill their table exactly
   */
  read(cursor: Cursor): void {
    const size = cursor.int31();
    if (size === 0) return;
    this.#size += size;
    if (this.#size > this.#maxSessionSize) {
      throw new NetTcpError(
        'QuotaExceeded',
        `the string tables of this session are ${this.#size} bytes, the limit (maxSessionSize) is ${this.#maxSessionSize}`,
      );
    }
    const { end } = cursor;
    const tableEnd = cursor.skip(size) + size;
    cursor.at = tableEnd - size;
    cursor.end = tableEnd;
    while (cursor.at < tableEnd) this.#strings.push(cursor.string());
    cursor.end = end;
  }

  /** @param index half of (id − 1) */
  at(index: number): string | undefined {
    return this.#strings[index];
  }
}

/**
 * The strings that we have sent during one session.
 *
 * As in .NET, a string gets its id when it is first used, and the first one that does not fit the
 * quota closes the table for good: from then on new names are written out.
 *
 * A message must be sent once `commit` was called for it, and messages in the order of their commits,
 * because the peer counts the strings, too.
 */
export class SentStrings implements WireNames {
  readonly #ids = new Map<string, number>();
  readonly #new: string[] = [];
  #newSize = 0;
  /** Bytes of the quota that are left, now and before the message that is being written. */
  #left: number;
  #leftBefore: number;

  constructor(limits: { readonly maxSessionSize: number }) {
    this.#left = limits.maxSessionSize;
    this.#leftBefore = this.#left;
  }

  of(name: string): WireName {
    return this.#ids.get(name) ?? this.#add(name);
  }

  /** Begins a message. @returns the `start` for {@link commit} */
  begin(out: OctetWriter): number {
    this.#leftBefore = this.#left;
    const start = out.length;
    out.u8(0);
    return start;
  }

  /**
   * Writes the table of new strings in front of the document that was written since `start`.
   * If there are none, which is nearly always so, the byte 0 from `begin` is the table.
   */
  commit(out: OctetWriter, start: number): void {
    if (this.#new.length === 0) return;
    const document = out.bytes.slice(start + 1, out.length);
    out.length = start;
    writeInt31(out, this.#newSize);
    for (const text of this.#new) writeString(out, text);
    out.append(document);
    this.#forgetNew();
  }

  /** Takes back the ids given out in a message that will not be sent. */
  rollback(): void {
    for (const text of this.#new) this.#ids.delete(text);
    this.#left = this.#leftBefore;
    this.#forgetNew();
  }

  #add(name: string): WireName {
    const octets = utf8Length(name);
    const size = octets + (octets < 0x80 ? 1 : octets < 0x4000 ? 2 : 3);
    if (size > this.#left) {
      this.#left = 0;
      return name;
    }
    const id = 2 * this.#ids.size + 1;
    this.#ids.set(name, id);
    this.#new.push(name);
    this.#newSize += size;
    this.#left -= size;
    return id;
  }

  #forgetNew(): void {
    this.#new.length = 0;
    this.#newSize = 0;
  }
}
