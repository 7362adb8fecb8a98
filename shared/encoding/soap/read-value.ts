import type { Field, ValueType } from '../../contract/types.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import { BadValue } from './bad-value.ts';
import { itemName } from './item-names.ts';
import { readScalar } from './read-scalar.ts';
import { defaultOf } from '../../contract/defaults.ts';
import { XSI } from './vocabulary.ts';

/**
 * Reads the members of the element at which the reader stands, to its end: parameters of a wrapper,
 * or fields of a data contract.
 *
 * As in .NET they must come in their order: one that is unknown or out of order is skipped, and one
 * that is missed has its default.
 *
 * @returns the values, in the order of `members`
 * @throws {BadValue} for a value that is not of its type
 */
export function readMembers(
  reader: BinaryXmlReader,
  members: readonly Field[],
  namespace: string,
): unknown[] {
  const values: unknown[] = [];
  while (reader.read() !== 'end') {
    if (reader.kind !== 'element') continue;
    const isOurs = reader.namespace === namespace;
    const found = isOurs ? indexOf(members, reader.name, values.length) : -1;
    if (found < 0) reader.skip();
    else {
      addDefaults(values, members, found);
      values.push(readValue(reader, (members[found] as Field).type));
    }
  }
  addDefaults(values, members, members.length);
  return values;
}

/** Fills up to, and without, the member at `end`. */
function addDefaults(values: unknown[], members: readonly Field[], end: number): void {
  while (values.length < end) values.push(defaultOf((members[values.length] as Field).type));
}

function indexOf(members: readonly Field[], name: string, from: number): number {
  for (let index = from; index < members.length; index++) {
    if ((members[index] as Field).name === name) return index;
  }
  return -1;
}

/** Reads the element at which the reader stands, to its end. */
export function readValue(reader: BinaryXmlReader, type: ValueType): unknown {
  if (reader.attributes.count > 0 && isNil(reader)) {
    reader.skip();
    return defaultOf(type);
  }
  return readContent(reader, type);
}

function readContent(reader: BinaryXmlReader, type: ValueType): unknown {
  switch (type.kind) {
    case 'nillable':
      return readContent(reader, type.of);
    case 'array':
      return readItems(reader, type.of);
    case 'object': {
      const values = readMembers(reader, type.fields, type.namespace);
      return Object.fromEntries(type.fields.map(({ name }, index) => [name, values[index]]));
    }
    case 'void':
      reader.skip();
      return undefined;
    default:
      return readScalar(reader, type.kind);
  }
}

function readItems(reader: BinaryXmlReader, of: ValueType): unknown[] {
  const { name } = itemName(of);
  const items: unknown[] = [];
  while (reader.read() !== 'end') {
    if (reader.kind !== 'element') continue;
    // Serializers differ in the namespace of nullable items; the name is enough.
    if (reader.name !== name) {
      throw new BadValue(`Expecting element '${name}'. Encountered element '${reader.name}'.`);
    }
    items.push(readValue(reader, of));
  }
  return items;
}

function isNil(reader: BinaryXmlReader): boolean {
  const nil = reader.attributes.find(XSI, 'nil');
  return nil === 'true' || nil === '1';
}
