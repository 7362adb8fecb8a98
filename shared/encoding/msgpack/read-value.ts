import type {
  AnyShape,
  ArrayShape,
  DictionaryShape,
  KnownShape,
  NamedShape,
  ObjectShape,
  ValueType,
} from '../../contract/types/types.ts';
import { Typed } from '../../contract/types/any.ts';
import { entryFields } from '../../contract/types/type-names.ts';
import {
  addEntry,
  checkEnumeration,
  checkFlags,
  checkType,
  checkXml,
} from '../../contract/types/values.ts';
import { absent, toObject } from '../../contract/types/defaults.ts';
import { Mismatch, mismatchOf, within } from '../../contract/types/mismatch.ts';
import { withUnknown } from '../unknown.ts';
import * as format from './formats.ts';
import { checkDepth, type OctetReader, skip } from './octet-reader.ts';
import {
  findEntry,
  holderOf,
  OBJECT_ID,
  OBJECT_REFERENCE,
  OBJECT_TYPE,
  passUnknown,
  TYPED_VALUE,
} from './object-marks.ts';
import { membersOf, readKey } from './plan.ts';
import {
  kindOnWire,
  readDouble,
  readLossyText,
  readScalar,
  readSelfTyped,
  readUint32,
} from './read-scalar.ts';

/** Stands for a member of an object that has not come yet: what came may be `undefined`. */
const NOT_YET = Symbol('not yet');

/**
 * The next value, as the contract has it. Only the type decides what is made, not the message: no names
 * and no shapes come from the wire.
 *
 * @param depth arrays and maps around the value
 * @throws {Mismatch} for a well-formed value of another type; the reader then stands anywhere in it
 * @throws {NetTcpError} `Protocol` when it is cut short or nested too deep
 */
export function readValue(reader: OctetReader, type: ValueType, depth: number): unknown {
  switch (type.kind) {
    case 'double':
      return readDouble(reader); // first, because it is what calculators send
    case 'nillable':
      return isNil(reader) ? null : readValue(reader, type.of, depth);
    case 'array':
      return readArray(reader, type, depth);
    case 'lazy':
      return readValue(reader, type.of, depth);
    case 'any':
      return reader.mapAhead ? readKnown(reader, type, depth) : readSelfTyped(reader);
    case 'known':
      return readKnown(reader, type, depth);
    case 'object':
      return type.isReference
        ? readReferable(reader, type, depth, {})
        : readObject(reader, type, depth, {});
    case 'dictionary':
      return readEntries(reader, type, depth);
    case 'enumeration':
      return checkEnumeration(type, readScalar(reader, 'string'));
    case 'xml':
      return checkXml(readScalar(reader, 'string'));
    case 'flags':
      return checkFlags(type, readScalar(reader, 'unsignedInt'));
    case 'void':
      // An operation without a result: some libraries send what the function happened to return.
      return isNil(reader) ? undefined : passResult(reader, depth);
    default:
      return readScalar(reader, type.kind);
  }
}

/** Whether the next value is nil; if so, it is read. */
export function isNil(reader: OctetReader): boolean {
  if (reader.peek() !== format.NIL) return false;
  reader.at += 1;
  return true;
}

function passResult(reader: OctetReader, depth: number): void {
  const part = { what: 'result', name: undefined, isMisplaced: false } as const;
  reader.unknown = withUnknown(reader.unknown, part);
  skip(reader, depth);
}

function readArray(reader: OctetReader, type: ArrayShape, depth: number): unknown[] {
  const count = reader.arrayHead();
  if (count < 0) throw mismatchOf(type, kindOnWire(reader.peek()));
  checkDepth(reader, depth + 1);
  const values: unknown[] = [];
  try {
    while (values.length < count) values.push(readValue(reader, type.of, depth + 1));
  } catch (caught) {
    throw within(`[${values.length}]`, caught);
  }
  return values;
}

/** A dictionary from a map, with keys of any kind. */
function readEntries(
  reader: OctetReader,
  type: DictionaryShape,
  depth: number,
): Map<unknown, unknown> {
  const pairs = reader.mapHead();
  if (pairs < 0) throw mismatchOf(type, kindOnWire(reader.peek()));
  checkDepth(reader, depth + 1);
  const entries = new Map<unknown, unknown>();
  const fields = entryFields(type);
  for (let pair = 0; pair < pairs; pair++) {
    try {
      const [key, value] = fields.map(({ name, type: of }) => {
        try {
          return readValue(reader, of, depth + 1);
        } catch (caught) {
          throw within(`.${name}`, caught);
        }
      });
      addEntry(entries, key, value, fields[0].name);
    } catch (caught) {
      throw within(`[${pair}]`, caught);
    }
  }
  return entries;
}

/**
 * An object from a map. Unknown keys are passed over, missing members are as `absent` says, and a member that
 * comes twice is refused, because readers do not agree on which one counts.
 */
function readObject(
  reader: OctetReader,
  type: ObjectShape,
  depth: number,
  object: Record<string, unknown>,
): Record<string, unknown> {
  const pairs = reader.mapHead();
  if (pairs < 0) throw mismatchOf(type, kindOnWire(reader.peek()));
  checkDepth(reader, depth + 1);
  const { inOrder, byName } = membersOf(type);
  const values = inOrder.map((): unknown => NOT_YET);
  for (let pair = 0; pair < pairs; pair++) {
    const start = reader.at;
    const member = readKey(reader, byName, depth + 1);
    if (member === undefined) {
      passUnknown(reader, type, start, depth + 1);
      continue;
    }
    try {
      if (values[member.index] !== NOT_YET) throw new Mismatch('must come only once');
      const isAbsent =
        member.presence === 'optional' && member.type.kind !== 'nillable' && isNil(reader);
      values[member.index] = isAbsent ? undefined : readValue(reader, member.type, depth + 1);
    } catch (caught) {
      throw within(`.${member.name}`, caught);
    }
  }
  for (const member of inOrder) {
    try {
      if (values[member.index] === NOT_YET) values[member.index] = absent(member);
    } catch (caught) {
      throw within(`.${member.name}`, caught);
    }
  }
  return Object.assign(object, toObject(inOrder, values));
}

function isReferable(type: NamedShape): boolean {
  return type.kind === 'object' && type.isReference;
}

/** An object that says its class, or what else says its type so. */
function readKnown(reader: OctetReader, type: KnownShape | AnyShape, depth: number): object {
  const mayRefer = type.kind === 'any' ? type.types.some(isReferable) : type.of.isReference;
  const referred = mayRefer ? readReference(reader, type, depth) : undefined;
  if (referred !== undefined) return referred;
  const start = reader.at;
  const name = findEntry(reader, type, OBJECT_TYPE, depth) ? readLossyText(reader) : undefined;
  reader.at = start;
  const actual = checkType<NamedShape>(type, name);
  if (actual.kind !== 'object') {
    const held = readObject(reader, holderOf(actual), depth, {});
    return new Typed(actual, held[TYPED_VALUE]);
  }
  const object = { $type: actual.name };
  return actual.isReference
    ? readReferable(reader, actual, depth, object)
    : readObject(reader, actual, depth, object);
}

/** An object to which others may refer, or a reference to one. @param object to be filled */
function readReferable(
  reader: OctetReader,
  type: ObjectShape,
  depth: number,
  object: Record<string, unknown>,
): object {
  const referred = readReference(reader, type, depth);
  if (referred !== undefined) return referred;
  const start = reader.at;
  const id = findEntry(reader, type, OBJECT_ID, depth) ? readUint32(reader) : -1;
  reader.at = start;
  if (id >= 0) (reader.objects ??= new Map()).set(id, { object, type });
  return readObject(reader, type, depth, object);
}

/** The object that a reference means; `undefined` (and nothing is read) if the value is no reference. */
function readReference(
  reader: OctetReader,
  type: ObjectShape | KnownShape | AnyShape,
  depth: number,
): object | undefined {
  const start = reader.at;
  if (!findEntry(reader, type, OBJECT_REFERENCE, depth)) {
    reader.at = start;
    return undefined;
  }
  const found = reader.objects?.get(readUint32(reader));
  const types: readonly NamedShape[] = type.kind === 'object' ? [type] : type.types;
  if (found === undefined || !types.includes(found.type)) {
    throw mismatchOf(type, 'a reference to an object elsewhere in the message');
  }
  reader.at = start;
  skip(reader, depth);
  return found.object;
}
