import type { ValueType } from '../../contract/types.ts';
import type { OctetWriter } from '../../octets.ts';
import { quoted } from '../../printable.ts';
import { expectedInScript, kindInScript, LONG_NUMBERS, WHOLE_NUMBERS } from './expectations.ts';
import * as format from './formats.ts';
import { membersOf, type ObjectType } from './members.ts';
import { Mismatch, within } from './mismatch.ts';
import { decimalOf, guidOf } from './text-forms.ts';
import * as write from './write-octets.ts';

type ArrayType = Extract<ValueType, { readonly kind: 'array' }>;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Writes a value as the contract has it.
 *
 * @throws {Mismatch} for a value of another type; `out` then ends anywhere in it
 */
export function writeValue(out: OctetWriter, type: ValueType, value: unknown): void {
  switch (type.kind) {
    case 'double':
      if (typeof value !== 'number') throw unexpected(type, value);
      return write.writeDouble(out, value);
    case 'float':
      if (typeof value !== 'number') throw unexpected(type, value);
      return write.writeFloat(out, value);
    case 'duration':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw unexpected(type, value);
      return write.writeDouble(out, value);
    case 'boolean':
      if (typeof value !== 'boolean') throw unexpected(type, value);
      return out.u8(value ? format.TRUE : format.FALSE);
    case 'byte':
    case 'short':
    case 'int':
    case 'unsignedByte':
    case 'unsignedShort':
    case 'unsignedInt': {
      const { min, max } = WHOLE_NUMBERS[type.kind];
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
        throw unexpected(type, value);
      }
      return write.writeInteger(out, value);
    }
    case 'long':
    case 'unsignedLong': {
      const { min, max } = LONG_NUMBERS[type.kind];
      if (typeof value !== 'bigint' || value < min || value > max) throw unexpected(type, value);
      return write.writeBigInteger(out, value, type.kind === 'long');
    }
    case 'string':
      if (typeof value !== 'string') throw unexpected(type, value);
      if (LONE_SURROGATE.test(value)) {
        throw new Mismatch(`must be text without lone surrogates, not ${quoted(value)}`);
      }
      return write.writeString(out, value);
    case 'decimal':
      return writeText(out, type, value, decimalOf);
    case 'guid':
      return writeText(out, type, value, guidOf);
    case 'dateTime':
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unexpected(type, value);
      return write.writeString(out, value.toISOString());
    case 'base64Binary':
      if (!(value instanceof Uint8Array)) throw unexpected(type, value);
      return write.writeBinary(out, value);
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

function writeText(
  out: OctetWriter,
  type: ValueType,
  value: unknown,
  formOf: (text: string) => string | undefined,
): void {
  if (typeof value !== 'string') throw unexpected(type, value);
  const text = formOf(value);
  if (text === undefined) {
    throw new Mismatch(`must be ${expectedInScript(type)}, not ${quoted(value)}`);
  }
  write.writeString(out, text);
}

function writeArray(out: OctetWriter, type: ArrayType, value: unknown): void {
  if (!Array.isArray(value)) throw unexpected(type, value);
  const values: readonly unknown[] = value;
  const count = values.length;
  write.writeArrayHead(out, count);
  let index = 0;
  try {
    for (; index < count; index++) writeValue(out, type.of, values[index]);
  } catch (caught) {
    throw within(`[${index}]`, caught);
  }
}

/** All members, in the contract's order; whatever else the object has stays behind. */
function writeObject(out: OctetWriter, type: ObjectType, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unexpected(type, value);
  }
  const object = value as Readonly<Record<string, unknown>>;
  const { inOrder } = membersOf(type);
  write.writeMapHead(out, inOrder.length);
  for (const { key, name, type: of } of inOrder) {
    write.appendShort(out, key);
    try {
      writeValue(out, of, object[name]);
    } catch (caught) {
      throw within(`.${name}`, caught);
    }
  }
}

function unexpected(type: ValueType, value: unknown): Mismatch {
  return new Mismatch(`must be ${expectedInScript(type)}, not ${kindInScript(value)}`);
}
