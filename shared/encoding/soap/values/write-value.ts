import { isLeftOut } from '../../../contract/types/defaults.ts';
import { changed, within } from '../../../contract/types/mismatch.ts';
import { SYSTEM_TYPES } from '../../../contract/types/system-types.ts';
import { entryFields, itemName, typeName, XSI } from '../../../contract/types/type-names.ts';
import { typeOfAny } from '../../../contract/types/any.ts';
import type {
  AnyShape,
  ArrayShape,
  DictionaryShape,
  Field,
  ObjectShape,
  ValueType,
} from '../../../contract/types/types.ts';
import {
  checkArray,
  checkEnumeration,
  checkMap,
  checkObject,
  checkType,
} from '../../../contract/types/values.ts';
import { ElementWriter, type Place } from './element-writer.ts';
import {
  isPlain,
  PACKED_ITEMS,
  writePacked,
  writeFlags,
  writeScalar,
  writeText,
} from './write-scalar.ts';
import { writeXml } from './write-xml.ts';
import { writeReferenceMark, writeTypeMark } from './write-marks.ts';

/** Writes parameters and results as DataContractSerializer does, namespace declarations included. */
export class ValueWriter extends ElementWriter {
  /**
   * Writes one parameter or result, an element in the default namespace, which is the field's.
   *
   * @throws {Mismatch} that says where in the value something is not of its type
   */
  part({ namespace, name, type }: Field, value: unknown): void {
    this.element('', name);
    this.inside(namespace, type, value);
  }

  /** The same for an element that brings its default namespace with it, as a fault's detail does. */
  root(namespace: string, name: string, type: ValueType, value: unknown): void {
    this.element('', name);
    this.writer.xmlns('', this.names.of(namespace));
    this.inside(namespace, type, value);
  }

  /** Writes the rest of an element that has its name and its default namespace. */
  inside(namespace: string, type: ValueType, value: unknown): void {
    if (isPlain(type)) return writeScalar(this.writer, type.kind, value);
    this.prefixes.reset(namespace);
    this.objects = undefined;
    this.#content(type, value, 'part');
    this.objects = undefined;
  }

  /** The same for one with a prefix, and no default namespace, as the headers of messages are. */
  prefixed(prefix: string, namespace: string, type: ValueType, value: unknown): void {
    this.prefixes.reset('');
    this.prefixes.add(prefix, namespace);
    this.objects = undefined;
    if (isPlain(type)) {
      this.prefixes.flush();
      return writeScalar(this.writer, type.kind, value);
    }
    this.#content(type, value, 'part');
    this.objects = undefined;
  }

  /** Writes an element from after its name to its end. */
  #content(type: ValueType, value: unknown, place: Place): void {
    const outside = this.prefixes.count;
    switch (type.kind) {
      case 'nillable':
        if (value === null || value === undefined) this.writeNil(type.of, place);
        else this.#content(type.of, value, place);
        break;
      case 'array':
        this.#array(type, value, place);
        break;
      case 'dictionary':
        this.#dictionary(type, value, place);
        break;
      case 'lazy':
        this.writtenObjects().nested(() => this.#content(type.of, value, place));
        break;
      case 'known': {
        const members = checkObject(type, value);
        this.#object(checkType(type, members['$type']), members, place, type.of);
        break;
      }
      case 'any':
        this.#any(type, value, place);
        break;
      case 'object':
        this.#object(type, checkObject(type, value), place);
        break;
      case 'enumeration':
        this.prefixes.flush();
        writeText(this.writer, checkEnumeration(type, value));
        break;
      case 'flags':
        this.prefixes.flush();
        writeFlags(this.writer, type, value);
        break;
      case 'void':
        this.prefixes.flush();
        this.writer.endElement();
        break;
      case 'xml':
        this.prefixes.flush();
        writeXml(this.writer, this.prefixes.namespaceOf(''), value, this.limits);
        break;
      case 'dateTimeOffset':
      case 'version': {
        const { members, toMembers } = SYSTEM_TYPES[type.kind];
        this.#object(members, toMembers(value), place);
        break;
      }
      default:
        this.prefixes.flush();
        writeScalar(this.writer, type.kind, value);
    }
    this.prefixes.leave(outside);
  }

  /** The type's namespace is declared before that of the mark. */
  #any(type: AnyShape, value: unknown, place: Place): void {
    if (value === null || value === undefined) return this.writeNil(type, place);
    const [actual, its] = typeOfAny(type, value);
    writeTypeMark(this.writer, this.names, this.prefixes, typeName(actual));
    if (place === 'part') this.prefixes.add('i', XSI);
    this.#content(actual, its, 'item');
  }

  #array(type: ArrayShape, value: unknown, place: Place): void {
    const items = checkArray(type, value);
    const count = items.length;
    const [{ of }, writer] = [type, this.writer];
    const { name, namespace } = itemName(type);
    this.declareContent(type, place);
    const prefix = this.prefixes.declare(namespace);
    this.prefixes.flush();
    // .NET packs arrays, and no other collections.
    const packed = type.names.item === undefined ? PACKED_ITEMS.get(of.kind) : undefined;
    if (packed !== undefined && count > 0) {
      writer.array(prefix, name);
      writer.arrayItems(packed, count);
    }
    for (const [index, item] of items.entries()) {
      try {
        if (packed !== undefined) writePacked(writer, packed, item);
        else {
          this.element(prefix, name);
          this.#content(of, item, 'item');
        }
      } catch (error) {
        throw within(`[${index}]`, error);
      }
      if (items.length !== count) throw changed(count, items.length);
    }
    writer.endElement();
  }

  #dictionary(type: DictionaryShape, value: unknown, place: Place): void {
    const entries = checkMap(type, value);
    const count = entries.size;
    const { name, namespace } = itemName(type);
    this.declareContent(type, place);
    const prefix = this.prefixes.declare(namespace);
    this.prefixes.flush();
    let index = 0;
    for (const entry of entries) {
      this.element(prefix, name);
      for (const [part, field] of entryFields(type).entries()) {
        try {
          this.#member(field, entry[part]);
        } catch (error) {
          throw within(`[${index}].${field.name}`, error);
        }
        if (entries.size !== count) throw changed(count, entries.size);
      }
      this.writer.endElement();
      index += 1;
    }
    this.writer.endElement();
  }

  /** @param due the class that the contract names, if the object's own derives from it */
  #object(
    type: ObjectShape,
    members: Readonly<Record<string, unknown>>,
    place: Place,
    due: ObjectShape = type,
  ): void {
    this.declareContent(due, place);
    const id = type.isReference ? this.writtenObjects().idOf(members) : 0;
    if (id !== 0) writeReferenceMark(this.writer, this.names, this.prefixes, id);
    if (id <= 0) {
      if (type !== due) writeTypeMark(this.writer, this.names, this.prefixes, typeName(type));
      this.prefixes.flush();
      this.#members(type.fields, members);
    } else this.prefixes.flush();
    this.writer.endElement();
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

  /** A member whose namespace has no prefix (a base class's, elsewhere) declares it as the default. */
  #member({ name, namespace, type }: Field, value: unknown): void {
    const outside = this.prefixes.count;
    const prefix = this.prefixes.find(namespace);
    this.element(prefix ?? '', name);
    if (prefix === undefined) this.prefixes.add('', namespace);
    this.#content(type, value, 'member');
    this.prefixes.leave(outside);
  }
}
