import { NetTcpError } from '../../errors.ts';
import { mismatch } from './mismatch.ts';
import type { Scalar, ScalarKind } from './scalar-types.ts';
import { DateTimeOffset } from './text/date-time.ts';
import type { AnyShape, ObjectType, Tagged, ValueType } from './types.ts';
import { checkType } from './values.ts';

/** A scalar that goes as one type of several that JavaScript has no other value for: see {@link typed}. */
export class Typed<T = unknown> {
  readonly type: Scalar<T>;
  readonly value: T;

  /** @internal */
  constructor(type: Scalar<T>, value: T) {
    this.type = type;
    this.value = value;
  }
}

/** What `any` holds beside objects of known classes. */
export type AnyScalar = null | boolean | number | bigint | string | Date | Uint8Array;

/**
 * A value that says its own type: .NET's `object`. A whole number of 32 bits goes as `int`, any other as
 * `double`, a bigint as `long`; {@link typed} says another type.
 *
 * @param known classes of objects that it may hold, as `{ $type, … }`
 * @throws {NetTcpError} `Usage` if two of them have the same name
 */
export function any<const D extends readonly ObjectType[] = readonly []>(
  known?: D,
): ValueType<AnyScalar | Typed | Tagged<D[number]>> {
  const types = [...(known ?? [])];
  const twice = types.find(
    ({ name }, index) => types.findIndex((one) => one.name === name) < index,
  );
  if (twice !== undefined) {
    throw new NetTcpError('Usage', `any knows two types named ${twice.name}`);
  }
  return { kind: 'any', types: types.filter(({ isAbstract }) => !isAbstract) };
}

/** A value of `any` with its type, where JavaScript has the same for several: `typed(types.decimal, '1.50')`. */
export function typed<T>(type: Scalar<T>, value: T): Typed<T> {
  return new Typed(type, value);
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
  return SELF_EVIDENT.has(type.kind) ? value : new Typed(type as Scalar<unknown>, value);
}

/** The type that a value of `any` goes as, and what is of that type. @throws {Mismatch} if there is none */
export function typeOfAny(any: AnyShape, value: unknown): readonly [ValueType, unknown] {
  if (value instanceof Typed) return [value.type, value.value];
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
  return [checkType(any, value.$type), value];
}
