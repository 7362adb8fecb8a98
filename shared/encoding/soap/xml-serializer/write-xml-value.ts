import { typeOfAny } from '../../../contract/types/any.ts';
import type { HeaderType } from '../../../contract/header.ts';
import { isLeftOut } from '../../../contract/types/defaults.ts';
import { changed, Mismatch, mismatch, within } from '../../../contract/types/mismatch.ts';
import { XML_SCHEMA, XSI, type QName } from '../../../contract/types/type-names.ts';
import type { ArrayShape, Field, ObjectShape, ValueType } from '../../../contract/types/types.ts';
import {
  check,
  checkArray,
  checkObject,
  checkType,
  checkXml,
} from '../../../contract/types/values.ts';
import {
  xmlItemName,
  type XmlPart,
  xmlPartOf,
  xmlShapeOf,
  xmlTypeName,
} from '../../../contract/types/xml-shape.ts';
import { INLINE_NAMES } from '../../binary-xml/session-strings.ts';
import { OPEN } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';
import type { BodyWriter } from '../envelope-writer.ts';
import { ID } from '../vocabulary.ts';
import { ElementWriter } from '../values/element-writer.ts';
import { writeScalar, writeText } from '../values/write-scalar.ts';
import { writeXml } from '../values/write-xml.ts';
import { textOf } from './scalar-text.ts';

type Members = Readonly<Record<string, unknown>>;

/** Declares on a Body what .NET declares there before XmlSerializer begins. */
export function declareSchemas(writer: BinaryXmlWriter): void {
  writer.xmlns('xsi', XSI);
  writer.xmlns('xsd', XML_SCHEMA);
}

/** Writes parameters and results as XmlSerializer does: names and values are text, whatever the session's tables have. */
export class XmlValueWriter extends ElementWriter implements BodyWriter {
  /** Namespace of classes that have none: the contract's. */
  #due = '';
  /** Prefixes that types have needed, in the same body. */
  #types = 0;

  constructor(writer: BinaryXmlWriter, limits: { readonly maxDepth: number }) {
    super(writer, INLINE_NAMES, limits);
  }

  /** @param due namespace of the contract */
  in(due: string): this {
    this.#due = due;
    this.#types = 0;
    return this;
  }

  /** The element around parameters or results. */
  wrapper(name: string, namespace: string): void {
    this.writer.element('', name);
    this.writer.xmlns('', namespace);
  }

  /**
   * Writes one parameter, result or part of a message.
   *
   * @param outside the default namespace in force
   * @throws {Mismatch} that says where in the value something is not of its type
   */
  part(field: Field, value: unknown, outside: string | undefined): void {
    this.prefixes.reset(outside ?? '');
    this.prefixes.inherit('xsi', XSI);
    this.prefixes.inherit('xsd', XML_SCHEMA);
    this.objects = undefined;
    this.#member(xmlPartOf(field, this.#due), value);
    this.objects = undefined;
  }

  /**
   * Writes a header of a message, which is a scalar; null is left out.
   *
   * @throws {Mismatch} also for null in an array of headers, from which it would be lost
   */
  header({ name, namespace, type, each, mustUnderstand }: HeaderType, value: unknown): void {
    if ((value === null || value === undefined) && hasNull(type)) {
      if (each === undefined) return;
      throw new Mismatch('must not be null: XmlSerializer leaves such a header out');
    }
    const text = textOf(type, value);
    this.writer.element('h', name);
    if (mustUnderstand) {
      this.writer.attribute('s', ID.mustUnderstand);
      this.writer.text('1', OPEN);
    }
    this.writer.xmlns('h', namespace);
    this.writer.xmlns('', namespace);
    writeText(this.writer, text);
  }

  #member(part: XmlPart, value: unknown): void {
    if (!part.isFlat) return this.#element(part, part.type, value, part.nil);
    this.#each(part, part.type, checkArray(part.field.type, value));
  }

  #each(name: QName, type: ValueType, items: readonly unknown[]): void {
    const count = items.length;
    for (const [index, item] of items.entries()) {
      try {
        this.#element(name, type, item, true);
      } catch (caught) {
        throw within(`[${index}]`, caught);
      }
      if (items.length !== count) throw changed(count, items.length);
    }
  }

  /** @param nil null is an element, otherwise it is left out */
  #element({ name, namespace }: QName, type: ValueType, value: unknown, nil: boolean): void {
    const isNull = (value === null || value === undefined) && hasNull(type);
    if (isNull && !nil) return;
    const outside = this.prefixes.count;
    // As in .NET, a namespace without a prefix becomes the default one, even for none.
    const prefix = namespace === '' ? this.#none() : this.prefixes.find(namespace);
    this.element(prefix ?? '', name);
    if (prefix === undefined) this.prefixes.add('', namespace);
    if (isNull) this.#nil();
    else this.#content(type, value, namespace);
    this.prefixes.leave(outside);
  }

  /** The prefix of elements without a namespace, if it is one here. */
  #none(): string | undefined {
    return this.prefixes.namespaceOf('') === '' ? '' : undefined;
  }

  #nil(): void {
    this.writer.attribute('xsi', 'nil');
    this.writer.text('true', OPEN);
    this.prefixes.flush();
    this.writer.endElement();
  }

  /** Writes an element from after its name to its end. @param namespace its own */
  #content(type: ValueType, value: unknown, namespace: string): void {
    switch (type.kind) {
      case 'nillable':
        return this.#content(type.of, value, namespace);
      case 'lazy':
        return this.writtenObjects().nested(() => this.#content(type.of, value, namespace));
      case 'array':
        return this.#items(type, value, namespace);
      case 'object':
        return this.#object(type, checkObject(type, value), type);
      case 'known': {
        const members = checkObject(type, value);
        return this.#object(checkType(type, members['$type']), members, type.of);
      }
      case 'any': {
        const [actual, its] = typeOfAny(type, value);
        this.#typeMark(actual);
        return this.#content(actual, its, namespace);
      }
      case 'xml':
        this.prefixes.flush();
        return writeXml(this.writer, this.prefixes.namespaceOf(''), checkXml(value), this.limits);
      case 'base64Binary':
        this.prefixes.flush();
        return writeScalar(this.writer, type.kind, check(type.kind, value));
      case 'dictionary':
      case 'version':
      case 'void':
        throw mismatch(type, value);
      default:
        this.prefixes.flush();
        writeText(this.writer, textOf(type, value));
    }
  }

  #items(type: ArrayShape, value: unknown, namespace: string): void {
    this.prefixes.flush();
    const name = {
      name: xmlItemName(type, this.#due),
      namespace: type.names.namespace ?? namespace,
    };
    this.#each(name, type.of, checkArray(type, value));
    this.writer.endElement();
  }

  /** @param due the class that the contract names, if the object's own derives from it */
  #object(type: ObjectShape, members: Members, due: ObjectShape): void {
    if (type !== due) this.#typeMark(type);
    const { attributes, elements, text } = xmlShapeOf(type, this.#due);
    for (const part of attributes)
      this.#placed(part, members, (value) => this.#attribute(part, value));
    this.prefixes.flush();
    for (const part of elements) this.#placed(part, members, (value) => this.#member(part, value));
    let content = '';
    if (text !== undefined) {
      this.#placed(text, members, (value) => {
        if (value !== null || !hasNull(text.type)) content = textOf(text.type, value);
      });
    }
    writeText(this.writer, content);
  }

  #placed({ field }: XmlPart, members: Members, write: (value: unknown) => void): void {
    if (isLeftOut(field, members)) return;
    try {
      write(members[field.name]);
    } catch (caught) {
      throw within(`.${field.name}`, caught);
    }
  }

  #attribute({ name, namespace, type }: XmlPart, value: unknown): void {
    if ((value === null || value === undefined) && hasNull(type)) return;
    const of = type.kind === 'nillable' ? type.of : type;
    // Bytes are one record here, unless there are none.
    const octets = of.kind === 'base64Binary' ? check(of.kind, value) : new Uint8Array(0);
    const text = octets.length > 0 ? '' : textOf(type, value);
    const prefix = namespace === '' ? '' : this.prefixes.declareNamed(namespace);
    this.writer.attribute(prefix, name);
    if (octets.length > 0) this.writer.octets(octets, OPEN);
    else this.writer.text(text, OPEN);
  }

  #typeMark(type: ValueType): void {
    const { name, namespace } = xmlTypeName(type, this.#due);
    const prefix =
      this.prefixes.find(namespace) ?? this.prefixes.declareNamed(namespace, `q${++this.#types}`);
    this.writer.attribute('xsi', 'type');
    this.writer.text(prefix === '' ? name : `${prefix}:${name}`, OPEN);
  }
}

function hasNull(type: ValueType): boolean {
  return type.kind === 'lazy' ? hasNull(type.of) : type.kind === 'nillable' || type.kind === 'any';
}
