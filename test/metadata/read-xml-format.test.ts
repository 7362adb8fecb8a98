// Schemas that cannot be data contracts, of XmlSerializer and of others: what `import` makes of them.
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { readDescription } from '../../shared/metadata/read/read-description.ts';
import { writeSource } from '../../shared/metadata/source/write-source.ts';
import { readXml } from '../../shared/metadata/xml/read-xml.ts';

/** What becomes of a schema with a type T, which an operation Op takes. @param form elements' default */
function sourceOf(types: string, form = 'qualified'): string {
  const text = `<d:definitions xmlns:d="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
      xmlns="urn:t" targetNamespace="urn:t"><d:types>
    <xs:schema targetNamespace="urn:t" elementFormDefault="${form}">${types}
      <xs:element name="Op"><xs:complexType><xs:sequence>
        <xs:element name="v" type="T" form="qualified"/></xs:sequence></xs:complexType></xs:element>
    </xs:schema></d:types>
    <d:message name="M"><d:part name="parameters" element="Op"/></d:message>
    <d:portType name="I"><d:operation name="Op"><d:input message="M"/></d:operation></d:portType>
  </d:definitions>`;
  const source = writeSource(readDescription([readXml(text, 't', DEFAULT_LIMITS)]), 'a test');
  return source.replaceAll(/\s+/g, ' ');
}

const int = 'type="xs:int"';

// prettier-ignore
test.for<readonly [string, string, string]>([
  ['attributes', `<xs:complexType name="T"><xs:attribute name="A" ${int}/></xs:complexType>`, '{ A: types.attribute(types.optional(types.int)), }'],
  ['xs:all', `<xs:complexType name="T"><xs:all><xs:element name="b" ${int}/><xs:element name="a" type="xs:string" minOccurs="0"/></xs:all></xs:complexType>`, '{ b: types.int, a: types.nillable(types.string), }'],
  ['elements that repeat', `<xs:complexType name="T"><xs:sequence><xs:element name="A" ${int} maxOccurs="unbounded"/><xs:element name="B" ${int}/></xs:sequence></xs:complexType>`, '{ A: types.elements(types.int), B: types.int, }'],
  ['text', '<xs:complexType name="T"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="Value" type="xs:string" use="required"/></xs:extension></xs:simpleContent></xs:complexType>', '{ Value: types.attribute(types.string), Text: types.text(types.decimal), }'],
  ['attributes of a derived class', `<xs:complexType name="B"><xs:sequence/></xs:complexType><xs:complexType name="T"><xs:complexContent><xs:extension base="B"><xs:sequence/><xs:attribute name="A" ${int} use="required"/></xs:extension></xs:complexContent></xs:complexType>`, "{ A: types.attribute(types.int), }, { namespace: NS, base: B }"],
])('%s', ([, types, due]) => {
  const source = sourceOf(types).replaceAll(/namespace: [^,]+, base/g, 'namespace: NS, base');
  expect(source).toContain(due);
  expect(source).toContain("{ format: 'xmlSerializer' }");
});

test('elements without a namespace', () => {
  const types = `<xs:complexType name="T"><xs:sequence><xs:element name="a" ${int}/></xs:sequence></xs:complexType>`;
  expect(sourceOf(types, 'unqualified')).toContain(
    "a: types.element(types.int, { namespace: '' })",
  );
});

// prettier-ignore
test.for<readonly [string, string, string]>([
  ['xs:choice', `<xs:complexType name="T"><xs:choice><xs:element name="a" ${int}/></xs:choice></xs:complexType>`, 'T: it has xs:choice'],
  ['xs:anyAttribute', '<xs:complexType name="T"><xs:anyAttribute/></xs:complexType>', 'T: it has xs:anyAttribute'],
  ['a choice inside', `<xs:complexType name="T"><xs:sequence><xs:choice><xs:element name="a" ${int}/></xs:choice></xs:sequence></xs:complexType>`, 'T: it has xs:choice among its elements'],
  ['mixed content', `<xs:complexType name="T" mixed="true"><xs:sequence><xs:element name="a" ${int}/></xs:sequence></xs:complexType>`, 'T: it mixes text and elements'],
])('%s is left out, and why', ([, types, why]) => {
  expect(sourceOf(types)).toContain(`// Op cannot be expressed: ${why}`);
});
