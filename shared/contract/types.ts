/**
 * The types a contract's parameters and results can have. Each is a value (encodings read it) and
 * a TypeScript type (callers and implementations are checked against it); the two are written once.
 */
export * from './scalar-types.ts';
import { NetTcpError } from '../errors.ts';
import { checkOptions, STRING } from '../options.ts';
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
}

/** What a value of the type is in TypeScript: `TypeOf<typeof int>` is `number`. */
export type TypeOf<V> = V extends { readonly ofType?: infer T } ? T : never;

/** Where .NET has the contracts of classes without a namespace of their own. */
const CLR_NAMESPACE = 'http://schemas.datacontract.org/2004/07/';

/** No result. */
export const nothing: ValueType<void> = { kind: 'void' };

/** The type, or `null`. */
export const nillable = <T>(of: ValueType<T>): ValueType<T | null> => ({ kind: 'nillable', of });

/**
 * Items of one type, in their order; a hole is `undefined`, which only a nillable item may be.
 *
 * @param names where a `[CollectionDataContract]` gives it others than .NET's own
 */
export function array<T>(of: ValueType<T>, names: CollectionNames = {}): ValueType<T[]> {
  checkOptions('types.array', names, COLLECTION_NAMES);
  return { kind: 'array', of, names };
}

/**
 * A .NET `Dictionary`, as a Map.
 *
 * @param key   no two entries have the same; best a text, a number or an enumeration: what a Map finds again
 * @param names where a `[CollectionDataContract]` gives it others than .NET's own
 */
export function dictionary<K, V>(
  key: ValueType<K>,
  value: ValueType<V>,
  names: DictionaryNames = {},
): ValueType<Map<K, V>> {
  checkOptions('types.dictionary', names, DICTIONARY_NAMES);
  return { kind: 'dictionary', key, value, names };
}

const COLLECTION_NAMES = { name: STRING, namespace: STRING, item: STRING };
const DICTIONARY_NAMES = { ...COLLECTION_NAMES, key: STRING, value: STRING };

/**
 * A .NET `enum`: one of a few texts. The first is .NET's default.
 *
 * @param values as they travel: the names of the members, or what `[EnumMember(Value = …)]` says
 */
export function enumeration<const V extends string>(
  name: string,
  values: readonly V[],
  namespace = CLR_NAMESPACE,
): ValueType<V> {
  return { kind: 'enumeration', name, namespace, values };
}

/**
 * A .NET `[Flags] enum`: a number, each bit of which has a name.
 *
 * @param values the bits of each name, 0 to 2^32 − 1, in the order in which .NET has them
 * @throws {NetTcpError} `Usage` for bits that are no such number
 */
export function flags(
  name: string,
  values: Readonly<Record<string, number>>,
  namespace = CLR_NAMESPACE,
): ValueType<number> {
  for (const [flag, bits] of Object.entries(values)) {
    if (bits >>> 0 === bits) continue;
    throw new NetTcpError('Usage', `${name}.${flag} must be 0 to 4294967295, not ${bits}`);
  }
  return { kind: 'flags', name, namespace, values: Object.entries(values) };
}

/** A member that may be left out: `[DataMember(EmitDefaultValue = false)]`. */
export const optional = <T>(of: ValueType<T>): Member<T, 'optional'> => ({
  of,
  presence: 'optional',
});

/** A member without which an object cannot be read: `[DataMember(IsRequired = true)]`. */
export const required = <T>(of: ValueType<T>): Member<T, 'required'> => ({
  of,
  presence: 'required',
});

type Members = Readonly<Record<string, ValueType | Member>>;
type Held<M> = M extends Member<infer T> ? T : TypeOf<M>;
type OptionalKey<F> = {
  [K in keyof F]: F[K] extends Member<unknown, 'optional'> ? K : never;
}[keyof F];
/** What an object with the members `F` holds in TypeScript. */
type ObjectOf<F> = Flat<
  { -readonly [K in Exclude<keyof F, OptionalKey<F>>]: Held<F[K]> } & {
    -readonly [K in OptionalKey<F>]?: Held<F[K]>;
  }
>;
type Flat<T> = { [K in keyof T]: T[K] };

/**
 * A flat record: a .NET data contract. Members travel in the order given here, which for a peer
 * in .NET is alphabetical unless its contract says otherwise.
 *
 * @throws {NetTcpError} `Usage` for a member that JavaScript would take for the object's prototype
 */
export function object<const F extends Members>(
  name: string,
  members: F,
  namespace = CLR_NAMESPACE,
): ValueType<ObjectOf<F>> {
  const fields = Object.entries(members).map(([field, member]): Field => {
    if (field === '__proto__') {
      throw new NetTcpError('Usage', `a member of ${name} cannot be named "__proto__"`);
    }
    const { of, presence } =
      'presence' in member ? member : { of: member, presence: 'default' as const };
    return { name: field, namespace, type: of, presence };
  });
  return { kind: 'object', name, namespace, fields };
}
