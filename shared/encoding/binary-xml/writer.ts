import { OctetWriter } from '../../octets.ts';
import { writeInt31, writeString } from './primitives.ts';
import { letterIndex, RECORD } from './records.ts';
import type { WireName } from './session-strings.ts';
import { TextRecordWriter } from './text-record-writer.ts';

/** Writes an element. */
export type ElementWriter = (xml: BinaryXmlWriter) => void;

/**
 * Writes the records of [MC-NBFX], one method for each sort. It does not check their order: its callers make
 * sure that an attribute follows its element, and a text its attribute.
 *
 * Names are ids of a string table, or text; prefixes are text, `''` for none.
 */
export class BinaryXmlWriter extends TextRecordWriter {
  element(prefix: string, name: WireName): void {
    const { out } = this;
    const letter = letterIndex(prefix);
    const isText = typeof name === 'string';
    if (letter >= 0) {
      out.u8((isText ? RECORD.prefixElementA : RECORD.prefixDictionaryElementA) + letter);
    } else if (prefix === '') {
      out.u8(isText ? RECORD.shortElement : RECORD.shortDictionaryElement);
    } else {
      out.u8(isText ? RECORD.element : RECORD.dictionaryElement);
      writeString(out, prefix);
    }
    this.#name(name);
  }

  endElement(): void {
    this.out.u8(RECORD.endElement);
  }

  /** The name of an attribute; its value is the next text, which must be `OPEN`. */
  attribute(prefix: string, name: WireName): void {
    const { out } = this;
    const letter = letterIndex(prefix);
    const isText = typeof name === 'string';
    if (letter >= 0) {
      out.u8((isText ? RECORD.prefixAttributeA : RECORD.prefixDictionaryAttributeA) + letter);
    } else if (prefix === '') {
      out.u8(isText ? RECORD.shortAttribute : RECORD.shortDictionaryAttribute);
    } else {
      out.u8(isText ? RECORD.attribute : RECORD.dictionaryAttribute);
      writeString(out, prefix);
    }
    this.#name(name);
  }

  xmlns(prefix: string, namespace: WireName): void {
    const { out } = this;
    const isText = typeof namespace === 'string';
    if (prefix === '') {
      out.u8(isText ? RECORD.shortXmlnsAttribute : RECORD.shortDictionaryXmlnsAttribute);
    } else {
      out.u8(isText ? RECORD.xmlnsAttribute : RECORD.dictionaryXmlnsAttribute);
      writeString(out, prefix);
    }
    this.#name(namespace);
  }

  comment(text: string): void {
    this.out.u8(RECORD.comment);
    writeString(this.out, text);
  }

  /**
   * Begins an array record: one element for many values. Its attributes follow, then {@link arrayItems},
   * then the values, each as wide as its type says.
   */
  array(prefix: string, name: WireName): void {
    this.out.u8(RECORD.array);
    this.element(prefix, name);
  }

  /** @param type even record type, one of `ARRAY_ITEMS` @param count 1 or more */
  arrayItems(type: number, count: number): void {
    this.endElement();
    this.out.u8(type | 1);
    writeInt31(this.out, count);
  }

  #name(name: WireName): void {
    if (typeof name === 'string') writeString(this.out, name);
    else writeInt31(this.out, name);
  }
}

/** The bytes of what is always the same. */
export function octetsOf(write: ElementWriter): Uint8Array {
  const out = new OctetWriter(64);
  write(new BinaryXmlWriter(out));
  return out.toBytes();
}
