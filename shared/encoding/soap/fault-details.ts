import type { Operation } from '../../contract/contract.ts';
import type { ValueType } from '../../contract/types.ts';
import type { Fault } from '../encoding.ts';
import { type ItemName, itemName } from './item-names.ts';
import { DOTNET_NAMES } from './scalars.ts';
import { ARRAYS, SERIALIZATION } from './vocabulary.ts';

/** The element inside Detail that DataContractSerializer writes for a value of that type. */
export function detailElement(type: ValueType): ItemName {
  if (type.kind === 'nillable') return detailElement(type.of);
  const { name, namespace } = itemName(type);
  const isLone = namespace === ARRAYS && type.kind !== 'array';
  return { name, namespace: isLone ? SERIALIZATION : namespace };
}

/**
 * The action of a fault with a detail that the operation declares, such as `…/IEcho/FailProblemFault`:
 * WCF's clients read details by it. `undefined` for all other faults.
 */
export function faultAction(
  { typed }: Fault,
  operation: Operation | undefined,
): string | undefined {
  if (typed === undefined || operation?.faults.includes(typed.type) !== true) return undefined;
  return `${operation.action}${typeName(typed.type)}Fault`;
}

/** What .NET calls the type. */
function typeName(type: ValueType): string {
  switch (type.kind) {
    case 'nillable':
      return typeName(type.of);
    case 'array':
      return `ArrayOf${typeName(type.of)}`;
    case 'object':
      return type.name;
    case 'base64Binary':
      return 'ArrayOfByte';
    case 'void':
      return 'Object';
    default:
      return DOTNET_NAMES[type.kind];
  }
}
