import * as types from '../../contract/types/types.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { NAMESPACES, STREAM_BODY } from '../xml/vocabulary.ts';
import { attributeKey } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { CannotSay } from './cannot-say.ts';

const SYSTEM = 'http://schemas.datacontract.org/2004/07/System';
/** Where XmlSerializer has types that XML Schema lacks. */
const XML_SERIALIZER = 'http://microsoft.com/wsdl/types/';

const SAME_NAME = {
  double: types.double,
  float: types.float,
  boolean: types.boolean,
  string: types.string,
  byte: types.byte,
  short: types.short,
  int: types.int,
  long: types.long,
  unsignedByte: types.unsignedByte,
  unsignedShort: types.unsignedShort,
  unsignedInt: types.unsignedInt,
  unsignedLong: types.unsignedLong,
  decimal: types.decimal,
  dateTime: types.dateTime,
  duration: types.duration,
  base64Binary: types.base64Binary,
  anyURI: types.uri,
  anyType: types.any(),
};
/** Types of XML Schema that are texts with rules of their own, which nobody checks here. */
const TEXTS = 'normalizedString token language Name NCName NMTOKEN ID IDREF'.split(' ');

const BUILT_IN: ReadonlyMap<string, types.ValueType> = new Map([
  ...named(NAMESPACES.xs, SAME_NAME),
  ...named(NAMESPACES.xs, Object.fromEntries(TEXTS.map((name) => [name, types.string]))),
  ...named(NAMESPACES.ser, {
    ...SAME_NAME,
    guid: types.guid,
    char: types.char,
    duration: types.duration,
  }),
  ...named(XML_SERIALIZER, { guid: types.guid }),
  [attributeKey(STREAM_BODY), types.stream],
  ...named(SYSTEM, { DateTimeOffset: types.dateTimeOffset, Version: types.version }),
]);

/**
 * The scalar of a name.
 *
 * @returns `undefined` for a name that a schema has to define
 * @throws {CannotSay} for one of XML Schema's that a contract has no type for
 */
export function builtIn(name: QName): types.ValueType | undefined {
  const found = BUILT_IN.get(attributeKey(name));
  if (found !== undefined || name.namespace !== NAMESPACES.xs) return found;
  throw new CannotSay(`${shownName(name)} has no type here`);
}

function named(
  namespace: string,
  of: Readonly<Record<string, types.ValueType>>,
): [string, types.ValueType][] {
  return Object.entries(of).map(([name, type]) => [attributeKey({ name, namespace }), type]);
}
