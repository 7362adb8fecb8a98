import { NetTcpError } from '../../errors.ts';
import { type ObjectShape, stream, type ValueType } from './types.ts';

/**
 * Every type that values of the given ones can hold, once each.
 *
 * @throws {NetTcpError} `Usage` for an object type whose values must each hold another of it, without end, and
 *   for a stream inside another type
 */
export function reachable(types: Iterable<ValueType>): ReadonlySet<ValueType> {
  const found = new Set<ValueType>();
  for (const type of types) {
    if (type === stream) found.add(type);
    else visit(type, found, []);
  }
  return found;
}

/** @param outside the objects that hold the type and cannot do without it */
function visit(type: ValueType, found: Set<ValueType>, outside: readonly ObjectShape[]): void {
  if (type === stream) {
    throw new NetTcpError(
      'Usage',
      'a stream can only be a parameter or a result, not a part of one',
    );
  }
  if (type.kind === 'object' && outside.includes(type)) {
    throw new NetTcpError(
      'Usage',
      `${type.name} holds itself without end: make a member nillable or optional, or an array`,
    );
  }
  if (found.has(type)) return;
  found.add(type);
  switch (type.kind) {
    case 'lazy':
      return visit(type.of, found, outside);
    case 'nillable':
    case 'array':
      return visit(type.of, found, []);
    case 'dictionary':
      visit(type.key, found, []);
      return visit(type.value, found, []);
    case 'known':
      for (const one of type.types) visit(one, found, type.types.length > 1 ? [] : outside);
      return;
    case 'any':
      for (const one of type.types) visit(one, found, []);
      return;
    case 'object':
      for (const { type: of, presence } of type.fields) {
        visit(of, found, presence === 'optional' ? [] : [...outside, type]);
      }
      return;
    default: // All others hold no type.
  }
}
