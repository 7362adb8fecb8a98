import * as types from '../../contract/types/types.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { attribute, nameIn, type XmlElement } from '../xml/element.ts';
import { CannotSay } from './cannot-say.ts';
import { markOf, xsChild, xsChildren } from './definitions.ts';

/**
 * An `xs:simpleType`: an enumeration, flags, or another type with rules that nobody checks here.
 *
 * @param named gives the type that it restricts
 * @throws {CannotSay} for lists and unions of other kinds
 */
export function readSimpleType(
  simpleType: XmlElement,
  { name, namespace }: QName,
  named: (base: QName | undefined) => types.ValueType,
): types.ValueType {
  const restriction = xsChild(simpleType, 'restriction');
  if (restriction !== undefined) {
    const values = xsChildren(restriction, 'enumeration').map((each) => valueOf(each));
    return values.length > 0
      ? types.enumeration(name, values, namespace)
      : named(nameIn(restriction, 'base'));
  }
  const list = xsChild(xsChild(simpleType, 'list'), 'simpleType');
  const members = xsChildren(xsChild(list, 'restriction') ?? simpleType, 'enumeration');
  if (members.length === 0) throw new CannotSay('it is a list or a union');
  const bits = members.map((each, index) => {
    const mark = markOf(each, 'EnumerationValue');
    return [valueOf(each), mark === undefined ? 2 ** index : Number(mark.text)] as const;
  });
  return types.flags(name, Object.fromEntries(bits), namespace);
}

function valueOf(enumeration: XmlElement): string {
  const value = attribute(enumeration, 'value');
  if (value === undefined) throw new CannotSay('a value of it has no text');
  return value;
}
