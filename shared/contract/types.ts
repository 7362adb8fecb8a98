/**
 * The types a contract's parameters and results can have. Each is a value (encodings read it) and
 * a TypeScript type (callers and implementations are checked against it); the two are written once.
 */
export * from './compound-types.ts';
export * from './scalar-types.ts';
import type { ScalarKind } from './scalar-types.ts';

/**
 * Whether a message must have a member. Without a word about it, one that is missing has .NET's default;
 * an `optional` one is `undefined` then, and is not written where it is; a `required` one is an error.
 */
export type Presence = 'default' | 'optional' | 'required';

/** What a message has by a name: a parameter, a member of an object. */
export interface Field {
  readonly name: string;
  readonly namespace: string;
  readonly type: ValueType;
  readonly presence: Presence;
}

/** A type with a word about its presence, as {@link object} takes it for a member. */
export interface Member<T = unknown, P extends Presence = Presence> {
  readonly of: ValueType<T>;
  readonly presence: P;
}

/** The run-time form of a type. `T` is what it holds in TypeScript and exists at compile time only. */
export type ValueType<T = unknown> = ValueTypeShape & { readonly ofType?: T };

/** A type without what it holds in TypeScript: what encodings switch on. */
export type ValueTypeShape =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'void' }
  | { readonly kind: 'nillable'; readonly of: ValueType }
  | ArrayShape
  | DictionaryShape
  | EnumerationShape
  | FlagsShape
  | KnownShape
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

/** The same of a dictionary, whose items have two elements. */
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
  /** Members in data contract order, which [MC-NBFX] peers insist on: alphabetical unless ordered. */
  readonly fields: readonly Field[];
  /** The class that it derives from: its members come first. */
  readonly base: ObjectShape | undefined;
  /** No value is of this type itself, only of those that derive from it. */
  readonly isAbstract: boolean;
  /** Objects are written once; where one comes again there is a reference to it. */
  readonly isReference: boolean;
}

export interface KnownShape {
  readonly kind: 'known';
  /** What the contract says that it is. */
  readonly of: ObjectShape;
  /** What it can be: no two have the same name. */
  readonly types: readonly ObjectShape[];
}

/** What a value of the type is in TypeScript: `TypeOf<typeof int>` is `number`. */
export type TypeOf<V> = V extends { readonly ofType?: infer T } ? T : never;
