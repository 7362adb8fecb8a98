/**
 * The types that a contract's parameters and results can have. One definition gives both a value, which
 * encodings read, and a TypeScript type, against which callers and implementations are checked.
 */
export { any, type AnyScalar, Typed, typed } from './any.ts';
export * from './compound-types.ts';
export { keyValuePair, tuple } from './generic-types.ts';
export * from './known-types.ts';
export * from './scalar-types.ts';
export { attribute, element, elements, text } from './xml-members.ts';
import type { ScalarKind } from './scalar-types.ts';

/**
 * Whether a message must have a member. A missing one gets .NET's default (`default`), is `undefined`
 * (`optional`, which is also not written while it is `undefined`), or is an error (`required`).
 */
export type Presence = 'default' | 'optional' | 'required';

/** A named part of a message: a parameter or result, or a member of an object. */
export interface Field {
  readonly name: string;
  readonly namespace: string;
  readonly type: ValueType;
  readonly presence: Presence;
  readonly xml?: XmlPlace | undefined;
}

/** Where XmlSerializer has a member, if that is no element of the member's name in its class's namespace. */
export interface XmlPlace {
  readonly node: 'element' | 'attribute' | 'text';
  readonly name?: string | undefined;
  /** `''`: none, as an unqualified element has. */
  readonly namespace?: string | undefined;
  /** The items of an array have no element around them. */
  readonly isFlat?: boolean;
  /** Null is an element that says so, not one that is left out. */
  readonly nil?: boolean | undefined;
}

/** A type and its presence, as {@link object} takes them for a member. */
export interface Member<T = unknown, P extends Presence = Presence> {
  readonly of: ValueType<T>;
  readonly presence: P;
  readonly xml?: XmlPlace;
}

/** The run-time form of a type. `T` is what it holds in TypeScript and exists at compile time only. */
export type ValueType<T = unknown> = ValueTypeShape & { readonly ofType?: T };

/** A type at run time only: what encodings switch on. */
type ValueTypeShape =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'void' }
  | { readonly kind: 'xml' }
  | { readonly kind: 'nillable'; readonly of: ValueType }
  | ArrayShape
  | DictionaryShape
  | EnumerationShape
  | FlagsShape
  | KnownShape
  | AnyShape
  | { readonly kind: 'lazy'; readonly of: ValueType }
  | ObjectShape;

/** Names that .NET would not choose by itself: those of a `[CollectionDataContract]`. */
export interface CollectionNames {
  /** Data contract name, such as `Tags`. */
  readonly name?: string;
  readonly namespace?: string;
  /** Element of an item, such as `Tag`. */
  readonly item?: string;
}

/** The same for a dictionary, whose items have two elements. */
export interface DictionaryNames extends CollectionNames {
  /** Default: `Key`. */
  readonly key?: string;
  /** Default: `Value`. */
  readonly value?: string;
}

export interface ArrayShape {
  readonly kind: 'array';
  readonly of: ValueType;
  readonly names: CollectionNames;
}

export interface DictionaryShape {
  readonly kind: 'dictionary';
  readonly key: ValueType;
  readonly value: ValueType;
  readonly names: DictionaryNames;
}

export interface EnumerationShape {
  readonly kind: 'enumeration';
  readonly name: string;
  readonly namespace: string;
  readonly values: readonly string[];
}

export interface FlagsShape {
  readonly kind: 'flags';
  readonly name: string;
  readonly namespace: string;
  /** Name and bits of each, in the order in which .NET has them. */
  readonly values: readonly (readonly [name: string, bits: number])[];
}

export interface ObjectShape {
  readonly kind: 'object';
  /** Data contract name; arrays and `xsi:type` use it. */
  readonly name: string;
  readonly namespace: string;
  /** Members in data contract order, which SOAP peers insist on: alphabetical unless ordered. */
  readonly fields: readonly Field[];
  /** The class that it derives from: its members come first. */
  readonly base: ObjectShape | undefined;
  /** No value is of this type itself, only of those that derive from it. */
  readonly isAbstract: boolean;
  /** An object is written once; where it comes again, a reference to it is written. */
  readonly isReference: boolean;
}

export interface KnownShape {
  readonly kind: 'known';
  /** The class that the contract names. */
  readonly of: ObjectShape;
  /** The classes that a value can be of; no two have the same name. */
  readonly types: readonly ObjectShape[];
}

/** A type with a data contract name of its own, which a value can say that it is of. */
export type NamedShape = ArrayShape | DictionaryShape | EnumerationShape | FlagsShape | ObjectShape;

export interface AnyShape {
  readonly kind: 'any';
  /** What it can be beside scalars; no two have the same name. */
  readonly types: readonly NamedShape[];
}

/** What a value of the type is in TypeScript: `TypeOf<typeof int>` is `number`. */
export type TypeOf<V> = V extends { readonly ofType?: infer T } ? T : never;
