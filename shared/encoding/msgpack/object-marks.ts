import { mismatchOf } from '../../contract/types/mismatch.ts';
import { typeName } from '../../contract/types/type-names.ts';
import {
  type AnyShape,
  type KnownShape,
  type NamedShape,
  object,
  type ObjectShape,
  required,
} from '../../contract/types/types.ts';
import { printable, untrusted } from '../../printable.ts';
import { withUnknown } from '../unknown.ts';
import { checkDepth, type OctetReader, skip } from './octet-reader.ts';
import { kindOnWire, readLossyText } from './read-scalar.ts';

/** Keys of a map that are no members: the number of an object, that of an earlier one, and the class. */
export const OBJECT_ID = '$id';
export const OBJECT_REFERENCE = '$ref';
export const OBJECT_TYPE = '$type';
/** The key of a value that says its type and is no object. */
export const TYPED_VALUE = '$value';

const HOLDERS = new WeakMap<NamedShape, ObjectShape>();

/** The object as which a value goes that says its type and is none: its only member is the value. */
export function holderOf(type: NamedShape): ObjectShape {
  const known = HOLDERS.get(type);
  if (known !== undefined) return known;
  const holder = object(typeName(type).name, { [TYPED_VALUE]: required(type) });
  HOLDERS.set(type, holder);
  return holder;
}

/** Goes to the value of a map's entry with that key. @returns whether there is one */
export function findEntry(
  reader: OctetReader,
  type: ObjectShape | KnownShape | AnyShape,
  key: string,
  depth: number,
): boolean {
  const pairs = reader.mapHead();
  if (pairs < 0) throw mismatchOf(type, kindOnWire(reader.peek()));
  checkDepth(reader, depth + 1);
  for (let pair = 0; pair < pairs; pair++) {
    const found = readLossyText(reader);
    if (found === key) return true;
    if (found === undefined) skip(reader, depth + 1);
    skip(reader, depth + 1);
  }
  return false;
}

/**
 * Passes over an entry that is no member, and keeps that. Refuses the mark of another class, or of an object
 * elsewhere: its members would be lost.
 *
 * @param start where the key begins; the reader stands at its value
 * @param depth arrays and maps around the value
 */
export function passUnknown(
  reader: OctetReader,
  type: ObjectShape,
  start: number,
  depth: number,
): void {
  const { at } = reader;
  reader.at = start;
  const key = readLossyText(reader);
  reader.at = at;
  if (key === OBJECT_REFERENCE) {
    throw mismatchOf(type, 'a reference to an object elsewhere in the message');
  }
  const said = key === OBJECT_TYPE ? readLossyText(reader) : undefined;
  reader.at = at;
  if (said !== undefined && said !== type.name) {
    throw mismatchOf(type, `one of the type ${printable(said, 200)}`);
  }
  if (key !== OBJECT_TYPE && key !== OBJECT_ID) {
    const name = key === undefined ? undefined : untrusted(key);
    const part = { what: 'member', name, of: type.name, isMisplaced: false } as const;
    reader.unknown = withUnknown(reader.unknown, part);
  }
  skip(reader, depth);
}
