// Bodies as XmlSerializer writes them, in WCF's octets: .NET's [XmlSerializerFormat].
import { expect, test } from 'vitest';
import { defineContract, operation } from '../../../../shared/contract/contract.ts';
import * as t from '../../../../shared/contract/types/types.ts';
import { createSoap } from '../../../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../../../shared/limits.ts';
import { IPersons } from '../../../fixtures/persons.ts';
import * as shop from '../../../fixtures/shop/shop.ts';
import { ANN, EACH } from '../../../fixtures/wcf-client/persons.ts';
import { hex, octets } from '../../../helpers/octets.ts';
import { envelopesOf, idOf } from '../connections.ts';
import { operationOf, written } from '../messages.ts';

const namespace = 'http://example.org/shop';
const XStatus = t.enumeration('XStatus', ['New', 'Paid', 'Sent']);
const XmlPerson = t.object('XmlPerson', {
  Id: t.attribute(t.int),
  Name: t.nillable(t.string),
  Phones: t.array(t.string, { item: 'Phone' }),
  Mails: t.elements(t.string, { name: 'Mail' }),
  Status: XStatus,
});
const IXml = defineContract({
  name: 'IXml',
  namespace,
  format: 'xmlSerializer',
  operations: { EchoPerson: operation([['person', XmlPerson]], XmlPerson) },
});
const person = { Id: 4, Name: 'n', Phones: ['1', '2'], Mails: ['m1', 'm2'], Status: 'Sent' };

const { Mails: Mail, ...rest } = person;

test.for([
  ['written by hand', IXml, person],
  ['imported', shop.IXml, { ...rest, Mail }],
] as const)('a call and its answer, byte for byte: %s', ([, contract, value]) => {
  const envelopes = envelopesOf('dotnet-shop');
  const [[request = ''], [reply = '']] = [
    envelopes('xmlPerson', 'client'),
    envelopes('xmlPerson', 'service'),
  ];
  const [session, id] = idOf(request, '441aad');
  const soap = createSoap('buffered', () => session);
  const at = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9310/xml' };
  const [client, service] = [soap.client(at), soap.service(at)];
  const of = operationOf(contract, 'EchoPerson');
  expect(hex(written((out) => client.writeRequest(out, id, of, [value])))).toBe(request);
  const read = service.readRequest(octets(request), 0, request.length / 2);
  expect(read).toMatchObject({ kind: 'call', operation: of, args: [value] });
  expect(hex(written((out) => service.writeResult(out, read.id ?? '', of, value)))).toBe(reply);
  expect(client.readReply(octets(reply), 0, reply.length / 2, () => of)).toMatchObject({
    kind: 'result',
    value,
  });
});

const FIGURES = [
  { $type: 'Circle', Name: 'c', Radius: 1.5 },
  { $type: 'Square', Name: 's', Side: 2, Color: 'red' },
  null,
];
const NO_PERSON = { Id: 0, Rights: 0, Name: null, Mails: [], Status: 'New', Note: null, Age: null };
const NO_ODDS = {
  Ratio: 0,
  Bool: false,
  ...Object.fromEntries(
    ['SByte', 'Byte', 'Short', 'UShort', 'Int', 'UInt', 'Float', 'Double'].map((of) => [of, 0]),
  ),
  Long: 0n,
  ULong: 0n,
  Decimal: '0',
  Guid: '00000000-0000-0000-0000-000000000000',
  Char: '\0',
};
/** What the client of test/interop/peers calls, in its order. */
const CALLS: readonly (readonly [string, unknown])[] = [
  ['EchoPerson', [ANN]],
  ['EchoPerson', [null]],
  ['EchoPerson', [NO_PERSON]],
  ['EchoOdds', [EACH]],
  ['EchoOdds', [NO_ODDS]],
  ['EchoFigures', [FIGURES]],
  ...['é\n→', '', ' ', null, '1'].map((text) => ['EchoText', [text]] as const),
  ['EchoNumber', [-1]],
  ['EchoNumber', [null]],
  ['Split', ['a b', 1]],
  ['Fail', [5]],
  ['Send', [{ Sender: 'me', Subject: { Language: 'en', Text: 's' }, Lines: ['1', '2'] }]],
  ['Plain', [{ A: 'a', B: 1.5 }]],
];

test('every form, byte for byte', () => {
  const requests = envelopesOf('dotnet-persons')('persons', 'client');
  const at = {
    contract: IPersons,
    limits: DEFAULT_LIMITS,
    address: 'net.tcp://localhost:39399/x/persons',
  };
  const soap = createSoap('buffered', () => new Uint8Array(12));
  const [client, service] = [soap.client(at), soap.service(at)];
  expect(requests).toHaveLength(CALLS.length);
  for (const [index, [name, args]] of CALLS.entries()) {
    const request = requests[index] ?? '';
    const of = operationOf(IPersons, name);
    const read = service.readRequest(octets(request), 0, request.length / 2);
    expect(read, name).toMatchObject({ kind: 'call', operation: of, args });
    const again = read.kind === 'call' ? read.args : [];
    const ours = hex(written((out) => client.writeRequest(out, 1, of, again)));
    expect(withoutId(ours), name).toBe(withoutId(request));
  }
});

test.for<readonly [string, t.ValueType, (items: number[]) => unknown]>([
  ['an array', t.array(t.int), (items) => items],
  ['items without an element around them', t.object('O', { A: t.elements(t.int) }), (A) => ({ A })],
])('%s that grows while it is sent is refused, and not sent for ever', ([, type, valueOf]) => {
  const contract = defineContract({
    name: 'I',
    format: 'xmlSerializer',
    operations: { Op: operation([['v', type]], type) },
  });
  const items = [1, 2, 3];
  Object.defineProperty(items, 1, { get: () => (items.push(4), 2) });
  const at = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const [soap, of] = [createSoap('buffered'), operationOf(contract, 'Op')];
  const why = (had: number): RegExp =>
    new RegExp(`must not change while it is sent: it had ${had} items, and has ${had + 1}$`);
  expect(() =>
    written((out) => soap.client(at).writeRequest(out, 1, of, [valueOf(items)])),
  ).toThrow(why(3));
  expect(() =>
    written((out) => soap.service(at).writeResult(out, 'x', of, valueOf(items))),
  ).toThrow(why(4));
});

/** Message ids are random. */
function withoutId(envelope: string): string {
  return envelope.replace(/441aad[0-9a-f]{32}/, '441aad');
}
