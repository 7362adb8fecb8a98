import { NetTcpError } from '../../errors.ts';
import { BOOLEAN, checkOptions, OBJECT, STRING } from '../../options.ts';
import type {
  ArrayShape,
  CollectionNames,
  DictionaryNames,
  Field,
  Member,
  ObjectShape,
  TypeOf,
  ValueType,
} from './types.ts';

/** .NET's namespace for the contracts of classes that give none of their own. */
export const CLR_NAMESPACE = 'http://schemas.datacontract.org/2004/07/';

/** No result. */
export const nothing: ValueType<void> = { kind: 'void' };

/**
 * XML as text: what stands in the element of a .NET `XElement`, `XmlElement`, `XmlNode[]` or of a class that is
 * `IXmlSerializable`, such as a `DataSet`. Its elements declare the namespaces of their prefixes.
 */
export const xml: ValueType<string> = { kind: 'xml' };

// What these take and return has a type of one shape. Of the union that ValueType is, the compiler makes a dozen types
// for each T, and takes twice the time for a large contract.

/** Any type, for what asks only for what it holds in TypeScript. */
interface Holding<T> {
  readonly kind: ValueType['kind'];
  readonly ofType?: T;
}

/** A type that {@link nillable} makes; `T` includes null. */
export interface NillableType<T> {
  readonly kind: 'nillable';
  readonly of: ValueType;
  readonly ofType?: T;
}

/** A type that {@link array} makes; `T` is the array. */
export interface ArrayType<T> extends ArrayShape {
  readonly ofType?: T;
}

/** A value of the type, or `null`. */
export const nillable = <T>(of: Holding<T>): NillableType<T | null> => ({
  kind: 'nillable',
  of: of as ValueType<T>,
});

/**
 * Items of one type, in their order; a hole is `undefined`, which only a nillable item may be.
 *
 * @param names those of a `[CollectionDataContract]`, if it has any
 */
export function array<T>(of: Holding<T>, names: CollectionNames = {}): ArrayType<T[]> {
  checkOptions('types.array', names, COLLECTION_NAMES);
  return { kind: 'array', of: of as ValueType<T>, names };
}

/**
 * A .NET `Dictionary`, as a Map.
 *
 * @param key   no two entries have the same; best a text, a number or an enumeration, which a Map finds again
 * @param names those of a `[CollectionDataContract]`, if it has any
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
 * @param values as they travel: the members' names, or their `[EnumMember(Value = …)]`
 */
export function enumeration<const V extends string>(
  name: string,
  values: readonly V[],
  namespace = CLR_NAMESPACE,
): ValueType<V> {
  return { kind: 'enumeration', name, namespace, values };
}

/**
 * A .NET `[Flags] enum`: a number whose bits have names.
 *
 * @param values the bits of each name, 0 to 2^32 − 1, in .NET's order
 * @throws {NetTcpError} `Usage` for bits outside that range
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
export const optional = <T>(of: Holding<T>): Member<T, 'optional'> => ({
  of: of as ValueType<T>,
  presence: 'optional',
});

/** A member without which an object cannot be read: `[DataMember(IsRequired = true)]`. */
export const required = <T>(of: Holding<T>): Member<T, 'required'> => ({
  of: of as ValueType<T>,
  presence: 'required',
});

/** A member as {@link object} takes it, with its presence. */
export function toMember(given: ValueType | Member): Member {
  return 'presence' in given ? given : { of: given, presence: 'default' };
}

type Members = Readonly<Record<string, ValueType | Member>>;
export type Held<M> = M extends Member<infer T> ? T : TypeOf<M>;
export type OptionalKey<F> = {
  [K in keyof F]: F[K] extends Member<unknown, 'optional'> ? K : never;
}[keyof F];
/** What an object with the members `F` holds in TypeScript. */
type ObjectOf<F> = {
  -readonly [K in Exclude<keyof F, OptionalKey<F>>]: Held<F[K]>;
} & {
  -readonly [K in OptionalKey<F>]?: Held<F[K]>;
};
/** The members of a class that is `T` in TypeScript, but for those of its base. */
type MembersOf<T, B> = {
  readonly [K in Exclude<keyof T, keyof B>]: undefined extends T[K]
    ? Member<T[K], 'optional'>
    : Holding<T[K]> | Member<T[K], 'default' | 'required'>;
};
export type Flat<T> = { [K in keyof T]: T[K] };

/** The type of objects of one class; `N` is its name. */
export interface ObjectType<
  T = unknown,
  N extends string = string,
  A extends boolean = boolean,
> extends ObjectShape {
  readonly ofType?: T;
  readonly name: N;
  readonly isAbstract: A;
}

/** What a class has beside its name and its own members. */
interface ObjectOptions<B, A extends boolean> {
  /** Data contract namespace, of the class and of its own members. */
  readonly namespace?: string;
  /** The class that it derives from, whose members come first. */
  readonly base?: ObjectType<B>;
  /** No object is of this class itself, only of derived ones; see {@link known}. Default: false. */
  readonly abstract?: A;
  /** `[DataContract(IsReference = true)]`: an object that comes twice is one object on the other side, too. */
  readonly reference?: boolean;
}

const OBJECT_OPTIONS = { namespace: STRING, base: OBJECT, abstract: BOOLEAN, reference: BOOLEAN };

/**
 * A record: a .NET data contract. Members travel in the order given here, which for a peer in .NET is
 * alphabetical unless its contract says otherwise.
 *
 * @param options a string is the namespace
 * @throws {NetTcpError} `Usage` for a member that JavaScript would take for the object's prototype, or
 *   that the base has already
 */
export function object<
  const N extends string,
  const F extends Members,
  B = unknown,
  const A extends boolean = false,
>(
  name: N,
  members: F,
  options?: string | ObjectOptions<B, A>,
): ObjectType<Flat<B & ObjectOf<F>>, N, A>;
/**
 * The same for an interface `T`, which extends that of the base, `B`: `types.object<Order, 'Order'>('Order', …)`.
 * Editors and declarations say `Order` then, and do not write out what it holds; a large contract needs that.
 */
export function object<T, N extends string, B = unknown>(
  name: N,
  members: MembersOf<T, B>,
  options?: string | ObjectOptions<B, false>,
): ObjectType<T, N, false>;
export function object(
  name: string,
  members: Members,
  options: string | ObjectOptions<unknown, boolean> = {},
): ObjectType {
  const given = typeof options === 'string' ? { namespace: options } : options;
  checkOptions('types.object', given, OBJECT_OPTIONS);
  const { namespace = CLR_NAMESPACE, base, abstract = false, reference = false } = given;
  const inherited = base?.fields ?? [];
  const own = Object.entries(members).map(([field, member]): Field => {
    const word = inherited.some((one) => one.name === field)
      ? 'named as one of its base:'
      : 'named';
    if (field === '__proto__' || word !== 'named') {
      throw new NetTcpError('Usage', `a member of ${name} cannot be ${word} "${field}"`);
    }
    const { of, presence, xml: place } = toMember(member);
    return { name: field, namespace, type: of, presence, ...(place && { xml: place }) };
  });
  return {
    kind: 'object',
    name,
    namespace,
    fields: [...inherited, ...own],
    base,
    isAbstract: abstract,
    isReference: reference || base?.isReference === true,
  };
}

/**
 * A type that is defined further down, or contains itself: `types.lazy(() => Tree)`. TypeScript needs an
 * annotation for such a type: `const Tree: types.ValueType<Tree> = types.object(…)`.
 */
export function lazy<T>(get: () => ValueType<T>): ValueType<T> {
  let found: ValueType<T> | undefined;
  return {
    kind: 'lazy',
    get of() {
      return (found ??= get());
    },
  };
}
