import { received } from '../../../contract/types/any.ts';
import { absent, toObject } from '../../../contract/types/defaults.ts';
import { Mismatch, mismatch, within } from '../../../contract/types/mismatch.ts';
import { type QName, XSI } from '../../../contract/types/type-names.ts';
import type { ArrayShape, Field, ObjectShape, ValueType } from '../../../contract/types/types.ts';
import {
  isXmlNamed,
  xmlItemName,
  type XmlPart,
  xmlPartOf,
  type XmlShape,
  xmlShapeOf,
} from '../../../contract/types/xml-shape.ts';
import { printable } from '../../../printable.ts';
import {
  isElement,
  isNil,
  isNullable,
  marksOf,
  otherType,
  passNull,
  type Whole,
} from '../values/read-marks.ts';
import { readScalar } from '../values/read-scalar.ts';
import { readXml } from '../values/read-xml.ts';
import type { ValueReader } from '../values/read-value.ts';
import { isPlain } from '../values/write-scalar.ts';
import { TEXT } from '../elements.ts';
import { actualXmlType, anyXmlType, indexOfPart } from './find.ts';
import { fromText } from './scalar-text.ts';

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/** Reads parameters and results as XmlSerializer does: by name, in whichever order they come. */
export class XmlValueReader {
  readonly #values: ValueReader;
  /** Namespace of classes that have none: the contract's. */
  #due = '';

  /** @param values keeps what is passed over */
  constructor(values: ValueReader) {
    this.#values = values;
  }

  /** @param due namespace of the contract */
  in(due: string): this {
    this.#due = due;
    return this;
  }

  /** As {@link ValueReader.members}. */
  members(members: readonly Field[], placeOf: (member: Field) => string, of: Whole): unknown[] {
    this.#values.xml.read();
    return this.siblings(members, placeOf, of);
  }

  /** As {@link ValueReader.siblings}. */
  siblings(members: readonly Field[], placeOf: (member: Field) => string, of: Whole): unknown[] {
    const elements = members.map((field, index) => xmlPartOf(field, this.#due, index));
    const found = new Map<XmlPart, unknown>();
    this.#elements({ attributes: [], elements, text: undefined }, found, placeOf, of);
    return this.#all(elements, found, placeOf);
  }

  /** The only member of an element, to the element's end. @throws {Mismatch} also when it is missing */
  result(due: Field): unknown {
    const [value] = this.members([{ ...due, presence: 'optional' }], () => '', 'result');
    if (value !== undefined) return value;
    if (isNullable(due.type)) return null;
    throw new Mismatch(`is missing: there is no element ${due.name}`);
  }

  /** Reads to the end of the element; the reader is at the first node inside. */
  #elements(
    { elements, text }: XmlShape,
    found: Map<XmlPart, unknown>,
    placeOf: (member: Field) => string,
    of: Whole,
  ): void {
    const { xml } = this.#values;
    let content = '';
    let due = 0;
    for (; xml.kind !== 'end'; xml.read()) {
      if (xml.kind === 'text') content += xml.text.text();
      if (xml.kind !== 'element') continue;
      const at = indexOfPart(elements, xml, due);
      const part = elements[at];
      if (part === undefined || (found.has(part) && !part.isFlat)) {
        this.#values.keep(
          of,
          xml.name,
          elements.some(({ name }) => name === xml.name),
        );
        xml.skip();
        continue;
      }
      due = at;
      try {
        this.#part(part, found);
      } catch (caught) {
        throw within(placeOf(part.field), caught);
      }
    }
    if (text !== undefined) {
      try {
        found.set(text, fromText(text.type, content));
      } catch (caught) {
        throw within(placeOf(text.field), caught);
      }
    } else if (/[^ \t\r\n]/.test(content)) this.#values.keep(of, TEXT, false);
  }

  #part(part: XmlPart, found: Map<XmlPart, unknown>): void {
    const { field, type, isFlat } = part;
    const isOptional = field.presence === 'optional' && !isNullable(type);
    if (!isFlat) {
      found.set(part, this.#value(type, part.namespace, isOptional));
      return;
    }
    const items = (found.get(part) ?? []) as unknown[];
    found.set(part, items);
    try {
      items.push(this.#value(type, part.namespace, false));
    } catch (caught) {
      throw within(`[${items.length}]`, caught);
    }
  }

  /** The values, in the order of the parts' fields, with those that are missing. */
  #all(
    parts: readonly XmlPart[],
    found: ReadonlyMap<XmlPart, unknown>,
    placeOf: (member: Field) => string,
  ): unknown[] {
    const values: unknown[] = [];
    for (const part of parts) {
      try {
        values[part.index] = found.has(part) ? found.get(part) : absent(part.field);
      } catch (caught) {
        throw within(placeOf(part.field), caught);
      }
    }
    return values;
  }

  /** Reads the element at which the reader stands, to its end. @param isOptional nil means that it is left out */
  #value(type: ValueType, namespace: string, isOptional: boolean): unknown {
    const { xml } = this.#values;
    if (xml.attributes.count === 0) return this.#content(type, namespace, undefined);
    if (isNil(xml)) {
      if (!isOptional && !isNullable(type)) throw mismatch(type, null);
      passNull(this.#values, type);
      return isOptional ? undefined : null;
    }
    return this.#content(type, namespace, marksOf(xml).type);
  }

  /** @param said what an `xsi:type` says */
  #content(type: ValueType, namespace: string, said: QName | undefined): unknown {
    if (type.kind === 'nillable' || type.kind === 'lazy') {
      return this.#content(type.of, namespace, said);
    }
    if (type.kind === 'known') {
      const actual = actualXmlType(type, said, this.#due);
      return this.#object(actual, { $type: actual.name });
    }
    if (type.kind === 'any') {
      const actual = anyXmlType(type, said, this.#due);
      if (actual.kind === 'object') return this.#object(actual, { $type: actual.name });
      return received(actual, this.#content(actual, namespace, said));
    }
    if (said !== undefined && !isXmlNamed(type, said, this.#due)) throw otherType(type, said);
    if (type.kind === 'object') return this.#object(type, {});
    if (type.kind === 'xml') {
      return readXml(this.#values.xml, (stray) => this.#values.keep(type, `@${stray}`, false));
    }
    this.#strays(type, []);
    if (type.kind === 'array') return this.#items(type, namespace);
    if (isPlain(type)) return readScalar(this.#values.xml, type.kind);
    return fromText(type, String(readScalar(this.#values.xml, 'string')));
  }

  #object(type: ObjectShape, object: Record<string, unknown>): Record<string, unknown> {
    const { xml } = this.#values;
    const shape = xmlShapeOf(type, this.#due);
    const found = new Map<XmlPart, unknown>();
    const placeOf = ({ name }: Field): string => `.${name}`;
    for (const part of shape.attributes) {
      const text = xml.attributes.find(part.namespace, part.name);
      if (text === undefined) continue;
      try {
        found.set(part, fromText(part.type, text));
      } catch (caught) {
        throw within(placeOf(part.field), caught);
      }
    }
    this.#strays(type, shape.attributes);
    xml.read();
    this.#elements(shape, found, placeOf, type);
    const { attributes, elements, text } = shape;
    const parts = [...attributes, ...elements, ...(text === undefined ? [] : [text])];
    return Object.assign(object, toObject(type.fields, this.#all(parts, found, placeOf)));
  }

  /** Keeps attributes that the type has no place for. */
  #strays(type: ValueType, known: readonly QName[]): void {
    const { attributes } = this.#values.xml;
    if (attributes.count === 0) return;
    for (const { name, namespace } of attributes.all()) {
      if (namespace === XSI || namespace === XML_NAMESPACE) continue;
      if (known.some((one) => one.name === name && one.namespace === namespace)) continue;
      this.#values.keep(
        type,
        `@${name}`,
        known.some((one) => one.name === name),
      );
    }
  }

  #items(type: ArrayShape, outside: string): unknown[] {
    const { xml } = this.#values;
    const name = xmlItemName(type, this.#due);
    const namespace = type.names.namespace ?? outside;
    const items: unknown[] = [];
    while (xml.read() !== 'end') {
      if (!isElement(xml, type)) continue;
      try {
        if (xml.name !== name || xml.namespace !== namespace) {
          throw new Mismatch(`must be an element ${name}, not ${printable(xml.name, 64)}`);
        }
        items.push(this.#value(type.of, namespace, false));
      } catch (caught) {
        throw within(`[${items.length}]`, caught);
      }
    }
    return items;
  }
}
