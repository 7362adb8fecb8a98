import { received } from '../../../contract/types/any.ts';
import { toObject } from '../../../contract/types/defaults.ts';
import { Mismatch, mismatch, mismatchOf, within } from '../../../contract/types/mismatch.ts';
import { SYSTEM_TYPES } from '../../../contract/types/system-types.ts';
import {
  entryFields,
  isNamed,
  itemName,
  SERIALIZATION,
  typeName,
} from '../../../contract/types/type-names.ts';
import type {
  ArrayShape,
  DictionaryShape,
  Field,
  ObjectShape,
  ValueType,
} from '../../../contract/types/types.ts';
import { addEntry, check, checkEnumeration, parseFlags } from '../../../contract/types/values.ts';
import { printable, untrusted } from '../../../printable.ts';
import type { BinaryXmlReader } from '../../binary-xml/reader.ts';
import { type UnknownPart, withUnknown } from '../../unknown.ts';
import { addAbsent, indexOf } from './members.ts';
import { readScalar } from './read-scalar.ts';
import { readXml } from './read-xml.ts';
import {
  actualType,
  anyType,
  canBe,
  isElement,
  isNil,
  isNullable,
  type Marks,
  marksOf,
  NO_MARKS,
  otherType,
  passNull,
  type Whole,
} from './read-marks.ts';

/** Reads parameters and results as DataContractSerializer does. */
export class ValueReader {
  readonly xml: BinaryXmlReader;
  /** What was passed over in the message. */
  unknown: UnknownPart[] | undefined;
  /** Objects of the message by their `z:Id`, for references to them. */
  readonly #objects = new Map<string, { readonly object: object; readonly type: ObjectShape }>();

  constructor(xml: BinaryXmlReader) {
    this.xml = xml;
  }

  /** Begins a message. */
  reset(): void {
    this.unknown = undefined;
    if (this.#objects.size > 0) this.#objects.clear();
  }

  /**
   * Reads the members of the element at which the reader stands, to its end: parameters of a wrapper,
   * or fields of a data contract.
   *
   * As in .NET, they must come in order: one that is unknown or out of order is passed over, and a missing one
   * is as `absent` says.
   *
   * @param placeOf what a message calls a member, such as `.x`
   * @param of their type, or what they are
   * @returns the values, in the order of `members`
   * @throws {Mismatch} for a value that is not of its type
   */
  members(members: readonly Field[], placeOf: (member: Field) => string, of: Whole): unknown[] {
    this.xml.read();
    return this.siblings(members, placeOf, of);
  }

  /** The same where the reader stands at the first node inside, or at the element's end. */
  siblings(members: readonly Field[], placeOf: (member: Field) => string, of: Whole): unknown[] {
    const { xml } = this;
    // The first push gives an array room for 17 elements, which would have to be filled and collected.
    // oxlint-disable-next-line no-new-array
    const values = new Array<unknown>(members.length);
    let due = 0;
    for (; xml.kind !== 'end'; xml.read()) {
      if (!isElement(xml, of)) continue;
      const found = indexOf(members, xml, due);
      const member = members[found];
      if (member === undefined) {
        this.pass(of, members);
        continue;
      }
      addAbsent(values, members, due, found, placeOf);
      try {
        values[found] = this.#member(member);
      } catch (caught) {
        throw within(placeOf(member), caught);
      }
      due = found + 1;
    }
    addAbsent(values, members, due, members.length, placeOf);
    return values;
  }

  /** The only member of an element, to the element's end. @throws {Mismatch} also when it is missing */
  result(due: Field): unknown {
    const { xml } = this;
    const { name, namespace, type } = due;
    let [isThere, value]: [boolean, unknown] = [false, undefined];
    while (xml.read() !== 'end') {
      if (!isElement(xml, 'result')) continue;
      if (isThere || xml.name !== name || xml.namespace !== namespace) {
        this.pass('result', [due]);
        continue;
      }
      isThere = true;
      value = this.value(type);
    }
    // A peer that is not .NET may leave out what is null.
    if (!isThere && type.kind === 'nillable') return null;
    if (!isThere) throw new Mismatch(`is missing: there is no element ${name}`);
    return value;
  }

  /** Passes over the element at which the reader stands, and keeps that. @param of that has no place for it */
  pass(of: Whole, members: readonly Field[]): void {
    const { name } = this.xml;
    const isMisplaced = members.some((one) => one.name === name);
    this.keep(of, name, isMisplaced);
    this.xml.skip();
  }

  keep(of: Whole | ValueType, name: string, isMisplaced: boolean): void {
    const [what, type] = typeof of === 'string' ? [of] : (['member', typeName(of).name] as const);
    const part = { what, name: untrusted(name), of: type, isMisplaced };
    this.unknown = withUnknown(this.unknown, part);
  }

  /** Reads the element at which the reader stands, to its end. @throws {Mismatch} for another type */
  value(type: ValueType): unknown {
    const { xml } = this;
    if (xml.attributes.count === 0) return this.#content(type, NO_MARKS);
    if (isNil(xml)) {
      if (!isNullable(type)) throw mismatch(type, null);
      passNull(this, type);
      return type.kind === 'void' ? undefined : null;
    }
    const reference = xml.attributes.find(SERIALIZATION, 'Ref');
    if (reference !== undefined) return this.#referred(type, reference);
    return this.#content(type, marksOf(xml));
  }

  /** Nil for an optional member whose type has no null means that the member is left out. */
  #member({ type, presence }: Field): unknown {
    if (presence === 'optional' && !isNullable(type) && isNil(this.xml)) {
      passNull(this, type);
      return undefined;
    }
    return this.value(type);
  }

  #content(type: ValueType, marks: Marks): unknown {
    if (type.kind === 'nillable' || type.kind === 'lazy') return this.#content(type.of, marks);
    if (type.kind === 'known') {
      const actual = actualType(type, marks.type);
      return this.#object(actual, marks.id, { $type: actual.name });
    }
    if (type.kind === 'any') {
      const actual = anyType(type, marks.type);
      if (actual.kind !== 'object') return received(actual, this.#content(actual, NO_MARKS));
      return this.#object(actual, marks.id, { $type: actual.name });
    }
    // Members of a type that is not the contract's would be lost.
    if (marks.type !== undefined && !isNamed(type, marks.type)) throw otherType(type, marks.type);
    switch (type.kind) {
      case 'array':
        return this.#items(type, () => this.value(type.of));
      case 'dictionary':
        return this.#entries(type);
      case 'object':
        return this.#object(type, marks.id);
      case 'enumeration':
        return checkEnumeration(type, readScalar(this.xml, 'string'));
      case 'flags':
        return parseFlags(type, String(readScalar(this.xml, 'string')));
      case 'void':
        this.xml.skip();
        return undefined;
      case 'xml':
        return readXml(this.xml, (stray) => this.keep(type, stray, false));
      case 'dateTimeOffset':
      case 'version': {
        const { members, fromMembers } = SYSTEM_TYPES[type.kind];
        return check(type.kind, fromMembers(this.#object(members)));
      }
      default:
        return readScalar(this.xml, type.kind);
    }
  }

  /** @param object to be filled; it is registered first, so that its own members can refer to it */
  #object(
    type: ObjectShape,
    id?: string,
    object: Record<string, unknown> = {},
  ): Record<string, unknown> {
    if (id !== undefined && type.isReference) this.#objects.set(id, { object, type });
    const values = this.members(type.fields, ({ name }) => `.${name}`, type);
    return Object.assign(object, toObject(type.fields, values));
  }

  /** An object that came before. */
  #referred(type: ValueType, id: string): object {
    const found = this.#objects.get(id);
    if (found === undefined || !canBe(type, found.type)) {
      throw mismatchOf(type, 'a reference to an object elsewhere in the message');
    }
    this.xml.skip();
    return found.object;
  }

  #items(type: ArrayShape | DictionaryShape, readItem: () => unknown): unknown[] {
    const { xml } = this;
    const { name } = itemName(type);
    const items: unknown[] = [];
    while (xml.read() !== 'end') {
      if (!isElement(xml, type)) continue;
      try {
        // Serializers differ in the namespace of nullable items; the name is enough.
        if (xml.name !== name) {
          throw new Mismatch(`must be an element ${name}, not ${printable(xml.name, 64)}`);
        }
        items.push(readItem());
      } catch (caught) {
        throw within(`[${items.length}]`, caught);
      }
    }
    return items;
  }

  /** A key that comes twice is refused, as in .NET: one of the two values would be lost. */
  #entries(type: DictionaryShape): Map<unknown, unknown> {
    const entries = new Map<unknown, unknown>();
    const fields = entryFields(type);
    this.#items(type, () => {
      const [key, value] = this.members(fields, ({ name }) => `.${name}`, type);
      addEntry(entries, key, value, fields[0].name);
    });
    return entries;
  }
}
