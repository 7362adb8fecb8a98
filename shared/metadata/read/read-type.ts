import type { QName } from '../../contract/types/type-names.ts';
import * as types from '../../contract/types/types.ts';
import { printable } from '../../printable.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, nameIn, type XmlElement } from '../xml/element.ts';
import { CannotSay } from './cannot-say.ts';
import { checkAttributes, checkContent, checkQualified } from './checks.ts';
import {
  baseOf,
  type Component,
  extensionOf,
  isAnyXml,
  markOf,
  type ReadField,
  xsChild,
  xsChildren,
} from './definitions.ts';
import { readSimpleType } from './read-simple-type.ts';
import { SchemaReader } from './schema-reader.ts';

/** Reads types as DataContractSerializer describes them. */
export class TypeReader extends SchemaReader {
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
    if (of === undefined && inline === undefined) return this.any.type;
    const base = inline && xsChild(inline, 'restriction');
    const type = this.named(of ?? (base && nameIn(base, 'base')), name);
    const isNull = attribute(element, 'nillable') === 'true' && !this.any.is(type);
    return isNull ? types.nillable(type) : type;
  }

  protected define(component: Component): types.ValueType {
    const { element, root, name } = component;
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
      : this.object(component, 0);
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

  protected object({ element, root, name }: Component, bases: number): types.ObjectType {
    if (attribute(element, 'mixed') === 'true') throw new CannotSay('it mixes text and elements');
    const content = extensionOf(element) ?? element;
    checkAttributes(content);
    checkContent(content);
    const from = baseOf(element);
    const base = from && this.base(from, bases);
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
}
