import { dateTicksOf, DateTime } from '../../contract/date-time.ts';
import { within } from '../../contract/mismatch.ts';
import { formatDecimal } from '../../contract/number-text.ts';
import { formatDateTime } from '../../contract/time-text.ts';
import type { ValueType } from '../../contract/types.ts';
import { check, checkArray, checkObject } from '../../contract/values.ts';
import type { OctetWriter } from '../../octets.ts';
import * as format from './formats.ts';
import { membersOf, type ObjectType } from './plan.ts';
import * as write from './write-octets.ts';

type ArrayType = Extract<ValueType, { readonly kind: 'array' }>;

/**
 * Writes a value as the contract has it.
 *
 * @throws {Mismatch} for a value of another type; `out` then ends anywhere in it
 */
export function writeValue(out: OctetWriter, type: ValueType, value: unknown): void {
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
      return write.writeString(out, check(type.kind, value));
    case 'decimal':
      return write.writeString(out, formatDecimal(check(type.kind, value)));
    case 'dateTime':
      return write.writeString(out, dateText(check(type.kind, value)));
    case 'base64Binary':
      return write.writeBinary(out, check(type.kind, value));
    case 'nillable':
      if (value === null || value === undefined) return out.u8(format.NIL);
      return writeValue(out, type.of, value);
    case 'array':
      return writeArray(out, type, value);
    case 'object':
      return writeObject(out, type, value);
    case 'void':
      return out.u8(format.NIL);
  }
}

/** To the millisecond, as every library of JavaScript writes it, or with all that a DateTime knows. */
function dateText(date: Date): string {
  return date instanceof DateTime ? formatDateTime(dateTicksOf(date)) : date.toISOString();
}

function writeArray(out: OctetWriter, type: ArrayType, value: unknown): void {
  const items = checkArray(type, value);
  const count = items.length;
  write.writeArrayHead(out, count);
  let index = 0;
  try {
    for (; index < count; index++) writeValue(out, type.of, items[index]);
  } catch (caught) {
    throw within(`[${index}]`, caught);
  }
}

/** All members, in the contract's order; whatever else the object has stays behind. */
function writeObject(out: OctetWriter, type: ObjectType, value: unknown): void {
  const members = checkObject(type, value);
  const { inOrder } = membersOf(type);
  write.writeMapHead(out, inOrder.length);
  for (const { key, name, type: of } of inOrder) {
    write.appendShort(out, key);
    try {
      writeValue(out, of, members[name]);
    } catch (caught) {
      throw within(`.${name}`, caught);
    }
  }
}
