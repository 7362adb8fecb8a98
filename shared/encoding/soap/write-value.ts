import { within } from '../../contract/mismatch.ts';
import { itemName } from '../../contract/type-names.ts';
import type { ScalarKind, ValueType } from '../../contract/types.ts';
import { checkArray, checkObject } from '../../contract/values.ts';
import type { WireNames } from '../binary-xml/session-strings.ts';
import { OPEN } from '../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../binary-xml/writer.ts';
import { XSI } from './vocabulary.ts';
import { PACKED_ITEMS, writePacked, writeScalar } from './write-scalar.ts';

type ArrayType = Extract<ValueType, { readonly kind: 'array' }>;
type ObjectType = Extract<ValueType, { readonly kind: 'object' }>;
type Declared = { readonly prefix: string; readonly namespace: string };

/** Prefixes in the order in which .NET's writer takes them: a and s are SOAP's, i is xsi's. */
const PREFIXES = 'bcdefghjklmnopqrtuvwxyz';

/** Writes parameters and results as DataContractSerializer does, namespace declarations included. */
export class ValueWriter {
  readonly #writer: BinaryXmlWriter;
  readonly #names: WireNames;
  /** Declarations in force, outermost first. */
  readonly #declared: Declared[] = [];

  constructor(writer: BinaryXmlWriter, names: WireNames) {
    this.#writer = writer;
    this.#names = names;
  }

  /**
   * Writes one parameter or result, an element in the default namespace.
   *
   * @param namespace the default namespace in force
   * @throws {Mismatch} that says where in the value something is not of its type
   */
  part(namespace: string, name: string, type: ValueType, value: unknown): void {
    this.#element('', name);
    this.#value(namespace, type, value);
  }

  /** The same for an element that brings its default namespace with it, as a fault's detail does. */
  root(namespace: string, name: string, type: ValueType, value: unknown): void {
    this.#element('', name);
    this.#writer.xmlns('', this.#names.of(namespace));
    this.#value(namespace, type, value);
  }

  #value(namespace: string, type: ValueType, value: unknown): void {
    this.#declared.length = 0;
    if (isScalar(type)) return writeScalar(this.#writer, type.kind, value);
    this.#declared.push({ prefix: '', namespace });
    this.#content(type, value, true);
  }

  #element(prefix: string, name: string): void {
    this.#writer.element(prefix, this.#names.of(name));
  }

  #content(type: ValueType, value: unknown, isPart: boolean): void {
    const outside = this.#declared.length;
    switch (type.kind) {
      case 'nillable':
        if (value === null || value === undefined) this.#nil(type.of, isPart);
        else this.#content(type.of, value, isPart && !isScalar(type.of));
        break;
      case 'array':
        this.#array(type, value, isPart);
        break;
      case 'object':
        this.#object(type, value, isPart);
        break;
      case 'void':
        this.#writer.endElement();
        break;
      default:
        writeScalar(this.#writer, type.kind, value);
    }
    this.#declared.length = outside;
  }

  #nil(of: ValueType, isPart: boolean): void {
    const writer = this.#writer;
    writer.attribute('i', this.#names.of('nil'));
    writer.boolean(true, OPEN);
    if (isPart) {
      if (of.kind === 'object') this.#declare(of.namespace);
      if (of.kind === 'array') this.#declare(itemName(of.of).namespace);
      this.#declareXsi();
    }
    writer.endElement();
  }

  #array(type: ArrayType, value: unknown, isPart: boolean): void {
    const items = checkArray(type, value);
    const { of } = type;
    const writer = this.#writer;
    const { name, namespace } = itemName(of);
    const prefix = this.#declare(namespace);
    if (isPart) this.#declareXsi();
    const packed = PACKED_ITEMS.get(of.kind);
    if (packed !== undefined && items.length > 0) {
      writer.array(prefix, name);
      writer.arrayItems(packed, items.length);
    }
    for (const [index, item] of items.entries()) {
      try {
        if (packed !== undefined) writePacked(writer, packed, item);
        else {
          this.#element(prefix, name);
          this.#content(of, item, false);
        }
      } catch (error) {
        throw within(`[${index}]`, error);
      }
    }
    writer.endElement();
  }

  #object(type: ObjectType, value: unknown, isPart: boolean): void {
    const members = checkObject(type, value);
    const prefix = this.#declare(type.namespace);
    if (isPart) this.#declareXsi();
    for (const field of type.fields) {
      this.#element(prefix, field.name);
      try {
        this.#content(field.type, members[field.name], false);
      } catch (error) {
        throw within(`.${field.name}`, error);
      }
    }
    this.#writer.endElement();
  }

  /** The prefix for a namespace; it is declared here unless it is in force already. */
  #declare(namespace: string): string {
    const known = this.#declared.find((declared) => declared.namespace === namespace);
    if (known !== undefined) return known.prefix;
    const index = this.#declared.length - 1;
    const prefix = PREFIXES[index] ?? `p${index}`;
    this.#writer.xmlns(prefix, this.#names.of(namespace));
    this.#declared.push({ prefix, namespace });
    return prefix;
  }

  #declareXsi(): void {
    this.#writer.xmlns('i', this.#names.of(XSI));
  }
}

const COMPOUND: ReadonlySet<string> = new Set(['array', 'object', 'nillable', 'void']);

function isScalar(type: ValueType): type is Extract<ValueType, { kind: ScalarKind }> {
  return !COMPOUND.has(type.kind);
}
