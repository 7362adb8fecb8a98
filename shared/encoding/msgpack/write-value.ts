import { dateTicksOf, DateTime } from '../../contract/types/text/date-time.ts';
import { isLeftOut } from '../../contract/types/defaults.ts';
import { changed, within } from '../../contract/types/mismatch.ts';
import { formatDecimal } from '../../contract/types/text/number-text.ts';
import { formatDateTime, formatDateTimeOffset } from '../../contract/types/text/time-text.ts';
import { entryFields } from '../../contract/types/type-names.ts';
import { typeOfAny } from '../../contract/types/any.ts';
import {
  type AnyShape,
  type ArrayShape,
  type DictionaryShape,
  isNamedShape,
  type ObjectShape,
  type ValueType,
} from '../../contract/types/types.ts';
import {
  check,
  checkArray,
  checkEnumeration,
  checkFlags,
  checkMap,
  checkObject,
  checkType,
  checkXml,
} from '../../contract/types/values.ts';
import type { OctetWriter } from '../../octets.ts';
import * as format from './formats.ts';
import type { WrittenObjects } from '../written-objects.ts';
import { holderOf, OBJECT_ID, OBJECT_REFERENCE, OBJECT_TYPE, TYPED_VALUE } from './object-marks.ts';
import { membersOf } from './plan.ts';
import * as write from './write-octets.ts';

/**
 * Writes a value as the contract has it.
 *
 * @param objects those of the message that have been written, if its types need them
 * @throws {Mismatch} for a value of another type; `out` then ends anywhere in it
 */
export function writeValue(
  out: OctetWriter,
  type: ValueType,
  value: unknown,
  objects: WrittenObjects | undefined,
): void {
  switch (type.kind) {
    case 'double':
    case 'duration':
      return write.writeDouble(out, check(type.kind, value));
    case 'float':
      return write.writeFloat(out, check(type.kind, value));
    case 'boolean':
      return out.u8(check(type.kind, value) ? format.TRUE : format.FALSE);
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt':
      return write.writeInteger(out, check(type.kind, value));
    case 'long':
    case 'unsignedLong':
      return write.writeBigInteger(out, check(type.kind, value), type.kind === 'long');
    case 'string':
    case 'guid':
    case 'char':
    case 'anyURI':
    case 'version':
      return write.writeString(out, check(type.kind, value));
    case 'decimal':
      return write.writeString(out, formatDecimal(check(type.kind, value)));
    case 'dateTime':
      return write.writeString(out, dateText(check(type.kind, value)));
    case 'dateTimeOffset':
      return write.writeString(out, formatDateTimeOffset(check(type.kind, value)));
    case 'enumeration':
      return write.writeString(out, checkEnumeration(type, value));
    case 'xml':
      return write.writeString(out, checkXml(value));
    case 'flags':
      return write.writeInteger(out, checkFlags(type, value));
    case 'base64Binary':
      return write.writeBinary(out, check(type.kind, value));
    case 'nillable':
      if (value === null || value === undefined) return out.u8(format.NIL);
      return writeValue(out, type.of, value, objects);
    case 'array':
      return writeArray(out, type, value, objects);
    case 'dictionary':
      return writeDictionary(out, type, value, objects);
    case 'lazy':
      return objects?.nested(() => writeValue(out, type.of, value, objects));
    case 'any':
      return writeAny(out, type, value, objects);
    case 'known': {
      const members = checkObject(type, value);
      return writeObject(out, checkType(type, members['$type']), members, objects, true);
    }
    case 'object':
      return writeObject(out, type, checkObject(type, value), objects);
    case 'void':
      return out.u8(format.NIL);
  }
}

function writeAny(
  out: OctetWriter,
  type: AnyShape,
  value: unknown,
  objects: WrittenObjects | undefined,
): void {
  if (value === null || value === undefined) return out.u8(format.NIL);
  const [actual, its] = typeOfAny(type, value);
  if (actual.kind === 'dateTime') {
    return write.writeTimestamp(out, dateTicksOf(check('dateTime', its)).ticks);
  }
  if (actual.kind === 'object') {
    return writeObject(out, actual, checkObject(actual, its), objects, true);
  }
  if (!isNamedShape(actual)) return writeValue(out, actual, its, objects);
  writeObject(out, holderOf(actual), { [TYPED_VALUE]: its }, objects, true);
}

/** A Date to the millisecond, as JavaScript writes it; a DateTime with its ticks and kind. */
function dateText(date: Date): string {
  return date instanceof DateTime ? formatDateTime(dateTicksOf(date)) : date.toISOString();
}

function writeArray(
  out: OctetWriter,
  type: ArrayShape,
  value: unknown,
  objects: WrittenObjects | undefined,
): void {
  const items = checkArray(type, value);
  const count = items.length;
  write.writeArrayHead(out, count);
  for (let index = 0; index < count; index++) {
    try {
      writeValue(out, type.of, items[index], objects);
    } catch (caught) {
      throw within(`[${index}]`, caught);
    }
    if (items.length !== count) throw changed(count, items.length);
  }
}

function writeDictionary(
  out: OctetWriter,
  type: DictionaryShape,
  value: unknown,
  objects: WrittenObjects | undefined,
): void {
  const entries = checkMap(type, value);
  const fields = entryFields(type);
  const count = entries.size;
  write.writeMapHead(out, count);
  let index = 0;
  for (const entry of entries) {
    for (const [part, { name, type: of }] of fields.entries()) {
      try {
        writeValue(out, of, entry[part], objects);
      } catch (caught) {
        throw within(`[${index}].${name}`, caught);
      }
      if (entries.size !== count) throw changed(count, entries.size);
    }
    index += 1;
  }
}

/**
 * Writes all members in the contract's order, except optional ones that are not there; what else the object
 * has is not sent. `$id` comes first if others can refer to the object, then `$type` if it can be of several
 * classes.
 */
function writeObject(
  out: OctetWriter,
  type: ObjectShape,
  members: Readonly<Record<string, unknown>>,
  objects: WrittenObjects | undefined,
  isKnown = false,
): void {
  const { inOrder, hasOptional } = membersOf(type);
  const due = hasOptional ? inOrder.filter((member) => !isLeftOut(member, members)) : inOrder;
  const id = type.isReference ? (objects?.idOf(members) ?? 0) : 0;
  if (id > 0) return writeReference(out, id);
  write.writeMapHead(out, due.length + Number(isKnown) + Number(id < 0));
  if (id < 0) {
    write.writeString(out, OBJECT_ID);
    write.writeInteger(out, -id);
  }
  if (isKnown) {
    write.writeString(out, OBJECT_TYPE);
    write.writeString(out, type.name);
  }
  for (const { key, name, type: of } of due) {
    write.appendShort(out, key);
    try {
      writeValue(out, of, members[name], objects);
    } catch (caught) {
      throw within(`.${name}`, caught);
    }
  }
}

function writeReference(out: OctetWriter, id: number): void {
  write.writeMapHead(out, 1);
  write.writeString(out, OBJECT_REFERENCE);
  write.writeInteger(out, id);
}
