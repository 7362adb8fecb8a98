import { NetTcpError } from '../../errors.ts';
import type { Flat, ObjectType } from './compound-types.ts';
import type { NamedShape, ObjectShape, ValueType } from './types.ts';

/** An object that says which of several classes it is of. */
export type Tagged<O> =
  O extends ObjectType<infer T, infer N, infer A>
    ? true extends A
      ? never
      : Flat<{ $type: N } & T>
    : never;

/**
 * An object of a class or of one that derives from it: .NET's known types. Its `$type` names the class, by
 * which TypeScript discriminates the union.
 *
 * @throws {NetTcpError} `Usage` if a class does not derive from the base, or two have the same name
 */
export function known<O extends ObjectType, const D extends readonly ObjectType[]>(
  base: O,
  derived: D,
): ValueType<Tagged<O> | Tagged<D[number]>> {
  const types: ObjectShape[] = base.isAbstract ? [] : [base];
  for (const type of derived) {
    if (!derives(type, base)) {
      throw new NetTcpError('Usage', `${type.name} does not derive from ${base.name}`);
    }
    if (types.some(({ name }) => name === type.name)) {
      throw new NetTcpError('Usage', `${base.name} knows two types named ${type.name}`);
    }
    if (!type.isAbstract) types.push(type);
  }
  return { kind: 'known', of: base, types };
}

function derives({ base }: ObjectShape, from: ObjectShape): boolean {
  return base !== undefined && (base === from || derives(base, from));
}

/** Whether a type has a name of its own. */
export function isNamedShape(type: ValueType): type is NamedShape {
  return NAMED.has(type.kind);
}

const NAMED: ReadonlySet<string> = new Set<NamedShape['kind']>([
  'array',
  'dictionary',
  'enumeration',
  'flags',
  'object',
]);
