import type { QName } from '../../contract/types/type-names.ts';
import type { EnumerationShape, FlagsShape, ValueType } from '../../contract/types/types.ts';
import { NAMESPACES, xs } from '../xml/vocabulary.ts';
import { elementsOf, type XmlElement } from '../xml/element.ts';

/** What DataContractSerializer and XmlSerializer describe in the same way. */

const ser = elementsOf(NAMESPACES.ser);
const XS_STRING: QName = { name: 'string', namespace: NAMESPACES.xs };

/** WCF's type of an `XElement`, which has no name; its tools make an `XmlElement` of it. */
export const ANY_XML = xs('complexType', {}, [
  xs('sequence', {}, [xs('any', { minOccurs: '0', processContents: 'lax' })]),
]);

/** Whether a value is XML as text, which may be null. */
export function isXml(type: ValueType): boolean {
  return type.kind === 'nillable' || type.kind === 'lazy' ? isXml(type.of) : type.kind === 'xml';
}

/** An annotation that tools of .NET read. */
export function annotated(mark: XmlElement): XmlElement {
  return xs('annotation', {}, [xs('appinfo', {}, [mark])]);
}

/** An enumeration's definition. @param name of the type */
export function enumeration({ values }: EnumerationShape, name: string): XmlElement {
  const members = values.map((value) => xs('enumeration', { value }));
  return xs('simpleType', { name }, [xs('restriction', { base: XS_STRING }, members)]);
}

/** The definition of flags: a list. @param name of the type */
export function flags({ values }: FlagsShape, name: string): XmlElement {
  const members = values.map(([value, bits], index) =>
    xs('enumeration', { value }, [
      bits === 2 ** index ? undefined : annotated(ser('EnumerationValue', {}, String(bits))),
    ]),
  );
  const list = xs('simpleType', {}, [xs('restriction', { base: XS_STRING }, members)]);
  return xs('simpleType', { name }, [xs('list', {}, [list])]);
}
