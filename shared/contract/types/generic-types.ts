import { NetTcpError } from '../../errors.ts';
import { object, required } from './compound-types.ts';
import { genericName } from './type-names.ts';
import type { TypeOf, ValueType } from './types.ts';

// Classes of .NET whose names come from those of their arguments.

const SYSTEM = 'http://schemas.datacontract.org/2004/07/System';

/** .NET's `KeyValuePair<K, V>`; the entries of a dictionary are none of these. */
export function keyValuePair<K, V>(
  key: ValueType<K>,
  value: ValueType<V>,
): ValueType<{ key: K; value: V }> {
  const name = genericName('KeyValuePairOf', [key, value]);
  const members = { key: required(key), value: required(value) };
  return object(name, members, `${SYSTEM}.Collections.Generic`);
}

/** What a tuple of the types `T` holds, by .NET's names. */
type Items<T extends readonly ValueType[]> = {
  -readonly [K in keyof T & `${number}` as `m_Item${Next[K & keyof Next]}`]: TypeOf<T[K]>;
};
interface Next {
  readonly '0': 1;
  readonly '1': 2;
  readonly '2': 3;
  readonly '3': 4;
  readonly '4': 5;
  readonly '5': 6;
  readonly '6': 7;
}

/**
 * .NET's `Tuple<…>`: an object with the members `m_Item1`, `m_Item2` and so on.
 *
 * @throws {NetTcpError} `Usage` for none, or more than seven
 */
export function tuple<const T extends readonly ValueType[]>(...types: T): ValueType<Items<T>> {
  if (types.length === 0 || types.length > 7) {
    throw new NetTcpError('Usage', `types.tuple takes one to seven types, not ${types.length}`);
  }
  const members = types.map((type, index) => [`m_Item${index + 1}`, required(type)] as const);
  return object(
    genericName('TupleOf', types),
    Object.fromEntries(members),
    SYSTEM,
  ) as ValueType as never;
}
