// The metadata of a contract as we write them, against those that WCF (CoreWCF) wrote of the same one: element by
// element.
import { expect, test } from 'vitest';
import { callbacksOf, type Contract } from '../../../shared/contract/contract.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { Definitions } from '../../../shared/metadata/read/definitions.ts';
import { NAMESPACES } from '../../../shared/metadata/xml/vocabulary.ts';
import { describe } from '../../../shared/metadata/write/description.ts';
import { attribute, childOf, type XmlElement } from '../../../shared/metadata/xml/element.ts';
import { readXml } from '../../../shared/metadata/xml/read-xml.ts';
import { SHOP_DOCUMENTS } from '../../fixtures/shop/documents.ts';
import * as shop from '../../fixtures/shop/shop.ts';
import { canonical } from '../canonical.ts';

const CONTRACTS: readonly Contract[] = [
  shop.IData,
  shop.IOps,
  shop.IPlain,
  shop.IDerivedOps,
  shop.ICart,
  shop.INews,
  shop.IStreams,
];
const THEIRS = new Definitions(SHOP_DOCUMENTS);
const documents = describe(
  'Everything',
  CONTRACTS.map((contract) => ({
    contract,
    address: 'net.tcp://localhost:9366/data',
    isStreamed: contract === shop.IStreams,
  })),
);
const ours = documents.map(({ text, name }) => readXml(text, name, DEFAULT_LIMITS));
const OURS = new Definitions(ours);

/** WCF says whether a class is a structure, or was generic; a contract here does not know. */
function isMeant({ name, children }: XmlElement): boolean {
  const marks = children.flatMap((info) => info.children.map((mark) => mark.name));
  return (
    name !== 'annotation' || !marks.some((mark) => mark === 'GenericType' || mark === 'IsValueType')
  );
}

const KINDS = ['element', 'type', 'message', 'portType', 'binding'] as const;
const components = KINDS.flatMap((kind) =>
  OURS.all(kind)
    // WCF says that the XML of these is a DataSet, which a contract here does not know.
    .filter(({ name }) => !name.name.startsWith('EchoDataSet'))
    .map(({ element, name }) => ({ kind, name, element })),
);

test('there are elements to compare', () => {
  expect(components.length).toBeGreaterThan(250);
});

test.for(components)('$kind $name.name is as WCF writes it', ({ kind, name, element }) => {
  const theirs = THEIRS.find(kind, name)?.element;
  if (theirs === undefined) expect.fail('WCF does not write it');
  const isSaid = (each: XmlElement): boolean => isMeant(each) && !isUnsaid(name.name, each);
  expect(canonical(element, isSaid)).toBe(canonical(theirs, isSaid));
});

test.for(['Upload', 'UploadReply', 'FileName', 'Owner', 'Id'])(
  'the element %s of a message contract is as WCF writes it',
  (name) => {
    const address = 'net.tcp://localhost:9366/msg';
    const described = describe('Everything', [{ contract: shop.IMsg, address }]);
    const own = new Definitions(
      described.map((one) => readXml(one.text, one.name, DEFAULT_LIMITS)),
    );
    const of = { name, namespace: 'http://example.org/shop' };
    const [element, theirs] = [own, THEIRS].map((all) => all.find('element', of)?.element);
    if (element === undefined || theirs === undefined) expect.fail('it is not there');
    expect(canonical(element, isMeant)).toBe(canonical(theirs, isMeant));
  },
);

/** Operations that the contract lacks, in its portType and binding. */
function isUnsaid(parent: string, { name, namespace, attributes }: XmlElement): boolean {
  const contract = CONTRACTS.find((one) => parent.endsWith(one.name));
  if (contract === undefined || name !== 'operation' || namespace !== NAMESPACES.wsdl) return false;
  const operation = attributes.get('name');
  const said = [...contract.operations.values(), ...callbacksOf(contract).operations.values()];
  return !said.some((one) => one.name === operation);
}

test.for(['policy', 'port'])('each %s is as WCF writes it', (what) => {
  const of = (roots: readonly XmlElement[], contract: Contract): string => {
    const name = `NetTcpBinding_${contract.name}`;
    const service = childOf(roots[0], { name: 'service', namespace: NAMESPACES.wsdl });
    const all = [...(roots[0]?.children ?? []), ...(service?.children ?? [])];
    const found = all.find(
      (each) =>
        (what === 'port' && each.name === 'port' && attribute(each, 'name') === name) ||
        attribute(each, 'Id', NAMESPACES.wsu) === `${name}_policy`,
    );
    if (found === undefined) expect.fail(`no ${what} of ${name}`);
    return canonical(found).replaceAll(/localhost:\d+\/\w+/g, '…');
  };
  for (const contract of CONTRACTS) expect(of(ours, contract)).toBe(of(SHOP_DOCUMENTS, contract));
});
