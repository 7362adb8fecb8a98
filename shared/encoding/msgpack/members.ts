import type { Field, ValueType } from '../../contract/types.ts';
import { NetTcpError } from '../../errors.ts';
import { OctetWriter } from '../../octets.ts';
import { NameTable } from './name-table.ts';
import { writeString } from './write-octets.ts';

export type ObjectType = Extract<ValueType, { readonly kind: 'object' }>;

/** A field, and what reading and writing it take. */
export interface Member extends Field {
  /** Place among the object's fields. */
  readonly index: number;
  /** The name as it stands in a message. */
  readonly key: Uint8Array;
}

export interface Members {
  readonly inOrder: readonly Member[];
  readonly byName: NameTable<Member>;
}

const MEMBERS = new WeakMap<ObjectType, Members>();

/**
 * The members of an object type, worked out once.
 *
 * @throws {NetTcpError} `Usage` for a member that JavaScript would take for the object's prototype
 */
export function membersOf(type: ObjectType): Members {
  const known = MEMBERS.get(type);
  if (known !== undefined) return known;
  const inOrder = type.fields.map((field, index): Member => {
    if (field.name === '__proto__') {
      throw new NetTcpError('Usage', `a member of ${type.name} cannot be named "__proto__"`);
    }
    return { ...field, index, key: encodedName(field.name) };
  });
  const members = { inOrder, byName: new NameTable(inOrder) };
  MEMBERS.set(type, members);
  return members;
}

/** A name as it stands in a message: the head of a string and its UTF-8. */
export function encodedName(name: string): Uint8Array {
  const out = new OctetWriter(16);
  writeString(out, name);
  return out.toBytes();
}
