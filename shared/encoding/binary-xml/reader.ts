import { AttributeList } from './attributes.ts';
import { Cursor } from './cursor.ts';
import { DocumentLimits, type ReaderLimits, type Spent } from './document-limits.ts';
import { type NamespaceDeclaration, NamespaceScope } from './namespace-scope.ts';
import { ARRAY_ITEMS, FIXED_WIDTH, LETTERS, RECORD } from './records.ts';
import type { ReceivedStrings } from './session-strings.ts';
import { STATIC_STRINGS } from './static-dictionary.ts';
import { type DocumentState, TextRecord } from './text-record.ts';

/** What the reader stands at. `end` is the end of an element; nothing follows `done`. */
type NodeKind = 'element' | 'text' | 'comment' | 'end' | 'done';

/** An array record whose items come out as if each were an element of its own. */
interface PendingArray {
  readonly type: number;
  readonly width: number;
  left: number;
}

/** The beginning of a document, see {@link BinaryXmlReader.pass}: so many bytes. */
export interface Beginning extends Spent {
  readonly length: number;
  /** Declared on the outermost element. */
  readonly declared: readonly NamespaceDeclaration[];
}

/**
 * Reads a document of [MC-NBFX] node by node, without building anything.
 *
 * Each `read` moves to the next node; the properties describe it and are good until the next
 * `read`. One reader serves document after document. Names, namespaces and whole texts that are in
 * a dictionary are the dictionary's own strings, never copies.
 *
 * Bad bytes always end in a NetTcpError: `Protocol` if they are malformed, `QuotaExceeded` if they pass a
 * limit. The document must not be read further after one.
 */
export class BinaryXmlReader extends DocumentLimits implements DocumentState {
  kind: NodeKind = 'done';
  /** Prefix, local name and namespace of an `element`; the other kinds leave them alone. */
  prefix = '';
  name = '';
  namespace = '';
  /** Elements that are open: an `element` counts itself, its `end` does not. */
  depth = 0;
  readonly attributes: AttributeList;
  /** The record of a `text`. An element can have several in a row, which are one text. */
  readonly text: TextRecord;
  /** The text of a `comment`. */
  comment = '';
  readonly namespaces: NamespaceScope;
  readonly cursor = new Cursor();

  readonly #strings: ReceivedStrings | undefined;
  #array: PendingArray | undefined;
  #hasRoot = false;

  /** @param strings the session's table (content type 8), `undefined` if there is none (7) */
  constructor(limits: ReaderLimits, strings?: ReceivedStrings) {
    super(limits);
    this.#strings = strings;
    this.text = new TextRecord(this);
    this.namespaces = new NamespaceScope(this.cursor, limits);
    this.attributes = new AttributeList(this, this.namespaces, limits);
  }

  /**
   * Begins a payload: reads its string table, if the session has tables, and stops before the document.
   */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.resetDocument(bytes, start, end);
    this.#strings?.read(this.cursor);
  }

  /** Begins a document whose string table has been read. */
  resetDocument(bytes: Uint8Array, start: number, end: number): void {
    this.cursor.reset(bytes, start, end);
    this.kind = 'done';
    this.depth = 0;
    this.#array = undefined;
    this.#hasRoot = false;
    this.unspend();
    this.text.endsElement = false;
    this.namespaces.clear();
  }

  /**
   * What has been read, at the end of a child of the outermost element; `undefined` if an array goes on there.
   *
   * @param start where the document begins
   */
  beginning(start: number): Beginning | undefined {
    if (this.#array !== undefined) return undefined;
    const declared = this.namespaces.declaredHere();
    return { length: this.cursor.at - start, declared, ...this.spent };
  }

  /** Passes the beginning of a document that is the same, byte for byte. It counts as if it were read again. */
  pass({ length, declared, nodes, referenceChars }: Beginning): void {
    this.cursor.skip(length);
    this.kind = 'end';
    this.depth = 1;
    this.#hasRoot = true;
    this.namespaces.enter();
    for (const { prefix, namespace } of declared) this.namespaces.declare(prefix, namespace);
    this.spendNodes(nodes);
    this.spendReferenceChars(referenceChars);
  }

  read(): NodeKind {
    return (this.kind = this.#next());
  }

  /** Moves from an `element` to its `end`. */
  skip(): void {
    const outside = this.depth - 1;
    while (this.depth > outside) this.read();
  }

  /** Moves from an `element` to its `end`. @returns its text, as {@link restOfText} */
  readText(): string | undefined {
    this.read();
    return this.restOfText();
  }

  /**
   * Moves from the first node inside an element to its `end`.
   *
   * @returns the text of all records; `undefined`, with the reader still inside, if there is an element
   */
  restOfText(): string | undefined {
    let text = '';
    for (; this.kind !== 'end'; this.read()) {
      if (this.kind === 'element') return undefined;
      if (this.kind === 'text') text = text === '' ? this.text.text() : text + this.text.text();
    }
    return text;
  }

  lookup(id: number): string {
    const text = id % 2 === 0 ? STATIC_STRINGS[id >> 1] : this.#strings?.at(id >> 1);
    return text ?? this.cursor.malformed(`no string table has the id ${id}`);
  }

  #next(): NodeKind {
    if (this.#array !== undefined) return this.#nextOfArray(this.#array);
    if (this.text.endsElement) {
      this.text.endsElement = false;
      return this.#close();
    }
    const { cursor } = this;
    if (this.depth === 0 && cursor.at === cursor.end) {
      return this.#hasRoot ? 'done' : cursor.malformed('it has no element');
    }
    const record = cursor.u8();
    this.spendNodes(1);
    if (record === RECORD.comment) {
      this.comment = cursor.string();
      return 'comment';
    }
    if (this.depth === 0 && this.#hasRoot) cursor.malformed('bytes follow its last element');
    if (isElement(record)) {
      this.#open(record);
      return 'element';
    }
    if (record === RECORD.array) return this.#openArray();
    if (this.depth === 0) cursor.malformed('an element is due');
    if (record === RECORD.endElement) return this.#close();
    this.text.read(record);
    return 'text';
  }

  #open(record: number): void {
    this.checkDepth(this.depth);
    this.#hasRoot = true;
    this.depth++;
    this.namespaces.enter();
    this.#readElementName(record);
    this.attributes.read();
    this.spendNodes(this.attributes.count);
    this.namespace = this.namespaces.of(this.prefix);
  }

  #close(): NodeKind {
    this.namespaces.leave();
    this.depth--;
    return 'end';
  }

  /** An array record is one element and then values; each comes out as an element with one text. */
  #openArray(): NodeKind {
    const { cursor } = this;
    const record = cursor.u8();
    if (!isElement(record)) cursor.malformed('an array does not begin with an element');
    this.#open(record);
    if (cursor.u8() !== RECORD.endElement) cursor.malformed('the element of an array is not empty');
    const type = cursor.u8() - 1;
    if (!ARRAY_ITEMS.has(type)) cursor.malformed('an array cannot hold values of that type');
    const width = FIXED_WIDTH.get(type) ?? 0;
    const left = cursor.int31();
    if (left === 0) cursor.malformed('an array has no items');
    if (left * width > cursor.end - cursor.at) cursor.malformed('an array is cut short');
    this.spendNodes(left * (1 + this.attributes.count));
    this.#array = { type, width, left };
    return 'element';
  }

  #nextOfArray(array: PendingArray): NodeKind {
    switch (this.kind) {
      case 'element': {
        const start = this.cursor.skip(array.width);
        this.text.pointAt(array.type, start, this.cursor.at);
        return 'text';
      }
      case 'text':
        this.text.endsElement = false;
        array.left--;
        if (array.left > 0) {
          this.depth--;
          return 'end';
        }
        this.#array = undefined;
        return this.#close();
      default:
        this.depth++;
        return 'element';
    }
  }

  #readElementName(record: number): void {
    const { cursor } = this;
    if (record >= RECORD.prefixElementA) {
      this.prefix = LETTERS[record - RECORD.prefixElementA] as string;
      this.name = cursor.string();
    } else if (record >= RECORD.prefixDictionaryElementA) {
      this.prefix = LETTERS[record - RECORD.prefixDictionaryElementA] as string;
      this.name = this.lookup(cursor.int31());
    } else {
      const hasPrefix = record === RECORD.element || record === RECORD.dictionaryElement;
      this.prefix = hasPrefix ? cursor.string() : '';
      const isDictionary = record >= RECORD.shortDictionaryElement;
      this.name = isDictionary ? this.lookup(cursor.int31()) : cursor.string();
    }
  }
}

function isElement(record: number): boolean {
  return record >= RECORD.shortElement && record <= RECORD.prefixElementZ;
}
