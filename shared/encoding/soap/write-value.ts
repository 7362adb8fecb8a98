import { isLeftOut } from '../../contract/defaults.ts';
import { within } from '../../contract/mismatch.ts';
import { SYSTEM_TYPES } from '../../contract/system-types.ts';
import {
  contentNamespace,
  entryFields,
  itemName,
  type QName,
  SERIALIZATION,
  typeName,
} from '../../contract/type-names.ts';
import type {
  ArrayShape,
  DictionaryShape,
  Field,
  FlagsShape,
  ObjectShape,
  ValueType,
} from '../../contract/types.ts';
import {
  checkArray,
  checkEnumeration,
  checkFlags,
  checkMap,
  checkObject,
  checkType,
  namesOfFlags,
} from '../../contract/values.ts';
import type { WireNames } from '../binary-xml/session-strings.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../binary-xml/writer.ts';
import { WrittenObjects } from '../written-objects.ts';
import { isPlain, PACKED_ITEMS, writePacked, writeScalar, writeText } from './write-scalar.ts';
import { XSI } from './vocabulary.ts';

type Declared = { readonly prefix: string; readonly namespace: string };
/** What an element is: .NET declares more namespaces at the outermost one, and fewer at an item. */
type Place = 'part' | 'member' | 'item';

const PREFIXES = 'abcdefghijklmnopqrstuvwxyz';
/** Prefixes that the envelope has taken. */
const ENVELOPE: readonly Declared[] = [
  { prefix: 's', namespace: '' },
  { prefix: 'a', namespace: '' },
];

/** Writes parameters and results as DataContractSerializer does, namespace declarations included. */
export class ValueWriter {
  readonly #writer: BinaryXmlWriter;
  readonly #names: WireNames;
  /** Declarations in force, outermost first. */
  readonly #declared: Declared[] = [...ENVELOPE];
  /** Those of them that have been written; the others belong to the element that was begun last. */
  #written = 0;
  readonly #limits: { readonly maxDepth: number };
  /** Of the part that is being written, once it has objects for which that matters. */
  #objects: WrittenObjects | undefined;

  constructor(writer: BinaryXmlWriter, names: WireNames, limits: { readonly maxDepth: number }) {
    this.#writer = writer;
    this.#names = names;
    this.#limits = limits;
  }

  /**
   * Writes one parameter or result, an element in the default namespace, which is the member's.
   *
   * @throws {Mismatch} that says where in the value something is not of its type
   */
  part({ namespace, name, type }: Field, value: unknown): void {
    this.#element('', name);
    this.#part(namespace, type, value);
  }

  /** The same for an element that brings its default namespace with it, as a fault's detail does. */
  root(namespace: string, name: string, type: ValueType, value: unknown): void {
    this.#element('', name);
    this.#writer.xmlns('', this.#names.of(namespace));
    this.#part(namespace, type, value);
  }

  #part(namespace: string, type: ValueType, value: unknown): void {
    if (isPlain(type)) return writeScalar(this.#writer, type.kind, value);
    this.#declared.length = ENVELOPE.length;
    this.#declared.push({ prefix: '', namespace });
    this.#written = this.#declared.length;
    this.#objects = undefined;
    this.#content(type, value, 'part');
    this.#objects = undefined;
  }

  #element(prefix: string, name: string): void {
    this.#writer.element(prefix, this.#names.of(name));
  }

  /** From behind the name of an element to its end. */
  #content(type: ValueType, value: unknown, place: Place): void {
    const outside = this.#declared.length;
    switch (type.kind) {
      case 'nillable':
        if (value === null || value === undefined) this.#nil(type.of, place);
        else this.#content(type.of, value, place);
        break;
      case 'array':
        this.#array(type, value, place);
        break;
      case 'dictionary':
        this.#dictionary(type, value, place);
        break;
      case 'lazy':
        this.#writtenObjects().nested(() => this.#content(type.of, value, place));
        break;
      case 'known': {
        const members = checkObject(type, value);
        this.#object(checkType(type, members['$type']), members, place, type.of);
        break;
      }
      case 'object':
        this.#object(type, checkObject(type, value), place);
        break;
      case 'enumeration':
        this.#flush();
        writeText(this.#writer, checkEnumeration(type, value));
        break;
      case 'flags':
        this.#flags(type, value);
        break;
      case 'void':
        this.#flush();
        this.#writer.endElement();
        break;
      case 'dateTimeOffset':
      case 'version': {
        const { members, toMembers } = SYSTEM_TYPES[type.kind];
        this.#object(members, toMembers(value), place);
        break;
      }
      default:
        this.#flush();
        writeScalar(this.#writer, type.kind, value);
    }
    this.#declared.length = outside;
    this.#written = Math.min(this.#written, outside);
  }

  #nil(of: ValueType, place: Place): void {
    this.#declareContent(of, place);
    this.#attribute('i', 'nil');
    this.#writer.boolean(true, OPEN);
    this.#flush();
    this.#writer.endElement();
  }

  #array(type: ArrayShape, value: unknown, place: Place): void {
    const items = checkArray(type, value);
    const { of } = type;
    const writer = this.#writer;
    const { name, namespace } = itemName(type);
    this.#declareContent(type, place);
    const prefix = this.#declare(namespace);
    this.#flush();
    // .NET packs arrays, and no other collections.
    const packed = type.names.item === undefined ? PACKED_ITEMS.get(of.kind) : undefined;
    if (packed !== undefined && items.length > 0) {
      writer.array(prefix, name);
      writer.arrayItems(packed, items.length);
    }
    for (const [index, item] of items.entries()) {
      try {
        if (packed !== undefined) writePacked(writer, packed, item);
        else {
          this.#element(prefix, name);
          this.#content(of, item, 'item');
        }
      } catch (error) {
        throw within(`[${index}]`, error);
      }
    }
    writer.endElement();
  }

  #dictionary(type: DictionaryShape, value: unknown, place: Place): void {
    const entries = checkMap(type, value);
    const { name, namespace } = itemName(type);
    this.#declareContent(type, place);
    const prefix = this.#declare(namespace);
    this.#flush();
    let index = 0;
    for (const entry of entries) {
      this.#element(prefix, name);
      for (const [part, field] of entryFields(type).entries()) {
        try {
          this.#member(field, entry[part]);
        } catch (error) {
          throw within(`[${index}].${field.name}`, error);
        }
      }
      this.#writer.endElement();
      index += 1;
    }
    this.#writer.endElement();
  }

  /** @param due what the contract says that it is, where that may be a class from which its own derives */
  #object(
    type: ObjectShape,
    members: Readonly<Record<string, unknown>>,
    place: Place,
    due: ObjectShape = type,
  ): void {
    this.#declareContent(due, place);
    const id = type.isReference ? this.#writtenObjects().idOf(members) : 0;
    if (id !== 0) this.#reference(id);
    if (id <= 0) {
      if (type !== due) this.#type(typeName(type));
      this.#flush();
      this.#members(type.fields, members);
    } else this.#flush();
    this.#writer.endElement();
  }

  #members(fields: readonly Field[], members: Readonly<Record<string, unknown>>): void {
    for (const field of fields) {
      if (isLeftOut(field, members)) continue;
      try {
        this.#member(field, members[field.name]);
      } catch (error) {
        throw within(`.${field.name}`, error);
      }
    }
  }

  /** `z:Id` where an object comes for the first time, which a negative number says, else `z:Ref`. */
  #reference(id: number): void {
    this.#attribute('z', id < 0 ? 'Id' : 'Ref');
    this.#writer.text(`i${Math.abs(id)}`, OPEN);
    if (this.#prefixOf(SERIALIZATION) === undefined) {
      this.#declared.push({ prefix: 'z', namespace: SERIALIZATION });
    }
  }

  /** `i:type` */
  #type({ name, namespace }: QName): void {
    const prefix = this.#declare(namespace);
    this.#attribute('i', 'type');
    const wireName = this.#names.of(name);
    if (typeof wireName === 'string') {
      this.#writer.text(prefix === '' ? name : `${prefix}:${name}`, OPEN);
    } else if (prefix === '') this.#writer.dictionaryText(wireName, OPEN);
    else this.#writer.qname(prefix, wireName, OPEN);
  }

  #writtenObjects(): WrittenObjects {
    return (this.#objects ??= new WrittenObjects(this.#limits));
  }

  /** A member whose namespace has no prefix (that of a base class elsewhere) brings it as the default. */
  #member({ name, namespace, type }: Field, value: unknown): void {
    const outside = this.#declared.length;
    const prefix = this.#prefixOf(namespace);
    this.#element(prefix ?? '', name);
    if (prefix === undefined) this.#declared.push({ prefix: '', namespace });
    this.#content(type, value, 'member');
    this.#declared.length = outside;
    this.#written = Math.min(this.#written, outside);
  }

  /** In several records: that is how .NET does it. */
  #flags(type: FlagsShape, value: unknown): void {
    const names = namesOfFlags(type, checkFlags(type, value)) ?? [];
    this.#flush();
    for (const [index, name] of names.entries()) {
      if (index > 0) this.#writer.text(' ', OPEN);
      this.#writer.text(name, index === names.length - 1 ? END : OPEN);
    }
    if (names.length === 0) this.#writer.endElement();
  }

  /** Declares what .NET declares at the element of a value of that type. */
  #declareContent(type: ValueType, place: Place): void {
    const namespace = place === 'item' ? undefined : contentNamespace(type);
    if (namespace !== undefined) this.#declare(namespace);
    if (place === 'part') this.#declared.push({ prefix: 'i', namespace: XSI });
  }

  /** The prefix for a namespace; it is declared at this element unless it is in force already. */
  #declare(namespace: string): string {
    const known = this.#prefixOf(namespace);
    if (known !== undefined) return known;
    const prefix = this.#freePrefix();
    this.#declared.push({ prefix, namespace });
    return prefix;
  }

  /** Innermost first, as a prefix can be declared anew. */
  #prefixOf(namespace: string): string | undefined {
    for (let index = this.#declared.length - 1; index >= 0; index--) {
      const found = this.#declared[index] as Declared;
      if (found.namespace === namespace && this.#isInForce(found, index)) return found.prefix;
    }
    return undefined;
  }

  #isInForce({ prefix }: Declared, at: number): boolean {
    for (let index = at + 1; index < this.#declared.length; index++) {
      if (this.#declared[index]?.prefix === prefix) return false;
    }
    return true;
  }

  #freePrefix(): string {
    for (const letter of PREFIXES) {
      if (letter !== 'i' && !this.#declared.some(({ prefix }) => prefix === letter)) return letter;
    }
    return `p${this.#declared.length}`;
  }

  #attribute(prefix: string, name: string): void {
    this.#writer.attribute(prefix, this.#names.of(name));
  }

  /** Writes the declarations of the element that was begun last, behind its attributes. */
  #flush(): void {
    while (this.#written < this.#declared.length) {
      const { prefix, namespace } = this.#declared[this.#written++] as Declared;
      this.#writer.xmlns(prefix, this.#names.of(namespace));
    }
  }
}
