// Descriptions of other kinds than the shop's: members of any class, names that a proxy has itself, bindings of the web.
import { expect, test } from 'vitest';
import { type Contract, defineContract, operation } from '../../shared/contract/contract.ts';
import { typeName } from '../../shared/contract/types/type-names.ts';
import * as t from '../../shared/contract/types/types.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import {
  type ContractSource,
  readDescription,
} from '../../shared/metadata/read/read-description.ts';
import { writeSource } from '../../shared/metadata/source/write-source.ts';
import { describe } from '../../shared/metadata/write/description.ts';
import { readXml } from '../../shared/metadata/xml/read-xml.ts';

const namespace = 'urn:any';
const Audit = t.object('Audit', { By: t.string }, namespace);
const Strict = t.object('Strict', { On: t.required(t.boolean) }, { namespace, base: Audit });
const Seen = t.object('Seen', { A: t.int }, namespace);

function read(...texts: readonly string[]): readonly ContractSource[] {
  return readDescription(texts.map((text) => readXml(text, 'a test', DEFAULT_LIMITS)));
}

function described(operations: Parameters<typeof defineContract>[0]['operations']): string[] {
  const contract = defineContract({ name: 'I', namespace, operations }) as unknown as Contract;
  return describe('Service', [{ contract, address: 'net.tcp://localhost:9000/a' }]).map(
    ({ text }) => text,
  );
}

/** The types that a parameter of the only operation knows. */
function knownTo(contract: ContractSource | undefined): string[] | undefined {
  const [[, type] = []] = contract?.operations.get('Put')?.parameters ?? [];
  const direct = type?.kind === 'lazy' ? type.of : type;
  return direct?.kind === 'any' ? direct.types.map((one) => typeName(one).name) : undefined;
}

const Paged = t.object('Paged', { Seen: t.nillable(t.array(Seen)) }, namespace);
const Of = t.enumeration('Of', ['A'], namespace);

test.for([
  ['none', [], [], []],
  ['one that nothing else leads to', [Audit], [], ['Audit']],
  ['with those that derive from it', [Strict], [], ['Audit', 'Strict']],
  ['one that is a parameter', [Audit], [['s', Seen]], ['Audit', 'Seen']],
  [
    'one that any does not say, within another',
    [],
    [['s', Paged]],
    ['ArrayOfSeen', 'Paged', 'Seen'],
  ],
  [
    'each of several, once',
    [Strict],
    [
      ['s', Strict],
      ['a', Audit],
    ],
    ['Audit', 'Strict'],
  ],
  [
    'enumerations, flags, arrays and dictionaries, too',
    [t.flags('Bits', { A: 1, B: 2 }, namespace), t.array(t.guid)],
    [
      ['s', t.array(Of)],
      ['d', t.dictionary(t.int, Of)],
    ],
    ['ArrayOfKeyValueOfintOf4UzHx232', 'ArrayOfOf', 'ArrayOfguid', 'Bits', 'Of'],
  ],
  ['not one of .NET itself', [t.object('O', { V: t.version, D: t.dateTimeOffset })], [], ['O']],
] as const)('any knows all types that are described: %s', ([, known, others, due]) => {
  const all = [['v', t.any([...known])], ...others] as const;
  const [contract] = read(...described({ Put: operation(all) }));
  expect(contract?.unsaid).toEqual(new Map());
  expect(knownTo(contract)?.toSorted()).toEqual(due);
});

test('one that holds any itself, and one that cannot be said', () => {
  const Ring = t.object(
    'Ring',
    { Any: t.any([Audit]), Next: t.nillable(t.lazy(() => Audit)) },
    namespace,
  );
  const texts = described({ Put: operation([['v', t.any([Ring])]]) });
  const broken = `<xs:complexType name="Odd"><xs:choice/></xs:complexType></xs:schema>`;
  const [contract] = read(...texts.map((text) => text.replace(/<\/xs:schema>(?=\s*$)/, broken)));
  expect(knownTo(contract)?.toSorted()).toEqual(['Audit', 'Ring']);
  const source = writeSource(contract === undefined ? [] : [contract], 'a test');
  expect(source).toContain('export const AnyObject');
  expect(source).toContain("['v', AnyObject]");
  expect(source).toContain('Any: types.lazy(() => AnyObject)');
  expect(source).toContain('export interface Ring {\n  Any: AnyObject;\n');
});

const WSDL = 'http://schemas.xmlsoap.org/wsdl/';

/** A description of one operation on two ports, one of them of HTTP's own binding. */
function ofTheWeb(parameters: string, name: string): string {
  return `<w:definitions xmlns:w="${WSDL}" xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:w" targetNamespace="urn:w">
<w:types><s:schema elementFormDefault="qualified" targetNamespace="urn:w">
<s:element name="${name}"><s:complexType><s:sequence>${parameters}</s:sequence></s:complexType></s:element>
<s:element name="${name}Response"><s:complexType/></s:element></s:schema></w:types>
<w:message name="in"><w:part name="parameters" element="t:${name}"/></w:message>
<w:message name="out"><w:part name="parameters" element="t:${name}Response"/></w:message>
<w:portType name="Soap"><w:operation name="${name}"><w:input message="t:in"/><w:output message="t:out"/></w:operation></w:portType>
<w:portType name="Get"><w:operation name="${name}"><w:input message="t:in"/><w:output message="t:out"/></w:operation></w:portType>
<w:binding name="S" type="t:Soap"><soap:binding xmlns:soap="${WSDL}soap/" transport="http://schemas.xmlsoap.org/soap/http"/></w:binding>
<w:binding name="G" type="t:Get"><h:binding xmlns:h="${WSDL}http/" verb="GET"/></w:binding></w:definitions>`;
}

test('an element without a type is of any, as XML Schema has it', () => {
  const [contract] = read(ofTheWeb('<s:element minOccurs="0" name="v"/>', 'Put'));
  expect(contract?.unsaid).toEqual(new Map());
  expect(knownTo(contract)).toEqual([]);
});

test('a port that is not SOAP is no contract', () => {
  expect(read(ofTheWeb('', 'Put')).map(({ name }) => name)).toEqual(['Soap']);
});

test.for(['open', 'close', 'then'])('an operation %s has another name for callers', (name) => {
  const [contract] = read(ofTheWeb('', name));
  expect(contract?.unsaid).toEqual(new Map());
  expect(contract?.operations.get(`${name}_`)).toMatchObject({ name });
  const source = writeSource(contract === undefined ? [] : [contract], 'a test');
  expect(source).toContain(`${name}_: operation([], types.nothing, {`);
  expect(source).toContain(`name: '${name}'`);
});
