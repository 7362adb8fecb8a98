import { NetTcpError } from '../../errors.ts';
import { mismatch } from './mismatch.ts';
import type { ScalarKind } from './scalar-types.ts';
import { DateTimeOffset } from './text/date-time.ts';
import { typeName } from './type-names.ts';
import { isNamedShape } from './known-types.ts';
import type { AnyShape, NamedShape, ObjectType, Tagged, ValueType } from './types.ts';
import { checkType } from './values.ts';

/** A value with its type, where JavaScript has the same for several, or none that says it: see {@link typed}. */
export class Typed<T = unknown> {
  readonly type: ValueType<T>;
  readonly value: T;

  /** @internal */
  constructor(type: ValueType<T>, value: T) {
    this.type = type;
    this.value = value;
  }
}

/** What `any` holds beside objects of known classes. */
export type AnyScalar = null | boolean | number | bigint | string | Date | Uint8Array;

/** Objects of those of the types that are classes. */
type TaggedOf<D extends readonly unknown[]> = {
  [I in keyof D]: D[I] extends ObjectType ? Tagged<D[I]> : never;
}[number];

/**
 * A value that says its own type: .NET's `object`. A whole number of 32 bits goes as `int`, any other as
 * `double`, a bigint as `long`; {@link typed} says another type.
 *
 * @param known what it may hold beside scalars, .NET's `[ServiceKnownType]`: classes, whose objects are
 *   `{ $type, … }`, and enumerations, flags, arrays and dictionaries, whose values are {@link typed}
 * @throws {NetTcpError} `Usage` if two of them have the same name, or one has none
 */
export function any<const D extends readonly ValueType[] = readonly []>(
  known?: D,
): ValueType<AnyScalar | Typed | TaggedOf<D>> {
  const names = new Set<string>();
  const types: NamedShape[] = [];
  for (const type of known ?? []) {
    if (!isNamedShape(type)) {
      throw new NetTcpError(
        'Usage',
        `any cannot name a type of the kind ${type.kind}: it takes classes, enumerations, flags, arrays and dictionaries, and knows all scalars`,
      );
    }
    const { name } = typeName(type);
    if (names.has(name)) throw new NetTcpError('Usage', `any knows two types named ${name}`);
    names.add(name);
    if (type.kind !== 'object' || !type.isAbstract) types.push(type);
  }
  return { kind: 'any', types };
}

/**
 * A value of `any` with its type, where JavaScript has the same for several: `typed(types.decimal, '1.50')`.
 *
 * @param type a scalar, or one of those that the `any` names, or one of the same name
 */
export function typed<T>(
  type: { readonly kind: ValueType['kind']; readonly ofType?: T },
  value: T,
): Typed<T> {
  return new Typed(type as ValueType<T>, value);
}

/** Whose values {@link typeOfAny} knows by themselves; that a whole `double` is an `int` to it is of no account. */
const SELF_EVIDENT: ReadonlySet<string> = new Set<ScalarKind>([
  'boolean',
  'string',
  'int',
  'long',
  'double',
  'dateTime',
  'dateTimeOffset',
  'base64Binary',
]);

/** A value of `any` as it was received: with its type, where it would go on as one of another. */
export function received(type: ValueType, value: unknown): unknown {
  return SELF_EVIDENT.has(type.kind) ? value : new Typed(type, value);
}

/** The type that a value of `any` goes as, and what is of that type. @throws {Mismatch} if there is none */
export function typeOfAny(any: AnyShape, value: unknown): readonly [ValueType, unknown] {
  if (value instanceof Typed) return [knownType(any, value), value.value];
  switch (typeof value) {
    case 'boolean':
      return [{ kind: 'boolean' }, value];
    case 'string':
      return [{ kind: 'string' }, value];
    case 'bigint':
      return [{ kind: 'long' }, value];
    case 'number':
      return [{ kind: (value | 0) === value && !Object.is(value, -0) ? 'int' : 'double' }, value];
    default:
      return typeOfObject(any, value);
  }
}

function typeOfObject(any: AnyShape, value: unknown): readonly [ValueType, unknown] {
  if (value instanceof DateTimeOffset) return [{ kind: 'dateTimeOffset' }, value];
  if (value instanceof Date) return [{ kind: 'dateTime' }, value];
  if (value instanceof Uint8Array) return [{ kind: 'base64Binary' }, value];
  if (typeof value !== 'object' || value === null || !('$type' in value))
    throw mismatch(any, value);
  const type = checkType(any, value.$type);
  if (type.kind !== 'object') throw mismatch(any, value);
  return [type, value];
}

/** The type of a typed value: what has a name is to be known, or nobody could read it. */
function knownType(any: AnyShape, { type }: Typed): ValueType {
  if (!isNamedShape(type)) return type;
  const { name, namespace } = typeName(type);
  const known = checkType(any, name);
  if (known.kind === type.kind && typeName(known).namespace === namespace) return known;
  throw mismatch(any, name);
}
