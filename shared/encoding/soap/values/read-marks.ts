import { Mismatch, mismatchOf } from '../../../contract/types/mismatch.ts';
import {
  isNamed,
  type QName,
  scalarNamed,
  SERIALIZATION,
  XSI,
} from '../../../contract/types/type-names.ts';
import type {
  AnyShape,
  DictionaryShape,
  KnownShape,
  ObjectShape,
  ValueType,
} from '../../../contract/types/types.ts';
import { printable } from '../../../printable.ts';
import type { BinaryXmlReader } from '../../binary-xml/reader.ts';
import type { UnknownPart } from '../../unknown.ts';
import { isText, TEXT } from '../elements.ts';

/** What has members: an object, an entry of a dictionary, or the wrapper of a message. */
export type Whole = ObjectShape | DictionaryShape | Exclude<UnknownPart['what'], 'member'>;

/** What the attributes of an element say of its value. */
export interface Marks {
  /** `i:type` */
  readonly type?: QName | undefined;
  /** `z:Id` */
  readonly id?: string | undefined;
}

export const NO_MARKS: Marks = {};

export function marksOf({ attributes, namespaces }: BinaryXmlReader): Marks {
  const said = attributes.find(XSI, 'type');
  return {
    type: said === undefined ? undefined : qnameOf(said, (prefix) => namespaces.find(prefix)),
    id: attributes.find(SERIALIZATION, 'Id'),
  };
}

/**
 * Whether the reader is at an element; white space and comments may be among them.
 *
 * @param of what holds nothing but elements
 * @throws {Mismatch} for text, which .NET refuses, too: it would be lost
 */
export function isElement(xml: BinaryXmlReader, of: Whole | ValueType): boolean {
  if (xml.kind === 'element') return true;
  if (!isText(xml)) return false;
  throw typeof of === 'object' ? mismatchOf(of, 'text') : new Mismatch('has text beside elements');
}

export function isNil({ attributes }: BinaryXmlReader): boolean {
  const nil = attributes.find(XSI, 'nil');
  return nil === 'true' || nil === '1';
}

/** Passes over an element that says it is null; what it holds all the same is kept. */
export function passNull(
  values: {
    readonly xml: BinaryXmlReader;
    keep(of: ValueType, name: string, isMisplaced: boolean): void;
  },
  type: ValueType,
): void {
  const { xml } = values;
  while (xml.read() !== 'end') {
    if (xml.kind === 'element') {
      values.keep(type, xml.name, false);
      xml.skip();
    } else if (isText(xml)) values.keep(type, TEXT, false);
  }
}

export function isNullable(type: ValueType): boolean {
  return type.kind === 'lazy'
    ? isNullable(type.of)
    : type.kind === 'nillable' || type.kind === 'void' || type.kind === 'any';
}

/** The class of an object that may be of several. @param said its `i:type`; default: the contract's class */
export function actualType(type: KnownShape, said: QName | undefined): ObjectShape {
  const found = type.types.find((one) =>
    said === undefined ? one === type.of : isNamed(one, said),
  );
  if (found !== undefined) return found;
  throw said === undefined
    ? mismatchOf(type, 'one that does not say its type')
    : otherType(type, said);
}

export function otherType(type: ValueType, { name, namespace }: QName): Mismatch {
  return mismatchOf(type, `one of the type ${printable(`{${namespace}}${name}`, 200)}`);
}

/** The type that a value of `any` says it is of. */
export function anyType(type: AnyShape, said: QName | undefined): ValueType {
  if (said === undefined) throw mismatchOf(type, 'one that does not say its type');
  const kind = scalarNamed(said);
  if (kind !== undefined) return { kind };
  const found = type.types.find((one) => isNamed(one, said));
  if (found === undefined) throw otherType(type, said);
  return found;
}

/** Whether a value of a type can be an object of that class. */
export function canBe(type: ValueType, actual: ObjectShape): boolean {
  if (type.kind === 'nillable' || type.kind === 'lazy') return canBe(type.of, actual);
  return type.kind === 'known' || type.kind === 'any'
    ? (type.types as readonly ValueType[]).includes(actual)
    : type === (actual as ValueType);
}

/** A name in text. @param namespaceOf the namespace of a prefix there; the prefix `''` is none */
export function qnameOf(text: string, namespaceOf: (prefix: string) => string | undefined): QName {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const prefix = trimmed.slice(0, Math.max(0, colon));
  return { name: trimmed.slice(colon + 1), namespace: namespaceOf(prefix) ?? '' };
}
