import { mismatchOf } from '../../../contract/types/mismatch.ts';
import { type QName, SCALAR_KINDS } from '../../../contract/types/type-names.ts';
import type {
  AnyShape,
  KnownShape,
  NamedShape,
  ObjectShape,
  ScalarKind,
} from '../../../contract/types/types.ts';
import { isXmlNamed, type XmlPart } from '../../../contract/types/xml-shape.ts';
import { otherType } from '../values/read-marks.ts';

/** What an element is, by its name or its `xsi:type`. In all of them `due` is the contract's namespace. */

/** The class of an object that may be of several. @param said its `xsi:type`; default: the contract's class */
export function actualXmlType(type: KnownShape, said: QName | undefined, due: string): ObjectShape {
  const found = type.types.find((one) =>
    said === undefined ? one === type.of : isXmlNamed(one, said, due),
  );
  if (found !== undefined) return found;
  throw said === undefined
    ? mismatchOf(type, 'one that does not say its type')
    : otherType(type, said);
}

/** The type that a value of `any` says it is of. */
export function anyXmlType(
  type: AnyShape,
  said: QName | undefined,
  due: string,
): NamedShape | { readonly kind: ScalarKind } {
  if (said === undefined) throw mismatchOf(type, 'one that does not say its type');
  const kind = SCALAR_KINDS.find((one) => isXmlNamed({ kind: one }, said, due));
  if (kind !== undefined) return { kind };
  const found = type.types.find((one) => isXmlNamed(one, said, due));
  if (found === undefined) throw otherType(type, said);
  return found;
}

/** The place of an element among those of its class, or −1; those that repeat, and the next ones, are found at once. */
export function indexOfPart(
  elements: readonly XmlPart[],
  { name, namespace }: QName,
  due: number,
): number {
  for (let step = 0; step < elements.length; step++) {
    const index = (due + step) % elements.length;
    const part = elements[index];
    if (part?.name === name && part.namespace === namespace) return index;
  }
  return -1;
}
