import { MORE, RecordSkipper } from './record-skipper.ts';
import { RECORD, TEXT } from '../binary-xml/records.ts';

/** A stream's element stands in the wrapper in the Body in the Envelope. */
const STREAM_DEPTH = 4;

/**
 * Looks for the place in an arriving message where a stream may begin: after the name of the first element in
 * the wrapper. Each record is looked at once, in however small pieces the message comes.
 */
export class HeadScanner {
  #at = 0;
  #depth = 0;
  /** The Header has ended: what follows is the Body. */
  #isInBody = false;
  /** The next end is that of an array's element: values follow it. */
  #isInArray = false;

  /**
   * @param bytes the message from its first byte on
   * @param end   where the bytes end that have arrived
   * @returns after the name of the first element in the wrapper; `undefined` if that has not arrived, or there
   *   is no such element
   * @throws {NetTcpError} `Protocol` for what is no record
   */
  find(bytes: Uint8Array, end: number): number | undefined {
    const skipper = new RecordSkipper(bytes, end);
    while (this.#at < end) {
      const record = bytes[this.#at] ?? 0;
      const isItems = this.#isInArray && record === RECORD.endElement;
      const next = isItems ? skipper.endOfItems(this.#at) : skipper.endOf(this.#at);
      if (next === MORE) return undefined;
      this.#at = next;
      if (isItems || record === RECORD.array) this.#isInArray = !isItems;
      if (isStart(record)) this.#depth++;
      else if (isEnd(record === TEXT.startList ? bytes[next - 1] : record)) this.#close();
      if (this.#isInBody && this.#depth === STREAM_DEPTH) return next;
    }
    return undefined;
  }

  #close(): void {
    this.#depth--;
    if (this.#depth === 1) this.#isInBody = true;
  }
}

function isStart(record: number): boolean {
  return record >= RECORD.shortElement && record <= RECORD.prefixElementZ;
}

/** An end, or a text with which its element ends; of a list, the last byte says so. */
function isEnd(record = 0): boolean {
  return record === RECORD.endElement || (record > TEXT.zero && record % 2 === 1);
}
