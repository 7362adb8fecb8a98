import { type DateTicks, isDateTicks } from '../../contract/types/text/date-time.ts';
import { formatDecimal, formatDouble, formatFloat } from '../../contract/types/text/number-text.ts';
import {
  durationTicksToMs,
  formatDateTime,
  formatDuration,
} from '../../contract/types/text/time-text.ts';
import type { Cursor } from './cursor.ts';
import { dateTimeAt, decimalAt } from './fixed-values.ts';
import { formatBase64, formatGuid } from './lexical-octets.ts';
import { LENGTH_OCTETS, LETTERS, TEXT, WIDTHS } from './records.ts';

/** What text records need to know of the document that they are in. */
export interface DocumentState {
  readonly cursor: Cursor;
  /** The string with this dictionary id. @throws {NetTcpError} `Protocol` when there is none */
  lookup(id: number): string;
  /** Counts characters taken from string tables. @throws {NetTcpError} `QuotaExceeded` */
  spendReferenceChars(count: number): void;
}

/**
 * One text record: found first (`read`), decoded only when somebody asks.
 *
 * It is reused for record after record, and points into the payload: it is valid until the reader moves.
 */
export class TextRecord {
  /** Even record type, one of `TEXT`. */
  type: number = TEXT.empty;
  /** The record closes the element that it stands in. */
  endsElement = false;
  /** Offset of the value's first byte, and of the byte after its last. */
  start = 0;
  end = 0;
  /** The string of a `dictionary` or `qnameDictionary` record. */
  #reference = '';
  readonly #document: DocumentState;

  constructor(document: DocumentState) {
    this.#document = document;
  }

  /**
   * Moves the document's cursor past the record whose first byte, `record`, has been read.
   *
   * @throws {NetTcpError} `Protocol` for a record that is not text, unknown or cut short
   */
  read(record: number): void {
    const { cursor } = this.#document;
    const width = WIDTHS[record] ?? -2;
    if (width === -2) cursor.malformed(`a text record is due, not ${hex(record)}`);
    this.type = record & 0xfe;
    this.endsElement = this.type !== record;
    if (width >= 0) this.start = cursor.skip(width);
    else if (this.type === TEXT.dictionary) this.#reference = this.#lookup();
    else if (this.type === TEXT.qnameDictionary) this.#reference = this.#qname();
    else if (this.type === TEXT.startList) return this.#findListEnd();
    else this.start = cursor.skip(cursor.length(LENGTH_OCTETS.get(this.type) ?? 4));
    this.end = cursor.at;
  }

  /** Points it at one value of an array record: all the text of that value's element. */
  pointAt(type: number, start: number, end: number): void {
    this.type = type;
    this.endsElement = true;
    this.start = start;
    this.end = end;
  }

  /** The number that the record holds, `undefined` for a record of another sort (text included). */
  number(): number | undefined {
    const { view } = this.#document.cursor;
    switch (this.type) {
      case TEXT.zero:
        return 0;
      case TEXT.one:
        return 1;
      case TEXT.int8:
        return view.getInt8(this.start);
      case TEXT.int16:
        return view.getInt16(this.start, true);
      case TEXT.int32:
        return view.getInt32(this.start, true);
      case TEXT.int64:
        return Number(view.getBigInt64(this.start, true));
      case TEXT.uint64:
        return Number(view.getBigUint64(this.start, true));
      case TEXT.float:
        return view.getFloat32(this.start, true);
      case TEXT.double:
        return view.getFloat64(this.start, true);
      default:
        return undefined;
    }
  }

  /** The exact integer of an integer record. */
  integer(): bigint | undefined {
    const { view } = this.#document.cursor;
    if (this.type === TEXT.int64) return view.getBigInt64(this.start, true);
    if (this.type === TEXT.uint64) return view.getBigUint64(this.start, true);
    if (this.type === TEXT.float || this.type === TEXT.double) return undefined;
    const value = this.number();
    return value === undefined ? undefined : BigInt(value);
  }

  boolean(): boolean | undefined {
    if (this.type === TEXT.true || this.type === TEXT.one) return true;
    if (this.type === TEXT.false || this.type === TEXT.zero) return false;
    if (this.type !== TEXT.bool) return undefined;
    const octet = this.#document.cursor.view.getUint8(this.start);
    return octet > 1 ? undefined : octet === 1;
  }

  /** What a DateTime record holds, even if .NET has no such date. */
  dateTime(): DateTicks | undefined {
    return this.type === TEXT.dateTime ? dateTimeAt(this.#document.cursor, this.start) : undefined;
  }

  /** Milliseconds of a TimeSpan record. */
  duration(): number | undefined {
    if (this.type !== TEXT.timeSpan) return undefined;
    return durationTicksToMs(this.#document.cursor.view.getBigInt64(this.start, true));
  }

  /** The bytes of a Bytes record, in the document's memory; no bytes for an empty one. */
  octets(): Uint8Array | undefined {
    if (this.type === TEXT.empty) return new Uint8Array(0);
    const isBytes = this.type >= TEXT.bytes8 && this.type <= TEXT.bytes32;
    return isBytes ? this.#document.cursor.bytes.subarray(this.start, this.end) : undefined;
  }

  /** The value as XML text, whatever the record: this is what the record stands for. */
  text(): string {
    const { cursor } = this.#document;
    switch (this.type) {
      case TEXT.zero:
        return '0';
      case TEXT.one:
        return '1';
      case TEXT.empty:
        return '';
      case TEXT.dictionary:
      case TEXT.qnameDictionary:
        return this.#referenced();
      case TEXT.chars8:
      case TEXT.chars16:
      case TEXT.chars32:
        return cursor.utf8(this.start, this.end);
      case TEXT.unicodeChars8:
      case TEXT.unicodeChars16:
      case TEXT.unicodeChars32:
        return cursor.utf16(this.start, this.end);
      case TEXT.int8:
      case TEXT.int16:
      case TEXT.int32:
      case TEXT.int64:
      case TEXT.uint64:
        return String(this.integer());
      case TEXT.float:
        return formatFloat(cursor.view.getFloat32(this.start, true));
      case TEXT.double:
        return formatDouble(cursor.view.getFloat64(this.start, true));
      case TEXT.decimal:
        return formatDecimal(decimalAt(cursor, this.start));
      case TEXT.dateTime:
        return this.#dateText(dateTimeAt(cursor, this.start));
      case TEXT.timeSpan:
        return formatDuration(cursor.view.getBigInt64(this.start, true));
      case TEXT.uniqueId:
        return `urn:uuid:${formatGuid(cursor.bytes, this.start)}`;
      case TEXT.guid:
        return formatGuid(cursor.bytes, this.start);
      case TEXT.bytes8:
      case TEXT.bytes16:
      case TEXT.bytes32:
        return formatBase64(cursor.bytes.subarray(this.start, this.end));
      case TEXT.startList:
        return this.#list();
      default:
        // false, true, bool
        return String(this.boolean() ?? cursor.view.getUint8(this.start));
    }
  }

  #dateText(date: DateTicks): string {
    return isDateTicks(date)
      ? formatDateTime(date)
      : this.#document.cursor.malformed(`a date is ${date.ticks} ticks`);
  }

  #lookup(): string {
    return this.#document.lookup(this.#document.cursor.int31());
  }

  #qname(): string {
    const { cursor } = this.#document;
    const letter = cursor.u8();
    const prefix = LETTERS[letter] ?? cursor.malformed(`a prefix is ${letter}, 0 to 25 is allowed`);
    return `${prefix}:${this.#lookup()}`;
  }

  #referenced(): string {
    this.#document.spendReferenceChars(this.#reference.length);
    return this.#reference;
  }

  /** Reads the list to its end, so that it is known to be whole; `text` reads it once more. */
  #findListEnd(): void {
    const { cursor } = this.#document;
    if (this.endsElement) cursor.malformed('a list ends its element before it ends');
    this.start = cursor.at;
    this.#eachItem(() => {});
  }

  #list(): string {
    const { cursor } = this.#document;
    const { at } = cursor;
    cursor.at = this.start;
    const items: string[] = [];
    this.#eachItem((item) => items.push(item.text()));
    cursor.at = at;
    return items.join(' ');
  }

  #eachItem(visit: (item: TextRecord) => void): void {
    const { cursor } = this.#document;
    const item = new TextRecord(this.#document);
    for (;;) {
      this.end = cursor.at;
      const record = cursor.u8();
      if ((record & 0xfe) === TEXT.endList) {
        this.endsElement = record !== TEXT.endList;
        return;
      }
      if (record === TEXT.startList) cursor.malformed('a list stands in a list');
      item.read(record);
      if (item.endsElement) cursor.malformed('a list item ends its element');
      visit(item);
    }
  }
}

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}
