import type { QName } from '../../contract/types/type-names.ts';
import * as types from '../../contract/types/types.ts';
import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { attributeKey, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { AnyClass } from './any-class.ts';
import { builtIn } from './built-in.ts';
import { CannotSay } from './cannot-say.ts';
import type { Component, Definitions, ReadField } from './definitions.ts';
import { Needs } from './needs.ts';

/** Classes deep that inheritance goes. */
const MAX_BASES = 64;

/**
 * Reads the types of schemas. Types refer to each other by `lazy`, so that it does not matter in which order they
 * are read, nor whether they contain themselves. What a definition means is the serializer's.
 */
export abstract class SchemaReader {
  protected readonly definitions: Definitions;
  /** By name: what it is, or why it cannot be said. */
  readonly #read = new Map<string, types.ValueType | CannotSay>();
  readonly #known = new Map<string, types.ValueType>();
  readonly #needs = new Needs();
  protected readonly any: AnyClass;

  constructor(definitions: Definitions) {
    this.definitions = definitions;
    this.any = new AnyClass(definitions);
  }

  /**
   * The fields that elements are.
   *
   * @param own the namespace that fields have unless they say another; default: that of the schema
   * @throws {CannotSay}
   */
  abstract fields(elements: readonly XmlElement[], root: XmlElement, own?: string): ReadField[];

  /** The type of an `xs:element`. @param name for errors @throws {CannotSay} */
  abstract typeOf(element: XmlElement, name: string, root: XmlElement): types.ValueType;

  /** The type that a definition is. @throws {CannotSay} */
  protected abstract define(component: Component): types.ValueType;

  /** The class that a definition is. @param bases how many classes derive from it here @throws {CannotSay} */
  protected abstract object(component: Component, bases: number): types.ObjectType;

  /**
   * Runs `read`, which may ask for fields, and then reads all the types that these need.
   *
   * @throws {CannotSay} if one of them cannot be said
   */
  complete<T>(read: () => T): T {
    const [result, needed] = this.#needs.noted(read);
    const unsaid = this.#readAll(needed);
    if (unsaid !== undefined) throw unsaid;
    for (const name of this.any.take()) this.any.add(this.#class(name));
    return result;
  }

  /** A type that only members of any class can be of; `undefined` for one that cannot be said. */
  #class(name: QName): types.ValueType | undefined {
    const [, needed] = this.#needs.noted(() => this.#needs.want(name));
    return this.#readAll(needed) === undefined ? this.#result(attributeKey(name)) : undefined;
  }

  /** @returns why one of these types, or of those that they need, cannot be said */
  #readAll(needed: Iterable<string>): CannotSay | undefined {
    for (let name = this.#needs.next(); name !== undefined; name = this.#needs.next()) {
      this.#readNow(name);
    }
    const read = [...this.#needs.all(needed)].map((key) => this.#read.get(key));
    return read.find((type) => type instanceof CannotSay);
  }

  /** The type of a name. @param user for errors: what needs it @throws {CannotSay} */
  protected named(name: QName | undefined, user: string): types.ValueType {
    if (name === undefined) throw new CannotSay(`${printable(user)} has no type`);
    const found = builtIn(name);
    if (found !== undefined) return found.kind === 'any' ? this.any.type : found;
    const key = attributeKey(name);
    const derived = this.definitions.derivedFrom(name);
    for (const each of [name, ...derived]) this.#needs.want(each);
    if (new Set([name, ...derived].map((each) => each.name)).size <= derived.length) {
      throw new CannotSay(`${shownName(name)} has two classes of one name`);
    }
    if (derived.length === 0) return types.lazy(() => this.#result(key));
    return types.lazy(() => this.#knownTypes(name, derived));
  }

  #readNow(name: QName): void {
    const key = attributeKey(name);
    if (this.#read.has(key)) return;
    this.#read.set(
      key,
      this.#needs.noting(key, () => this.#try(name)),
    );
  }

  #try(name: QName): types.ValueType | CannotSay {
    try {
      const component = this.definitions.find('type', name);
      if (component === undefined) throw new CannotSay(`${shownName(name)} is not described`);
      return this.define(component);
    } catch (error) {
      if (error instanceof CannotSay) {
        return new CannotSay(`${printable(name.name)}: ${error.message}`);
      }
      if (error instanceof NetTcpError) return new CannotSay(printable(error.message));
      throw error;
    }
  }

  /** A class that another derives from; it has to be read before. */
  protected base(name: QName, bases: number): types.ObjectType {
    const key = attributeKey(name);
    const known = this.#read.get(key);
    if (known instanceof CannotSay) throw known;
    if (known?.kind === 'object') return known;
    const component = this.definitions.find('type', name);
    if (component === undefined) throw new CannotSay(`${shownName(name)} is not described`);
    if (bases >= MAX_BASES) throw new CannotSay('it derives from itself, or from too many');
    this.#needs.want(name);
    const base = this.#needs.noting(key, () => this.object(component, bases + 1));
    this.#read.set(key, base);
    return base;
  }

  #result(key: string): types.ValueType {
    const read = this.#read.get(key);
    if (read === undefined || read instanceof CannotSay)
      throw read ?? new CannotSay('it is not read');
    return read;
  }

  #knownTypes(name: QName, derived: readonly QName[]): types.ValueType {
    const key = attributeKey(name);
    const made = this.#known.get(key);
    if (made !== undefined) return made;
    const [base, ...others] = [name, ...derived].map((each) => this.#result(attributeKey(each)));
    const known = types.known(base as types.ObjectType, others as types.ObjectType[]);
    this.#known.set(key, known);
    return known;
  }
}
