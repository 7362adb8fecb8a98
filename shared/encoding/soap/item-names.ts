import type { ValueType } from '../../contract/types.ts';
import { ARRAYS, NULLABLE_ITEMS } from './vocabulary.ts';

export interface ItemName {
  readonly name: string;
  readonly namespace: string;
}

/** Types that are null in .NET without being `Nullable<…>`. */
const REFERENCE_KINDS: ReadonlySet<string> = new Set(['string', 'base64Binary', 'array', 'object']);

/**
 * The element that DataContractSerializer writes for an item of an array of that type, such as
 * `double` or `ArrayOfdouble`.
 */
export function itemName(type: ValueType): ItemName {
  switch (type.kind) {
    case 'nillable':
      return REFERENCE_KINDS.has(type.of.kind)
        ? itemName(type.of)
        : { name: itemName(type.of).name, namespace: NULLABLE_ITEMS };
    case 'array': {
      const { name, namespace } = itemName(type.of);
      const isNullable = namespace === NULLABLE_ITEMS && type.of.kind === 'nillable';
      return { name: `ArrayOf${isNullable ? 'NullableOf' : ''}${name}`, namespace };
    }
    case 'object':
      return { name: type.name, namespace: type.namespace };
    default:
      return { name: type.kind, namespace: ARRAYS };
  }
}
