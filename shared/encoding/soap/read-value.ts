import { absent, defaultOf, toObject } from '../../contract/defaults.ts';
import { Mismatch, mismatch, mismatchOf, within } from '../../contract/mismatch.ts';
import { SYSTEM_TYPES } from '../../contract/system-types.ts';
import {
  entryFields,
  isNamed,
  itemName,
  type QName,
  SERIALIZATION,
} from '../../contract/type-names.ts';
import type {
  ArrayShape,
  DictionaryShape,
  Field,
  ObjectShape,
  ValueType,
} from '../../contract/types.ts';
import { addEntry, check, checkEnumeration, parseFlags } from '../../contract/values.ts';
import { printable } from '../../printable.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import { readScalar } from './read-scalar.ts';
import { XSI } from './vocabulary.ts';

/**
 * Reads the members of the element at which the reader stands, to its end: parameters of a wrapper,
 * or fields of a data contract.
 *
 * As in .NET they must come in their order: one that is unknown or out of order is skipped, and one
 * that is missed has its default.
 *
 * @param placeOf what a message calls a member, such as `.x`
 * @returns the values, in the order of `members`
 * @throws {Mismatch} for a value that is not of its type
 */
export function readMembers(
  reader: BinaryXmlReader,
  members: readonly Field[],
  placeOf: (member: Field) => string,
): unknown[] {
  const values: unknown[] = [];
  while (reader.read() !== 'end') {
    if (reader.kind !== 'element') continue;
    const found = indexOf(members, reader, values.length);
    const member = members[found];
    if (member === undefined) {
      reader.skip();
      continue;
    }
    addAbsent(values, members, found, placeOf);
    try {
      values.push(readMember(reader, member));
    } catch (caught) {
      throw within(placeOf(member), caught);
    }
  }
  addAbsent(values, members, members.length, placeOf);
  return values;
}

/** The only member of an element, to the element's end. @throws {Mismatch} also when it is missing */
export function readResult(reader: BinaryXmlReader, member: Field): unknown {
  const { name, namespace, type } = member;
  let isThere = false;
  let value: unknown;
  while (reader.read() !== 'end') {
    if (reader.kind !== 'element') continue;
    if (isThere || reader.name !== name || reader.namespace !== namespace) {
      reader.skip();
      continue;
    }
    isThere = true;
    value = readValue(reader, type);
  }
  // A peer that is not .NET may leave out what is null.
  if (!isThere && type.kind === 'nillable') return null;
  if (!isThere) throw new Mismatch(`is missing: there is no element ${name}`);
  return value;
}

/** Fills up to, and without, the member at `end`. */
function addAbsent(
  values: unknown[],
  members: readonly Field[],
  end: number,
  placeOf: (member: Field) => string,
): void {
  while (values.length < end) {
    const member = members[values.length] as Field;
    try {
      values.push(absent(member));
    } catch (caught) {
      throw within(placeOf(member), caught);
    }
  }
}

function indexOf(members: readonly Field[], { name, namespace }: QName, from: number): number {
  for (let index = from; index < members.length; index++) {
    const member = members[index] as Field;
    if (member.name === name && member.namespace === namespace) return index;
  }
  return -1;
}

/** Null of what has none is, where it is optional, what .NET leaves out. */
function readMember(reader: BinaryXmlReader, { type, presence }: Field): unknown {
  if (presence === 'optional' && type.kind !== 'nillable' && isNil(reader)) {
    reader.skip();
    return undefined;
  }
  return readValue(reader, type);
}

/** Reads the element at which the reader stands, to its end. @throws {Mismatch} when it is not of that type */
export function readValue(reader: BinaryXmlReader, type: ValueType): unknown {
  if (reader.attributes.count > 0) {
    if (isNil(reader)) {
      if (type.kind !== 'nillable' && type.kind !== 'void') throw mismatch(type, null);
      reader.skip();
      return defaultOf(type);
    }
    checkAttributes(reader, type);
  }
  return readContent(reader, type);
}

function readContent(reader: BinaryXmlReader, type: ValueType): unknown {
  switch (type.kind) {
    case 'nillable':
      return readContent(reader, type.of);
    case 'array':
      return readItems(reader, type, () => readValue(reader, type.of));
    case 'dictionary':
      return readEntries(reader, type);
    case 'object':
      return readObject(reader, type);
    case 'enumeration':
      return checkEnumeration(type, readScalar(reader, 'string'));
    case 'flags':
      return parseFlags(type, String(readScalar(reader, 'string')));
    case 'void':
      reader.skip();
      return undefined;
    case 'dateTimeOffset':
    case 'version': {
      const { members, fromMembers } = SYSTEM_TYPES[type.kind];
      return check(type.kind, fromMembers(readObject(reader, members)));
    }
    default:
      return readScalar(reader, type.kind);
  }
}

function readObject(reader: BinaryXmlReader, { fields }: ObjectShape): Record<string, unknown> {
  return toObject(
    fields,
    readMembers(reader, fields, ({ name }) => `.${name}`),
  );
}

function readItems(
  reader: BinaryXmlReader,
  type: ArrayShape | DictionaryShape,
  readItem: () => unknown,
): unknown[] {
  const { name } = itemName(type);
  const items: unknown[] = [];
  while (reader.read() !== 'end') {
    if (reader.kind !== 'element') continue;
    try {
      // Serializers differ in the namespace of nullable items; the name is enough.
      if (reader.name !== name) {
        throw new Mismatch(`must be an element ${name}, not ${printable(reader.name, 64)}`);
      }
      items.push(readItem());
    } catch (caught) {
      throw within(`[${items.length}]`, caught);
    }
  }
  return items;
}

/** A key that comes twice is refused, as in .NET: one of the two values would be lost. */
function readEntries(reader: BinaryXmlReader, type: DictionaryShape): Map<unknown, unknown> {
  const entries = new Map<unknown, unknown>();
  const fields = entryFields(type);
  readItems(reader, type, () => {
    const [key, value] = readMembers(reader, fields, ({ name }) => `.${name}`);
    addEntry(entries, key, value, fields[0].name);
  });
  return entries;
}

function isNil(reader: BinaryXmlReader): boolean {
  const nil = reader.attributes.find(XSI, 'nil');
  return nil === 'true' || nil === '1';
}

/** Members of a type that is not the contract's, or of an object that stands elsewhere, would be lost. */
function checkAttributes(reader: BinaryXmlReader, type: ValueType): void {
  const { attributes, namespaces } = reader;
  const said = attributes.find(XSI, 'type');
  if (said !== undefined) {
    const { name, namespace } = qnameOf(said, (prefix) => namespaces.find(prefix));
    if (!isNamed(type, { name, namespace })) {
      throw mismatchOf(type, `one of the type ${printable(`{${namespace}}${name}`, 200)}`);
    }
  }
  if (attributes.find(SERIALIZATION, 'Ref') !== undefined) {
    throw mismatchOf(type, 'a reference to an object elsewhere in the message');
  }
}

/** A name as it stands in text. @param namespaceOf what a prefix stands for there, `''` for none */
export function qnameOf(text: string, namespaceOf: (prefix: string) => string | undefined): QName {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const prefix = trimmed.slice(0, Math.max(0, colon));
  return { name: trimmed.slice(colon + 1), namespace: namespaceOf(prefix) ?? '' };
}
