import type { StreamPlace } from '../../contract/message.ts';
import { MORE, RecordSkipper } from './record-skipper.ts';
import { RECORD, TEXT } from '../binary-xml/records.ts';

/** The beginning of a message, up to a place where a stream may begin. */
interface Head {
  readonly end: number;
  readonly place: StreamPlace;
}

/**
 * Looks for the places in an arriving message where a stream may begin: after the name of the first element in
 * the wrapper or in the Body, and after the namespace that this declares. Each record is looked at once, in however
 * small pieces the message comes.
 */
export class HeadScanner {
  /** Where a stream may still begin. */
  readonly #places: Set<StreamPlace>;
  #at = 0;
  #depth = 0;
  /** The Header has ended: what follows is the Body. */
  #isInBody = false;
  /** The next end is that of an array's element: values follow it. */
  #isInArray = false;
  /** A stream may begin once the element whose tag is open has declared its namespace, or its tag ends. */
  #declaring: StreamPlace | undefined;

  /** @param places where streams may begin, at most one of each kind */
  constructor(places: Iterable<StreamPlace>) {
    this.#places = new Set(places);
  }

  /** Whether there are places that have not been found. */
  get isLooking(): boolean {
    return this.#places.size > 0;
  }

  /**
   * The next place.
   *
   * @param bytes the message from its first byte on
   * @param end   where the bytes end that have arrived
   * @returns `undefined` if that has not arrived, or there is none
   * @throws {NetTcpError} `Protocol` for what is no record
   */
  find(bytes: Uint8Array, end: number): Head | undefined {
    const skipper = new RecordSkipper(bytes, end);
    while (this.#at < end) {
      const record = bytes[this.#at] ?? 0;
      if (this.#declaring !== undefined && !isAttribute(record)) return this.#found(this.#at);
      const isItems = this.#isInArray && record === RECORD.endElement;
      const next = isItems ? skipper.endOfItems(this.#at) : skipper.endOf(this.#at);
      if (next === MORE) return undefined;
      this.#at = next;
      if (isItems || record === RECORD.array) this.#isInArray = !isItems;
      if (isStart(record)) {
        const place = this.#open();
        if (place !== undefined) return this.#found(next, place);
      } else if (isEnd(record === TEXT.startList ? bytes[next - 1] : record)) this.#close();
      else if (this.#declaring !== undefined && isDefault(record)) return this.#found(next);
    }
    return undefined;
  }

  /** Enters an element. @returns the place after its name, if that is one */
  #open(): StreamPlace | undefined {
    this.#depth++;
    if (!this.#isInBody) return undefined;
    const here = [...this.#places].filter(({ depth }) => depth === this.#depth);
    this.#declaring = here.find(({ declares }) => declares);
    return here.find(({ declares }) => !declares);
  }

  #close(): void {
    this.#depth--;
    if (this.#depth === 1) this.#isInBody = true;
  }

  #found(end: number, place = this.#declaring): Head | undefined {
    if (place === undefined) return undefined;
    if (place === this.#declaring) this.#declaring = undefined;
    this.#places.delete(place);
    return { end, place };
  }
}

function isAttribute(record: number): boolean {
  return record >= RECORD.shortAttribute && record < RECORD.shortElement;
}

/** A declaration of the namespace of elements without a prefix. */
function isDefault(record: number): boolean {
  return record === RECORD.shortXmlnsAttribute || record === RECORD.shortDictionaryXmlnsAttribute;
}

function isStart(record: number): boolean {
  return record >= RECORD.shortElement && record <= RECORD.prefixElementZ;
}

/** An end, or a text with which its element ends; of a list, the last byte says so. */
function isEnd(record = 0): boolean {
  return record === RECORD.endElement || (record > TEXT.zero && record % 2 === 1);
}
