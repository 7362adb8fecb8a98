import { absent } from '../../../contract/types/defaults.ts';
import { within } from '../../../contract/types/mismatch.ts';
import type { QName } from '../../../contract/types/type-names.ts';
import type { Field } from '../../../contract/types/types.ts';

/** Fills in the absent members from index `from` up to `end`. */
export function addAbsent(
  values: unknown[],
  members: readonly Field[],
  from: number,
  end: number,
  placeOf: (member: Field) => string,
): void {
  for (let index = from; index < end; index++) {
    const member = members[index] as Field;
    try {
      values[index] = absent(member);
    } catch (caught) {
      throw within(placeOf(member), caught);
    }
  }
}

/** The place of the member that an element is, or −1: those before `from` have been passed. */
export function indexOf(
  members: readonly Field[],
  { name, namespace }: QName,
  from: number,
): number {
  for (let index = from; index < members.length; index++) {
    const member = members[index] as Field;
    if (member.name === name && member.namespace === namespace) return index;
  }
  return -1;
}
