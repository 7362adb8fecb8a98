// contract → WSDL → contract: the same, but for what docs/wcf.md says that WSDL has no words for.
import fc from 'fast-check';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { type Contract, defineContract } from '../../shared/contract/contract.ts';
import {
  array,
  int,
  nillable,
  optional,
  object,
  string,
} from '../../shared/contract/types/types.ts';
import { header } from '../../shared/contract/header.ts';
import { message } from '../../shared/contract/message.ts';
import { operation } from '../../shared/contract/operation.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import {
  type ContractSource,
  readDescription,
} from '../../shared/metadata/read/read-description.ts';
import { writeSource } from '../../shared/metadata/source/write-source.ts';
import { describe } from '../../shared/metadata/write/description.ts';
import { readXml } from '../../shared/metadata/xml/read-xml.ts';
import { contracts, plain } from './contracts.ts';
import { xmlContracts } from './xml-contracts.ts';

function throughWsdl(contract: Contract): ContractSource {
  const documents = describe('Service', [{ contract, address: 'net.tcp://localhost:9000/a' }]);
  const [read] = readDescription(
    documents.map(({ text, name }) => readXml(text, name, DEFAULT_LIMITS)),
  );
  if (read === undefined) throw new Error('no contract');
  return read;
}

function toContract(source: ContractSource): Contract {
  const { name, namespace, callback, sessionMode, operations } = source;
  return defineContract({
    name,
    namespace,
    ...(callback && { callback: toContract(callback) as Contract<never, never> }),
    ...(sessionMode && { sessionMode }),
    operations: Object.fromEntries(operations),
  });
}

test('a contract is the same when it comes back from WSDL', () => {
  fc.assert(
    fc.property(contracts, (contract) => {
      const read = throughWsdl(contract);
      expect([...read.unsaid]).toEqual([]);
      expect(plain(toContract(read))).toEqual(plain(contract));
    }),
    { numRuns: 100 },
  );
});

test('the same of the format xmlSerializer', () => {
  fc.assert(
    fc.property(xmlContracts, (contract) => {
      const read = throughWsdl(contract);
      expect([...read.unsaid]).toEqual([]);
      expect(plain(toContract(read))).toEqual(plain(contract));
    }),
    { numRuns: 60 },
  );
});

test('its source is as Prettier has it, and the same each time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(contracts, xmlContracts), async (contract) => {
      const source = writeSource([throughWsdl(contract)], 'a test');
      const options = { parser: 'typescript', singleQuote: true, printWidth: 100 };
      expect(await format(source, options)).toBe(source);
      expect(writeSource([throughWsdl(contract)], 'a test')).toBe(source);
    }),
    { numRuns: 30 },
  );
});

const twice = object('D', { text: string });

test.for([
  ['a null that .NET leaves out', optional(nillable(string)), optional(string)],
  ['a class defined twice', object('D', { text: string }), twice],
] as const)('%s comes back as one of its kind', ([, member, due]) => {
  const of = (m: typeof member): Contract =>
    defineContract({
      name: 'I',
      operations: {
        Op: operation([
          ['v', object('C', { m })],
          ['w', twice],
        ]),
      },
    });
  expect(plain(toContract(throughWsdl(of(member))))).toEqual(plain(of(due)));
});

test('arrays of one class have null among their items if one of them has', () => {
  const contract = (one: typeof string | ReturnType<typeof nillable<string>>): Contract =>
    defineContract({
      name: 'I',
      operations: {
        Op: operation([
          ['v', array(one)],
          ['w', array(nillable(string))],
        ]),
      },
    });
  expect(plain(toContract(throughWsdl(contract(string))))).toEqual(
    plain(contract(nillable(string))),
  );
});

test('a header of the name of a member of the body comes back under another', () => {
  const namespace = 'urn:twice';
  const Twice = message({
    headers: { XHeader: header('X', string, { namespace }) },
    body: { X: int },
  });
  const contract = defineContract({
    name: 'I',
    namespace,
    operations: { Op: operation(Twice, Twice) },
  });
  const read = throughWsdl(contract);
  expect([...read.unsaid]).toEqual([]);
  expect(plain(toContract(read))).toEqual(plain(contract));
});

test('two types of one name are refused', () => {
  const contract = defineContract({
    name: 'I',
    operations: {
      Op: operation([
        ['v', object('C', { a: int })],
        ['w', object('C', { a: string })],
      ]),
    },
  });
  expect(() => throughWsdl(contract)).toThrow(
    'Metadata cannot describe the contract: it has two types named {http://schemas.datacontract.org/2004/07/}C.',
  );
});
