import { NetTcpError } from '../../errors.ts';
import type { NamespaceScope } from './namespace-scope.ts';
import { LETTERS, RECORD } from './records.ts';
import { type DocumentState, TextRecord } from './text-record.ts';

/** One attribute of an element; namespace declarations are kept apart. */
export interface Attribute {
  readonly prefix: string;
  readonly name: string;
  /** What the prefix stands for; `''` for an attribute without one. */
  readonly namespace: string;
  readonly value: TextRecord;
}

type Slot = { -readonly [K in keyof Attribute]: Attribute[K] };

/** The attributes of the element at which a reader stands; its objects are reused for every element. */
export class AttributeList {
  count = 0;
  readonly #document: DocumentState;
  readonly #namespaces: NamespaceScope;
  readonly #limits: { readonly maxXmlAttributes: number };
  readonly #slots: Slot[] = [];

  constructor(
    document: DocumentState,
    namespaces: NamespaceScope,
    limits: { readonly maxXmlAttributes: number },
  ) {
    this.#document = document;
    this.#namespaces = namespaces;
    this.#limits = limits;
  }

  /** @param index 0 to `count` − 1 */
  at(index: number): Attribute | undefined {
    return index < this.count ? this.#slots[index] : undefined;
  }

  /** All of them, good until the reader moves. */
  all(): readonly Attribute[] {
    return this.#slots.slice(0, this.count);
  }

  /** The value of an attribute; `undefined` when the element does not have it. */
  find(namespace: string, name: string): string | undefined {
    for (let index = 0; index < this.count; index++) {
      const { name: itsName, namespace: itsNamespace, value } = this.#slots[index] as Slot;
      if (itsName === name && itsNamespace === namespace) return value.text();
    }
    return undefined;
  }

  /** Reads the attribute and declaration records that follow the name of an element. */
  read(): void {
    const { cursor } = this.#document;
    this.count = 0;
    while (cursor.at < cursor.end) {
      const record = cursor.bytes[cursor.at] as number;
      if (record < RECORD.shortAttribute || record >= RECORD.shortElement) break;
      cursor.at++;
      if (isDeclaration(record)) this.#declaration(record);
      else this.#attribute(record);
    }
    // A prefix may be declared after its use.
    for (let index = 0; index < this.count; index++) {
      const slot = this.#slots[index] as Slot;
      slot.namespace = slot.prefix === '' ? '' : this.#namespaces.of(slot.prefix);
      this.#refuseSecond(slot, index);
    }
  }

  #declaration(record: number): void {
    const { cursor } = this.#document;
    const hasPrefix =
      record === RECORD.xmlnsAttribute || record === RECORD.dictionaryXmlnsAttribute;
    const prefix = hasPrefix ? cursor.string() : '';
    const isDictionary = record >= RECORD.shortDictionaryXmlnsAttribute;
    this.#namespaces.declare(prefix, this.#name(isDictionary));
  }

  #attribute(record: number): void {
    const { cursor } = this.#document;
    const slot = this.#nextSlot();
    if (record >= RECORD.prefixAttributeA) {
      slot.prefix = LETTERS[record - RECORD.prefixAttributeA] as string;
      slot.name = this.#name(false);
    } else if (record >= RECORD.prefixDictionaryAttributeA) {
      slot.prefix = LETTERS[record - RECORD.prefixDictionaryAttributeA] as string;
      slot.name = this.#name(true);
    } else {
      const hasPrefix = record === RECORD.attribute || record === RECORD.dictionaryAttribute;
      slot.prefix = hasPrefix ? cursor.string() : '';
      slot.name = this.#name(record >= RECORD.shortDictionaryAttribute);
    }
    slot.value.read(cursor.u8());
    if (slot.value.endsElement) cursor.malformed('an attribute value ends the element');
  }

  #name(isDictionary: boolean): string {
    const { cursor } = this.#document;
    return isDictionary ? this.#document.lookup(cursor.int31()) : cursor.string();
  }

  #nextSlot(): Slot {
    if (this.count >= this.#limits.maxXmlAttributes) {
      throw new NetTcpError(
        'QuotaExceeded',
        `an element has more than ${this.#limits.maxXmlAttributes} attributes (maxXmlAttributes)`,
      );
    }
    return (this.#slots[this.count++] ??= {
      prefix: '',
      name: '',
      namespace: '',
      value: new TextRecord(this.#document),
    });
  }

  #refuseSecond(slot: Slot, index: number): void {
    for (let before = 0; before < index; before++) {
      const other = this.#slots[before] as Slot;
      if (other.name === slot.name && other.namespace === slot.namespace) {
        this.#document.cursor.malformed(`an element has the attribute "${slot.name}" twice`);
      }
    }
  }
}

function isDeclaration(record: number): boolean {
  return record >= RECORD.shortXmlnsAttribute && record <= RECORD.dictionaryXmlnsAttribute;
}
