import { isReference, type QName, SERIALIZATION, typeName, XML_SCHEMA } from './type-names.ts';
import { CLR_NAMESPACE } from './compound-types.ts';
import type { ArrayShape, Field, ObjectShape, ValueType } from './types.ts';

/** XmlSerializer's names for types and members, where they are not those of DataContractSerializer. */

/** Namespace of .NET's own scalars. */
export const MICROSOFT_TYPES = 'http://microsoft.com/wsdl/types/';

/** Where the scalars that XML Schema lacks have another name, too. */
const MICROSOFT_NAMES: ReadonlyMap<string, string> = new Map([
  ['guid', 'guid'],
  ['char', 'char'],
  ['duration', 'TimeSpan'],
  ['dateTimeOffset', 'dateTimeOffset'],
]);

/** A member as XmlSerializer writes it. */
export interface XmlPart extends QName {
  readonly field: Field;
  /** Place among the fields of its class. */
  readonly index: number;
  /** Of one element or attribute: that of an item, if the items of an array have no element around them. */
  readonly type: ValueType;
  readonly isFlat: boolean;
  /** Null is an element that says so. */
  readonly nil: boolean;
}

/** A class as XmlSerializer writes it. */
export interface XmlShape {
  readonly attributes: readonly XmlPart[];
  readonly elements: readonly XmlPart[];
  readonly text: XmlPart | undefined;
}

const SHAPES = new WeakMap<ObjectShape, Map<string, XmlShape>>();

/** @param due namespace of classes that have none: the contract's */
export function xmlShapeOf(type: ObjectShape, due: string): XmlShape {
  const ofType = SHAPES.get(type) ?? new Map<string, XmlShape>();
  SHAPES.set(type, ofType);
  const known = ofType.get(due);
  if (known !== undefined) return known;
  const parts = type.fields.map((field, index) => xmlPartOf(field, due, index));
  const of = (node: string): XmlPart[] =>
    parts.filter(({ field }) => (field.xml?.node ?? 'element') === node);
  const shape = { attributes: of('attribute'), elements: of('element'), text: of('text')[0] };
  ofType.set(due, shape);
  return shape;
}

/** A member, a parameter or a result as an element, or what else it is. */
export function xmlPartOf(field: Field, due: string, index = 0): XmlPart {
  const { name = field.name, namespace, node, isFlat = false, nil = false } = field.xml ?? {};
  const own = node === 'attribute' ? '' : xmlNamespace(field.namespace, due);
  const type = isFlat && field.type.kind === 'array' ? field.type.of : field.type;
  const isValue = type.kind === 'nillable' && !isReference(type.of);
  return {
    field,
    index,
    name,
    namespace: namespace ?? own,
    type,
    isFlat,
    nil: nil || isValue || isFlat,
  };
}

/** The namespace of a class that says its own, or that of the contract. */
export function xmlNamespace(namespace: string, due: string): string {
  return namespace === CLR_NAMESPACE ? due : namespace;
}

/** The name of a type in XML Schema, as `xsi:type` has it. @param due as of {@link xmlShapeOf} */
export function xmlTypeName(type: ValueType, due: string): QName {
  switch (type.kind) {
    case 'nillable':
    case 'lazy':
    case 'known':
      return xmlTypeName(type.of, due);
    case 'array': {
      const { name } = xmlTypeName(type.of, due);
      return {
        name: type.names.name ?? `ArrayOf${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        namespace: due,
      };
    }
    case 'xml':
      return { name: 'anyType', namespace: XML_SCHEMA };
    default: {
      const { name, namespace } = typeName(type);
      const own = MICROSOFT_NAMES.get(type.kind);
      if (own !== undefined) return { name: own, namespace: MICROSOFT_TYPES };
      return { name, namespace: xmlNamespace(namespace, due) };
    }
  }
}

/** The element of an item. */
export function xmlItemName({ of, names }: ArrayShape, due: string): string {
  return names.item ?? xmlTypeName(of, due).name;
}

/** Whether an `xsi:type` names the type itself. */
export function isXmlNamed(type: ValueType, { name, namespace }: QName, due: string): boolean {
  const own = xmlTypeName(type, due);
  if (name !== own.name) return false;
  return namespace === own.namespace || (isBuiltIn(own.namespace) && isBuiltIn(namespace));
}

function isBuiltIn(namespace: string): boolean {
  return [XML_SCHEMA, MICROSOFT_TYPES, SERIALIZATION].includes(namespace);
}
