import { isReference, type QName } from '../../contract/types/type-names.ts';
import * as types from '../../contract/types/types.ts';
import { MICROSOFT_TYPES } from '../../contract/types/xml-shape.ts';
import { printable } from '../../printable.ts';
import { attribute, nameIn, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { builtIn } from './built-in.ts';
import { CannotSay } from './cannot-say.ts';
import {
  baseOf,
  type Component,
  extensionOf,
  isAnyXml,
  type ReadField,
  simpleExtensionOf,
  xsChild,
  xsChildren,
} from './definitions.ts';
import { readSimpleType } from './read-simple-type.ts';
import { SchemaReader } from './schema-reader.ts';

/** Arrays in arrays, and types that restrict others. */
const MAX_DEPTH = 64;
const MICROSOFT: ReadonlyMap<string, types.ValueType> = new Map<string, types.ValueType>([
  ['guid', types.guid],
  ['char', types.char],
  ['TimeSpan', types.duration],
  ['dateTimeOffset', types.dateTimeOffset],
]);
const CONTENT = new Set(
  'annotation attribute complexContent simpleContent sequence all'.split(' '),
);

/** Reads types as XmlSerializer describes them, and those who made schemas before there were data contracts. */
export class XmlTypeReader extends SchemaReader {
  override fields(elements: readonly XmlElement[], root: XmlElement, own?: string): ReadField[] {
    return elements.map((element) => this.#field(element, root, own ?? targetOf(root)));
  }

  override typeOf(element: XmlElement, name: string, root: XmlElement): types.ValueType {
    return this.#typeOf({ element, root, name: { name, namespace: targetOf(root) } }, 0);
  }

  protected override named(name: QName | undefined, user: string): types.ValueType {
    const own = name?.namespace === MICROSOFT_TYPES ? MICROSOFT.get(name.name) : undefined;
    return own ?? super.named(name, user);
  }

  protected override define({ element, root, name }: Component): types.ValueType {
    if (element.name === 'simpleType') {
      return readSimpleType(element, name, (base) => this.named(base, name.name));
    }
    if (isAnyXml(element)) return types.xml;
    return this.object({ element, root, name }, 0);
  }

  protected override object({ element, root, name }: Component, bases: number): types.ObjectType {
    if (attribute(element, 'mixed') === 'true') throw new CannotSay('it mixes text and elements');
    const text = simpleExtensionOf(element);
    const content = extensionOf(element) ?? text ?? element;
    for (const each of [element, content]) {
      const odd = each.children.find((child) => !CONTENT.has(child.name) && child !== content);
      if (odd !== undefined) throw new CannotSay(`it has xs:${printable(odd.name)}`);
    }
    const textType = text && nameIn(text, 'base');
    const isText = textType !== undefined && !this.#isClass(textType);
    const from = isText ? undefined : (baseOf(element) ?? textType);
    const base = from && this.base(from, bases);
    const group = xsChild(content, 'sequence') ?? xsChild(content, 'all');
    const attributes = xsChildren(content, 'attribute').map((each) => this.#attribute(each, root));
    const fields = [...attributes, ...this.fields(group?.children ?? [], root)];
    const members = Object.fromEntries(
      fields.map(({ name: of, type, presence, xml }) => [of, memberOf(type, presence, xml)]),
    );
    if (isText) {
      const member = Object.hasOwn(members, 'Value') ? 'Text' : 'Value';
      members[member] = types.text(this.named(textType, name.name));
    }
    if (Object.keys(members).length < fields.length + (isText ? 1 : 0)) {
      throw new CannotSay('it has two members of one name');
    }
    return types.object(name.name, members, {
      namespace: name.namespace,
      ...(base && { base }),
    });
  }

  #field(element: XmlElement, root: XmlElement, own: string): ReadField {
    if (element.name !== 'element') {
      throw new CannotSay(`it has xs:${printable(element.name)} among its elements`);
    }
    const { element: declared, root: within, name } = this.#declared('element', element, root);
    const isNull = attribute(declared, 'nillable') === 'true';
    const isMany = (attribute(element, 'maxOccurs') ?? '1') !== '1';
    const isOptional = attribute(element, 'minOccurs') === '0' && !isMany;
    const type = this.#typeOf({ element: declared, root: within, name }, 0);
    const isValue = !this.#isReference(declared);
    const isOpen = isOptional && !isNull && !isValue;
    const place = {
      ...(name.namespace !== own && { namespace: name.namespace }),
      ...(isMany && { isFlat: true }),
      ...(isNull && !isValue && !isMany && type.kind === 'nillable' && { nil: true }),
    };
    return {
      name: name.name,
      // Null is left out of what .NET has as a reference.
      type: isMany ? types.array(type) : isOpen && !this.any.is(type) ? types.nillable(type) : type,
      presence: isOptional && !isOpen ? 'optional' : 'default',
      ...(Object.keys(place).length > 0 && { xml: { node: 'element', ...place } }),
    };
  }

  #attribute(element: XmlElement, root: XmlElement): ReadField {
    const { element: declared, name } = this.#declared('attribute', element, root);
    const { namespace } = name;
    if (attribute(element, 'use') === 'prohibited') throw new CannotSay('it has no attribute');
    const inline = xsChild(declared, 'simpleType');
    return {
      name: name.name,
      type: inline ? this.#inline(inline, name.name) : this.named(typeIn(declared), name.name),
      presence: attribute(element, 'use') === 'required' ? 'default' : 'optional',
      xml: { node: 'attribute', ...(namespace !== '' && { namespace }) },
    };
  }

  /** What an element or attribute is, which may be declared elsewhere, with its whole name. */
  #declared(kind: 'element' | 'attribute', element: XmlElement, root: XmlElement): Component {
    const ref = nameIn(element, 'ref');
    if (ref !== undefined) {
      const found = this.definitions.find(kind, ref);
      if (found === undefined) throw new CannotSay(`${shownName(ref)} is not described`);
      return found;
    }
    const name = attribute(element, 'name');
    if (name === undefined) throw new CannotSay(`it has an ${kind} without a name`);
    const isGlobal = root.children.includes(element);
    const form = attribute(element, 'form') ?? attribute(root, `${kind}FormDefault`);
    const namespace = isGlobal || form === 'qualified' ? targetOf(root) : '';
    return { element, root, name: { name, namespace } };
  }

  /** @param component an element, with its whole name */
  #typeOf({ element, root, name }: Component, depth: number): types.ValueType {
    if (depth > MAX_DEPTH) throw new CannotSay(`${printable(name.name)} has too many arrays in it`);
    const type = this.#content({ element, root, name }, depth);
    const isNull = attribute(element, 'nillable') === 'true' && !this.any.is(type);
    return isNull ? types.nillable(type) : type;
  }

  #content({ element, root, name }: Component, depth: number): types.ValueType {
    const of = nameIn(element, 'type');
    if (of !== undefined) {
      const found = this.definitions.find('type', of);
      const isArray = found && of.name.startsWith('ArrayOf') && itemOf(found.element) !== undefined;
      return isArray ? this.#array(found, name, depth) : this.named(of, name.name);
    }
    const simpleType = xsChild(element, 'simpleType');
    if (simpleType !== undefined) return this.#inline(simpleType, name.name);
    const complexType = xsChild(element, 'complexType');
    if (complexType === undefined) return this.any.type;
    if (isAnyXml(complexType)) return types.xml;
    if (itemOf(complexType) === undefined) {
      throw new CannotSay(`${printable(name.name)} has a type without a name`);
    }
    return this.#array(
      { element: complexType, root, name: { name: '', namespace: '' } },
      name,
      depth,
    );
  }

  /** @param around the element that has the items in it */
  #array(component: Component, around: QName, depth: number): types.ValueType {
    const item = itemOf(component.element) as XmlElement;
    const declared = this.#declared('element', item, component.root);
    const { name, namespace } = declared.name;
    const named = component.name.name;
    const due = nameIn(declared.element, 'type')?.name ?? 'anyType';
    return types.array(this.#typeOf(declared, depth + 1), {
      ...(name !== due && { item: name, ...(named !== '' && { name: named }) }),
      ...(namespace !== around.namespace && { namespace }),
    });
  }

  /** A type of an element or attribute that has no name: a list, or another with rules that nobody checks here. */
  #inline(simpleType: XmlElement, user: string): types.ValueType {
    const list = xsChild(simpleType, 'list');
    const item = list && nameIn(list, 'itemType');
    if (item !== undefined) return types.array(this.named(item, user));
    const restriction = xsChild(simpleType, 'restriction');
    if (restriction === undefined) throw new CannotSay(`${printable(user)} is a list or a union`);
    return this.named(nameIn(restriction, 'base'), user);
  }

  #isClass(name: QName): boolean {
    return this.definitions.find('type', name)?.element.name === 'complexType';
  }

  /** Whether .NET has a null for it without `Nullable<…>`. */
  #isReference(element: XmlElement): boolean {
    const inline = xsChild(element, 'simpleType');
    const of = inline ? nameIn(xsChild(inline, 'restriction') ?? inline, 'base') : typeIn(element);
    return of === undefined || this.#hasNull(of, 0);
  }

  #hasNull(name: QName, depth: number): boolean {
    if (name.namespace === MICROSOFT_TYPES) return false;
    const found = builtIn(name);
    if (found !== undefined) return isReference(found);
    const type = this.definitions.find('type', name)?.element;
    if (type === undefined || type.name === 'complexType') return true;
    const restriction = xsChild(type, 'restriction');
    const base = restriction && nameIn(restriction, 'base');
    const isPlain = base !== undefined && xsChild(restriction, 'enumeration') === undefined;
    return isPlain && depth < MAX_DEPTH && this.#hasNull(base, depth + 1);
  }
}

/** A member as {@link types.object} takes it. */
export function memberOf(
  type: types.ValueType,
  presence: types.Presence,
  xml: types.XmlPlace | undefined,
): types.ValueType | types.Member {
  if (xml === undefined && presence === 'default') return type;
  return { of: type, presence, ...(xml && { xml }) };
}

/** The element of which an array has any number, if a complex type is no more than that. */
function itemOf(complexType: XmlElement): XmlElement | undefined {
  const [sequence, ...others] = complexType.children.filter(({ name }) => name !== 'annotation');
  if (sequence?.name !== 'sequence' || others.length > 0) return undefined;
  const [item, ...more] = sequence.children;
  const isOne = more.length === 0 && item?.name === 'element';
  return isOne && attribute(item, 'maxOccurs') === 'unbounded' ? item : undefined;
}

function typeIn(element: XmlElement): QName | undefined {
  return nameIn(element, 'type');
}

function targetOf(root: XmlElement): string {
  return attribute(root, 'targetNamespace') ?? '';
}
