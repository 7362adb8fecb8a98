import type { QName } from '../../contract/types/type-names.ts';
import {
  type ArrayShape,
  type Field,
  type ObjectShape,
  stream,
  type ValueType,
} from '../../contract/types/types.ts';
import {
  MICROSOFT_TYPES,
  xmlItemName,
  type XmlPart,
  xmlPartOf,
  xmlShapeOf,
  xmlTypeName,
} from '../../contract/types/xml-shape.ts';
import { xs } from '../xml/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';
import { CannotDescribe, type Draft } from './draft.ts';
import { MICROSOFT_SCHEMA } from './microsoft-types.ts';
import { ANY_XML, enumeration, flags, isXml } from './simple-types.ts';
import { STREAM_BODY, streamBody, streamElement } from './stream-body.ts';

/** An element: what of a member decides how it is written. */
type Element = QName & { readonly type: ValueType; readonly nil: boolean };
type Occurs = Readonly<Record<'minOccurs' | 'maxOccurs', string>>;
/** The type of an element or attribute: a name, or a definition of its own. */
interface Content {
  readonly type?: QName;
  readonly own?: XmlElement;
}

const MANY: Occurs = { minOccurs: '0', maxOccurs: 'unbounded' };
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/** Writes the types of one operation into schemas, as XmlSerializer describes them and has its values. */
export class XmlTypeWriter {
  readonly #draft: Draft;
  /** Namespace of classes that have none: the contract's. */
  readonly #due: string;
  /** Arrays that are being defined. */
  readonly #open = new Set<ArrayShape>();

  constructor(draft: Draft, due: string) {
    this.#draft = draft;
    this.#due = due;
  }

  /**
   * The element of a parameter, a result or a part of a message.
   *
   * @param inside namespace of the schema that it stands in
   * @throws {CannotDescribe}
   */
  member(field: Field, inside: string): XmlElement {
    if (field.type === stream) return this.#stream(field, inside);
    return this.#member(xmlPartOf(field, this.#due), inside);
  }

  /** The global element of a part that has no other around it. @throws {CannotDescribe} also for one that repeats */
  root(field: Field): QName {
    if (field.type === stream) return this.#streamRoot(field);
    const part = xmlPartOf(field, this.#due);
    if (part.isFlat) throw new CannotDescribe(`${part.name} may come several times in a body`);
    return this.#global(part);
  }

  /** The global element of a header. Null is left out; that it may be is said all the same. @throws {CannotDescribe} */
  header(name: QName, type: ValueType): QName {
    return this.#global({ ...name, type, nil: true });
  }

  /** As WCF has it, which writes no stream with a serializer. */
  #stream(field: Field, inside: string): XmlElement {
    if (field.namespace !== inside) return xs('element', { ref: this.#streamRoot(field) });
    this.#draft.define('type', STREAM_BODY, STREAM_BODY, streamBody);
    return streamElement(field.name);
  }

  #streamRoot({ name, namespace }: Field): QName {
    this.#draft.define('type', STREAM_BODY, STREAM_BODY, streamBody);
    this.#draft.define('element', { name, namespace }, stream, () => streamElement(name));
    return { name, namespace };
  }

  #global(part: Element): QName {
    const { name, namespace } = part;
    if (namespace === '') throw new CannotDescribe(`${name} has no namespace`);
    this.#draft.define('element', part, part.type, () => this.#element(part, namespace));
    return { name, namespace };
  }

  #member(part: XmlPart, inside: string): XmlElement {
    const { field, type, isFlat, nil } = part;
    if (isFlat) return this.#element(part, inside, MANY);
    const isLeftOut = field.presence === 'optional' || (hasNull(type) && !nil);
    // .NET says both here, and tools can tell its serializers by it.
    return this.#element(part, inside, { minOccurs: isLeftOut ? '0' : '1', maxOccurs: '1' });
  }

  #element(part: Element, inside: string, occurs: Partial<Occurs> = {}): XmlElement {
    const { name, namespace, type } = part;
    if (namespace !== inside && namespace !== '') {
      return xs('element', { ...occurs, ref: this.#global(part) });
    }
    const form = namespace === inside ? undefined : 'unqualified';
    const nillable = part.nil && hasNull(type) ? 'true' : undefined;
    const { type: of, own } = this.#content(type, namespace, inside);
    return xs('element', { ...occurs, name, form, nillable, type: of }, [own]);
  }

  /** @param namespace of the element that holds it */
  #content(type: ValueType, namespace: string, inside: string): Content {
    if (isXml(type)) return { own: ANY_XML };
    switch (type.kind) {
      case 'nillable':
      case 'lazy':
        return this.#content(type.of, namespace, inside);
      case 'array':
        return this.#array(type, type.names.namespace ?? namespace, inside);
      case 'known':
      case 'any':
        for (const one of type.types)
          this.#content(one, xmlTypeName(one, this.#due).namespace, inside);
        if (type.kind === 'any') this.#draft.schema(MICROSOFT_TYPES, MICROSOFT_SCHEMA);
        return type.kind === 'any'
          ? { type: this.#name(type) }
          : this.#content(type.of, '', inside);
      case 'object':
        this.#object(type);
        return { type: this.#name(type) };
      default:
        return { type: this.#simple(type) };
    }
  }

  /** The name of a simple type, which is defined now. */
  #simple(type: ValueType): QName {
    if (type.kind === 'nillable' || type.kind === 'lazy') return this.#simple(type.of);
    const name = this.#name(type);
    if (type.kind === 'enumeration') {
      this.#draft.define('type', name, type, () => enumeration(type, name.name));
    } else if (type.kind === 'flags') {
      this.#draft.define('type', name, type, () => flags(type, name.name));
    } else if (name.namespace === MICROSOFT_TYPES) {
      this.#draft.schema(MICROSOFT_TYPES, MICROSOFT_SCHEMA);
    }
    return name;
  }

  #name(type: ValueType): QName {
    const name = xmlTypeName(type, this.#due);
    if (name.namespace !== '') return name;
    throw new CannotDescribe(`the type ${name.name} has no namespace`);
  }

  /** An array with an element around its items. @param namespace of the items @param inside of the schema it is for */
  #array(type: ArrayShape, namespace: string, inside: string): Content {
    if (this.#open.has(type)) throw new CannotDescribe('an array has itself as an item');
    this.#open.add(type);
    const item = { name: xmlItemName(type, this.#due), namespace, type: type.of, nil: true };
    const define = (within: string): XmlElement[] => [
      xs('sequence', {}, [this.#element(item, within, MANY)]),
    ];
    // Items without a namespace are said where they are; a schema of types has one.
    const content: Content =
      namespace === ''
        ? { own: xs('complexType', {}, define(inside)) }
        : {
            type: this.#draft.numbered({ ...xmlTypeName(type, this.#due), namespace }, (name) =>
              xs('complexType', { name }, define(namespace)),
            ),
          };
    this.#open.delete(type);
    return content;
  }

  #object(shape: ObjectShape): void {
    const name = this.#name(shape);
    this.#draft.define('type', name, shape, () => this.#class(shape, name));
  }

  #class(shape: ObjectShape, { name, namespace }: QName): XmlElement {
    const { base, isAbstract } = shape;
    const { attributes, elements, text } = xmlShapeOf(shape, this.#due);
    const inherited = base?.fields.length ?? 0;
    const own = (parts: readonly XmlPart[]): XmlPart[] =>
      parts.filter(({ index }) => index >= inherited);
    if (base !== undefined) this.#object(base);
    const written = own(elements).map((part) => this.#member(part, namespace));
    const content = [
      written.length > 0 ? xs('sequence', {}, written) : undefined,
      ...own(attributes).map((part) => this.#attribute(part, namespace)),
    ];
    const root = { name, abstract: isAbstract ? 'true' : undefined };
    const extended = base && xmlTypeName(base, this.#due);
    if (text !== undefined) {
      const of = text.index < inherited ? extended : this.#textType(text, base);
      const extension = xs('extension', { base: of }, content);
      return xs('complexType', root, [xs('simpleContent', {}, [extension])]);
    }
    if (extended === undefined) return xs('complexType', root, content);
    const extension = xs('extension', { base: extended }, content);
    return xs('complexType', root, [xs('complexContent', { mixed: 'false' }, [extension])]);
  }

  #textType({ name, type }: XmlPart, base: ObjectShape | undefined): QName {
    if (base !== undefined) {
      throw new CannotDescribe(`${name} is text of a class whose base ${base.name} has none`);
    }
    if (listIn(type) === undefined) return this.#simple(type);
    throw new CannotDescribe(`${name} is text that is a list`);
  }

  #attribute({ name, namespace, type, field }: XmlPart, inside: string): XmlElement {
    const use = field.presence === 'optional' || hasNull(type) ? undefined : 'required';
    const list = listIn(type);
    const define = (more: Readonly<Record<string, string | undefined>>): XmlElement => {
      if (list === undefined) return xs('attribute', { ...more, name, type: this.#simple(type) });
      const itemType = this.#simple(list.of);
      const own = xs('simpleType', {}, [xs('list', { itemType })]);
      return xs('attribute', { ...more, name }, [own]);
    };
    if (namespace === '') return define({ use });
    if (namespace === inside) return define({ use, form: 'qualified' });
    // XML itself has this one.
    if (namespace === XML_NAMESPACE) throw new CannotDescribe(`${name} is an attribute of XML's`);
    this.#draft.define('attribute', { name, namespace }, type, () => define({}));
    return xs('attribute', { use, ref: { name, namespace } });
  }
}

/** The array that an attribute or text is. */
function listIn(type: ValueType): ArrayShape | undefined {
  if (type.kind === 'nillable' || type.kind === 'lazy') return listIn(type.of);
  return type.kind === 'array' ? type : undefined;
}

function hasNull(type: ValueType): boolean {
  return type.kind === 'lazy' ? hasNull(type.of) : type.kind === 'nillable' || type.kind === 'any';
}
