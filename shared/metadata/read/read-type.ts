import type { QName } from '../../contract/types/type-names.ts';
import * as types from '../../contract/types/types.ts';
import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, attributeKey, nameIn, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { AnyClass } from './any-class.ts';
import { builtIn } from './built-in.ts';
import { CannotSay } from './cannot-say.ts';
import { checkAttributes, checkContent, checkQualified } from './checks.ts';
import {
  baseOf,
  type Component,
  type Definitions,
  extensionOf,
  isAnyXml,
  markOf,
  type ReadField,
  xsChild,
  xsChildren,
} from './definitions.ts';
import { Needs } from './needs.ts';
import { readSimpleType } from './read-simple-type.ts';

/** Classes deep that inheritance goes. */
const MAX_BASES = 64;

/**
 * Reads the types of schemas. Types refer to each other by `lazy`, so that it does not matter in which order they
 * are read, nor whether they contain themselves.
 */
export class TypeReader {
  readonly #definitions: Definitions;
  /** By name: what it is, or why it cannot be said. */
  readonly #read = new Map<string, types.ValueType | CannotSay>();
  readonly #known = new Map<string, types.ValueType>();
  readonly #needs = new Needs();
  readonly #any: AnyClass;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
    this.#any = new AnyClass(definitions);
  }

  /**
   * Runs `read`, which may ask for fields, and then reads all the types that these need.
   *
   * @throws {CannotSay} if one of them cannot be said
   */
  complete<T>(read: () => T): T {
    const [result, needed] = this.#needs.noted(read);
    const unsaid = this.#readAll(needed);
    if (unsaid !== undefined) throw unsaid;
    for (const name of this.#any.take()) this.#any.add(this.#class(name));
    return result;
  }

  /** A type that only members of any class can be of; `undefined` for one that cannot be said. */
  #class(name: QName): types.ValueType | undefined {
    const [, needed] = this.#needs.noted(() => this.#needs.want(name));
    return this.#readAll(needed) === undefined ? this.#result(attributeKey(name)) : undefined;
  }

  /** @returns why one of these types, or of those that they need, cannot be said */
  #readAll(needed: Iterable<string>): CannotSay | undefined {
    for (let name = this.#needs.next(); name !== undefined; name = this.#needs.next()) {
      this.#readNow(name);
    }
    const read = [...this.#needs.all(needed)].map((key) => this.#read.get(key));
    return read.find((type) => type instanceof CannotSay);
  }

  /** The fields that elements of an `xs:sequence` are. @throws {CannotSay} */
  fields(elements: readonly XmlElement[], root: XmlElement): ReadField[] {
    return elements.map((element) => {
      if (element.name !== 'element' || element.namespace !== NAMESPACES.xs) {
        throw new CannotSay(`it has xs:${printable(element.name)} among its elements`);
      }
      return this.field(element, root);
    });
  }

  /** @throws {CannotSay} */
  field(element: XmlElement, root: XmlElement): ReadField {
    const name = attribute(element, 'name');
    const maxOccurs = attribute(element, 'maxOccurs') ?? '1';
    if (name === undefined) throw new CannotSay('it has an element that is named elsewhere');
    if (maxOccurs !== '1') throw new CannotSay(`${printable(name)} may come several times`);
    checkQualified(element, root);
    const isOptional = attribute(markOf(element, 'DefaultValue') ?? element, 'EmitDefaultValue');
    const type = this.typeOf(element, name);
    if (attribute(element, 'minOccurs') !== '0') return { name, type, presence: 'required' };
    if (isOptional !== 'false') return { name, type, presence: 'default' };
    // .NET leaves null out, too.
    const of = type.kind === 'nillable' ? type.of : type;
    return { name, type: of, presence: 'optional' };
  }

  /** The type of an `xs:element`. @param name for errors @throws {CannotSay} */
  typeOf(element: XmlElement, name: string): types.ValueType {
    const of = nameIn(element, 'type');
    const inline = xsChild(element, 'simpleType');
    const complexType = xsChild(element, 'complexType');
    if (of === undefined && isAnyXml(complexType)) {
      return attribute(element, 'nillable') === 'true' ? types.nillable(types.xml) : types.xml;
    }
    if (of === undefined && complexType !== undefined) {
      throw new CannotSay(`${printable(name)} has a type without a name`);
    }
    // XML Schema has any content where no type is said.
    if (of === undefined && inline === undefined) return this.#any.type;
    const base = inline && xsChild(inline, 'restriction');
    const type = this.named(of ?? (base && nameIn(base, 'base')), name);
    const isNull = attribute(element, 'nillable') === 'true' && !this.#any.is(type);
    return isNull ? types.nillable(type) : type;
  }

  /** The type of a name. @param user for errors: what needs it @throws {CannotSay} */
  named(name: QName | undefined, user: string): types.ValueType {
    if (name === undefined) throw new CannotSay(`${printable(user)} has no type`);
    const found = builtIn(name);
    if (found !== undefined) return found.kind === 'any' ? this.#any.type : found;
    const key = attributeKey(name);
    const derived = this.#definitions.derivedFrom(name);
    for (const each of [name, ...derived]) this.#needs.want(each);
    if (new Set([name, ...derived].map((each) => each.name)).size <= derived.length) {
      throw new CannotSay(`${shownName(name)} has two classes of one name`);
    }
    if (derived.length === 0) return types.lazy(() => this.#result(key));
    return types.lazy(() => this.#knownTypes(name, derived));
  }

  #readNow(name: QName): void {
    const key = attributeKey(name);
    if (this.#read.has(key)) return;
    this.#read.set(
      key,
      this.#needs.noting(key, () => this.#try(name)),
    );
  }

  #try(name: QName): types.ValueType | CannotSay {
    try {
      return this.#type(name);
    } catch (error) {
      if (error instanceof CannotSay) {
        return new CannotSay(`${printable(name.name)}: ${error.message}`);
      }
      if (error instanceof NetTcpError) return new CannotSay(printable(error.message));
      throw error;
    }
  }

  #type(name: QName): types.ValueType {
    const component = this.#definitions.find('type', name);
    if (component === undefined) throw new CannotSay(`${shownName(name)} is not described`);
    const { element, root } = component;
    if (element.name === 'simpleType') {
      return readSimpleType(element, name, (base) => this.named(base, name.name));
    }
    if (isAnyXml(element)) return types.xml;
    const sequence = xsChild(element, 'sequence');
    const [item, ...others] = sequence?.children ?? [];
    const isCollection =
      item !== undefined && others.length === 0 && (attribute(item, 'maxOccurs') ?? '1') !== '1';
    return isCollection && item.name === 'element'
      ? this.#collection(element, item, name, root)
      : this.#object(component, 0);
  }

  #collection(
    complexType: XmlElement,
    item: XmlElement,
    { name, namespace }: QName,
    root: XmlElement,
  ): types.ValueType {
    checkAttributes(complexType);
    checkQualified(item, root);
    const itemNamed = attribute(item, 'name');
    if (itemNamed === undefined) throw new CannotSay('its items are named elsewhere');
    if (attribute(item, 'minOccurs') !== '0') throw new CannotSay('it has at least one item');
    const names = { name, namespace, item: itemNamed };
    if (markOf(complexType, 'IsDictionary') === undefined) {
      return types.array(this.typeOf(item, itemNamed), names);
    }
    const entry = xsChild(xsChild(item, 'complexType'), 'sequence');
    const [key, value, ...rest] = this.fields(entry?.children ?? [], root);
    if (key === undefined || value === undefined || rest.length > 0) {
      throw new CannotSay('its entries are more than a key and a value');
    }
    return types.dictionary(key.type, value.type, { ...names, key: key.name, value: value.name });
  }

  #object({ element, root, name }: Component, bases: number): types.ObjectType {
    if (bases > MAX_BASES) throw new CannotSay('it derives from itself, or from too many');
    if (attribute(element, 'mixed') === 'true') throw new CannotSay('it mixes text and elements');
    checkAttributes(element);
    const content = extensionOf(element) ?? element;
    checkContent(content);
    const from = baseOf(element);
    const base = from && this.#base(from, bases);
    const members = this.fields(xsChild(content, 'sequence')?.children ?? [], root).map(
      ({ name: member, type, presence }) =>
        [member, presence === 'default' ? type : { of: type, presence }] as const,
    );
    const reference = xsChildren(content, 'attribute').length > 0;
    const { name: of, namespace } = name;
    return types.object(of, Object.fromEntries(members), {
      namespace,
      ...(reference && { reference }),
      ...(base && { base }),
    });
  }

  /** A class that another derives from; it has to be read before. */
  #base(name: QName, bases: number): types.ObjectType {
    const key = attributeKey(name);
    const known = this.#read.get(key);
    if (known instanceof CannotSay) throw known;
    if (known?.kind === 'object') return known;
    const component = this.#definitions.find('type', name);
    if (component === undefined) throw new CannotSay(`${shownName(name)} is not described`);
    this.#needs.want(name);
    const base = this.#needs.noting(key, () => this.#object(component, bases + 1));
    this.#read.set(key, base);
    return base;
  }

  #result(key: string): types.ValueType {
    const read = this.#read.get(key);
    if (read === undefined || read instanceof CannotSay)
      throw read ?? new CannotSay('it is not read');
    return read;
  }

  #knownTypes(name: QName, derived: readonly QName[]): types.ValueType {
    const key = attributeKey(name);
    const made = this.#known.get(key);
    if (made !== undefined) return made;
    const [base, ...others] = [name, ...derived].map((each) => this.#result(attributeKey(each)));
    const known = types.known(base as types.ObjectType, others as types.ObjectType[]);
    this.#known.set(key, known);
    return known;
  }
}
