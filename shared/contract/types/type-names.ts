import { loadCrypto } from '../../load-later.ts';
import type { ArrayShape, DictionaryShape, Field, ScalarKind, ValueType } from './types.ts';

/**
 * .NET's names for the types of a contract: the element names and namespaces that DataContractSerializer
 * writes, and the names in XML Schema and C#.
 */

/** An XML name with its namespace; both encodings name types by it. */
export interface QName {
  readonly name: string;
  readonly namespace: string;
}

export const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema';
/** Namespace of `nil` and `type`. */
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** DataContractSerializer's namespace for the items of arrays of XML Schema types… */
const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
/** … `Nullable<…>`, `DateTimeOffset` and other structures … */
const SYSTEM = 'http://schemas.datacontract.org/2004/07/System';
/** … and values that are not a member of anything. */
export const SERIALIZATION = 'http://schemas.microsoft.com/2003/10/Serialization/';

/** Types that can be null in .NET without `Nullable<…>`. */
const REFERENCE_KINDS: ReadonlySet<string> = new Set([
  'string',
  'base64Binary',
  'anyURI',
  'version',
  'array',
  'dictionary',
  'any',
  'xml',
  'known',
  'lazy',
  'object',
]);

/** Whether .NET has a null for values of the type without `Nullable<…>`: text, objects, collections. */
export function isReference(type: ValueType): boolean {
  return REFERENCE_KINDS.has(type.kind);
}

/** Namespaces of the scalars that XML Schema does not have. */
const SCALAR_NAMESPACES: Readonly<Partial<Record<ScalarKind, string>>> = {
  duration: SERIALIZATION,
  guid: SERIALIZATION,
  char: SERIALIZATION,
  dateTimeOffset: SYSTEM,
  version: SYSTEM,
};

/** Namespaces in which .NET and tools for XML Schema may place a scalar. */
const BUILT_IN: ReadonlySet<string> = new Set([XML_SCHEMA, SERIALIZATION]);

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
  char: 'Char',
  anyURI: 'Uri',
  dateTimeOffset: 'DateTimeOffset',
  version: 'Version',
};

/** The name of the data contract, as in `xsi:type`: `{http://www.w3.org/2001/XMLSchema}double`. */
export function typeName(type: ValueType): QName {
  switch (type.kind) {
    case 'nillable': {
      const of = typeName(type.of);
      if (isReference(type.of)) return of;
      return { name: `NullableOf${of.name}`, namespace: SYSTEM };
    }
    case 'lazy':
    case 'known':
      return typeName(type.of);
    case 'array':
    case 'dictionary': {
      const { name, namespace } = type.names;
      const due = type.kind === 'array' ? arrayName(type) : dictionaryName(type);
      return { name: name ?? due.name, namespace: namespace ?? due.namespace };
    }
    case 'object':
    case 'enumeration':
    case 'flags':
      return { name: type.name, namespace: type.namespace };
    case 'xml':
      return { name: 'XmlElement', namespace: `${SYSTEM}.Xml` };
    case 'any':
    case 'void':
      return { name: 'anyType', namespace: XML_SCHEMA };
    default:
      return { name: scalarName(type.kind), namespace: SCALAR_NAMESPACES[type.kind] ?? XML_SCHEMA };
  }
}

const ITEM_NAMES = new WeakMap<ArrayShape | DictionaryShape, QName>();

/** The element of an item: `double` in an array, `KeyValueOfstringint` in a dictionary. Computed once. */
export function itemName(type: ArrayShape | DictionaryShape): QName {
  const known = ITEM_NAMES.get(type);
  if (known !== undefined) return known;
  const { item } = type.names;
  const due = type.kind === 'array' ? typeName(withoutNull(type.of)).name : entryName(type);
  const name = { name: item ?? due, namespace: typeName(type).namespace };
  ITEM_NAMES.set(type, name);
  return name;
}

function withoutNull(type: ValueType): ValueType {
  return type.kind === 'nillable' || type.kind === 'lazy' ? withoutNull(type.of) : type;
}

function arrayName({ of }: ArrayShape): QName {
  const { name, namespace } = typeName(of);
  return {
    name: `ArrayOf${name}`,
    namespace: BUILT_IN.has(namespace) ? ARRAYS : namespace,
  };
}

function dictionaryName(type: DictionaryShape): QName {
  return { name: `ArrayOf${entryName(type)}`, namespace: ARRAYS };
}

function entryName({ key, value }: DictionaryShape): string {
  return genericName('KeyValueOf', [key, value]);
}

/**
 * The name of a generic class: its own, the names of its arguments and, unless all of these are built in, a
 * digest of their namespaces: the first 6 bytes of an MD5, in base64.
 */
export function genericName(name: string, types: readonly ValueType[]): string {
  const names = types.map(typeName);
  const plain = `${name}${names.map((one) => one.name).join('')}`;
  if (names.every(({ namespace }) => BUILT_IN.has(namespace))) return plain;
  const namespaces = names.map(({ namespace }) => ` ${namespace}`).join('');
  const digest = loadCrypto().createHash('md5').update(` ${names.length}${namespaces}`).digest();
  const text = digest.subarray(0, 6).toString('base64');
  return plain + text.replaceAll('/', '_S').replaceAll('+', '_P');
}

const ENTRY_FIELDS = new WeakMap<DictionaryShape, readonly [Field, Field]>();

/** Key and value of an entry of a dictionary, as members of its element. */
export function entryFields(type: DictionaryShape): readonly [key: Field, value: Field] {
  const known = ENTRY_FIELDS.get(type);
  if (known !== undefined) return known;
  const { key = 'Key', value = 'Value' } = type.names;
  const { namespace } = itemName(type);
  const field = (name: string, of: ValueType): Field => ({
    name,
    namespace,
    type: of,
    presence: 'default',
  });
  const fields = [field(key, type.key), field(value, type.value)] as const;
  ENTRY_FIELDS.set(type, fields);
  return fields;
}

/** The namespace that .NET declares on the element of a value, for what is in it; `undefined` for scalars. */
export function contentNamespace(type: ValueType): string | undefined {
  switch (type.kind) {
    case 'nillable':
    case 'lazy':
    case 'known':
      return contentNamespace(type.of);
    case 'array':
    case 'dictionary':
    case 'object':
    case 'dateTimeOffset':
    case 'version':
      return typeName(type).namespace;
    default:
      return undefined;
  }
}

/** The element that .NET writes for a value by itself, such as the detail of a fault. */
export function rootName(type: ValueType): QName {
  const { name, namespace } = typeName(withoutNull(type));
  return { name, namespace: namespace === XML_SCHEMA ? SERIALIZATION : namespace };
}

/** Whether an `xsi:type` names the type itself, as .NET or a tool for XML Schema would. */
export function isNamed(type: ValueType, { name, namespace }: QName): boolean {
  const due = typeName(withoutNull(type));
  if (name !== due.name) return false;
  return namespace === due.namespace || (BUILT_IN.has(due.namespace) && BUILT_IN.has(namespace));
}

/** Every scalar. */
export const SCALAR_KINDS = Object.keys(CSHARP_NAMES) as readonly ScalarKind[];

/** The scalar that an `xsi:type` names. */
export function scalarNamed(name: QName): ScalarKind | undefined {
  return SCALAR_KINDS.find((kind) => isNamed({ kind }, name));
}

function scalarName(kind: ScalarKind): string {
  if (kind === 'dateTimeOffset') return 'DateTimeOffset';
  return kind === 'version' ? 'Version' : kind;
}

/** The type's name in C#, as in the action of a fault: `Int32`, `ArrayOfString`, `Problem`. */
export function csharpName(type: ValueType): string {
  switch (type.kind) {
    case 'nillable':
    case 'lazy':
    case 'known':
      return csharpName(type.of);
    case 'array':
      return `ArrayOf${csharpName(type.of)}`;
    case 'dictionary':
      return typeName(type).name;
    case 'object':
    case 'enumeration':
    case 'flags':
      return type.name;
    case 'xml':
      return 'XmlElement';
    case 'any':
    case 'void':
      return 'Object';
    default:
      return CSHARP_NAMES[type.kind];
  }
}
