import type { ScalarKind, ValueType } from './types.ts';

/**
 * What .NET calls the types of a contract: element names and namespaces that DataContractSerializer
 * writes, and the names of XML Schema and C#.
 */

/** A name of XML; both encodings name types by it. */
export interface QName {
  readonly name: string;
  readonly namespace: string;
}

const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema';
/** Where DataContractSerializer has the items of arrays of XML Schema types… */
const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
/** … those of arrays of `Nullable<…>` … */
const NULLABLE_ITEMS = 'http://schemas.datacontract.org/2004/07/System';
/** … and lone values that are nobody's member. */
export const SERIALIZATION = 'http://schemas.microsoft.com/2003/10/Serialization/';

/** Types that are null in .NET without being `Nullable<…>`. */
const REFERENCE_KINDS: ReadonlySet<string> = new Set(['string', 'base64Binary', 'array', 'object']);

/** Where scalars are: .NET has those of its own (`guid`) with the serializer's. */
const SCALAR_NAMESPACES: ReadonlySet<string> = new Set([XML_SCHEMA, SERIALIZATION]);

const CSHARP_NAMES: Readonly<Record<ScalarKind, string>> = {
  double: 'Double',
  float: 'Single',
  boolean: 'Boolean',
  string: 'String',
  byte: 'SByte',
  short: 'Int16',
  int: 'Int32',
  long: 'Int64',
  unsignedByte: 'Byte',
  unsignedShort: 'UInt16',
  unsignedInt: 'UInt32',
  unsignedLong: 'UInt64',
  decimal: 'Decimal',
  dateTime: 'DateTime',
  duration: 'TimeSpan',
  guid: 'Guid',
  base64Binary: 'ArrayOfByte',
};

/**
 * The element that DataContractSerializer writes for an item of an array of that type, such as
 * `double` or `ArrayOfdouble`.
 */
export function itemName(type: ValueType): QName {
  switch (type.kind) {
    case 'nillable':
      return REFERENCE_KINDS.has(type.of.kind)
        ? itemName(type.of)
        : { name: itemName(type.of).name, namespace: NULLABLE_ITEMS };
    case 'array': {
      const { name, namespace } = itemName(type.of);
      const isNullable = namespace === NULLABLE_ITEMS && type.of.kind === 'nillable';
      return { name: `ArrayOf${isNullable ? 'NullableOf' : ''}${name}`, namespace };
    }
    case 'object':
      return { name: type.name, namespace: type.namespace };
    default:
      return { name: type.kind, namespace: ARRAYS };
  }
}

/** The element that it writes for a value by itself: the detail of a fault. */
export function rootName(type: ValueType): QName {
  if (type.kind === 'nillable') return rootName(type.of);
  const { name, namespace } = itemName(type);
  const isLone = namespace === ARRAYS && type.kind !== 'array';
  return { name, namespace: isLone ? SERIALIZATION : namespace };
}

/** Whether an `xsi:type` names the type itself, as .NET or a tool for XML Schema would. */
export function isNamed(type: ValueType, { name, namespace }: QName): boolean {
  if (type.kind === 'nillable') return isNamed(type.of, { name, namespace });
  const due = itemName(type);
  if (name !== due.name) return false;
  const isScalar = type.kind !== 'array' && type.kind !== 'object';
  return isScalar ? SCALAR_NAMESPACES.has(namespace) : namespace === due.namespace;
}

/** What C# calls it, as it stands in the action of a fault: `Int32`, `ArrayOfString`, `Problem`. */
export function csharpName(type: ValueType): string {
  switch (type.kind) {
    case 'nillable':
      return csharpName(type.of);
    case 'array':
      return `ArrayOf${csharpName(type.of)}`;
    case 'object':
      return type.name;
    case 'void':
      return 'Object';
    default:
      return CSHARP_NAMES[type.kind];
  }
}
