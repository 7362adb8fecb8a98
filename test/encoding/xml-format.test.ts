// The format xmlSerializer: what contracts say, what comes through, and what is told or refused.
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type Contract,
  defineContract,
  type Operation,
  operation,
  results,
} from '../../shared/contract/contract.ts';
import { message } from '../../shared/contract/message.ts';
import { DateTimeOffset } from '../../shared/contract/types/text/date-time.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { CodecOptions, MessageEncoding } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { DEFAULT_LIMITS, type Limits } from '../../shared/limits.ts';
import { rawText, type Untrusted } from '../../shared/printable.ts';
import { octets } from '../helpers/octets.ts';
import { buffered, operationOf, streamed, written, xmlOf } from './soap/messages.ts';

const namespace = 'urn:xml';
const Label = t.object('Label', { Lang: t.attribute(t.optional(t.string)), Text: t.text(t.int) });
const format = 'xmlSerializer';

function contractOf(type: t.ValueType): Contract {
  const operations = { Op: operation([['v', type]], type) };
  return defineContract({ name: 'I', namespace, format, operations });
}

/** What the service gets of a request, and the client of an answer with the same. */
function exchange(
  encoding: MessageEncoding,
  theirs: t.ValueType,
  sent: unknown,
  ours: t.ValueType = theirs,
  limits: Limits = DEFAULT_LIMITS,
): { readonly got: readonly [unknown, unknown]; readonly told: string[]; readonly xml: string } {
  const told: string[] = [];
  const at = (type: t.ValueType): CodecOptions => ({
    contract: contractOf(type),
    limits,
    address: 'net.tcp://localhost:9000/x',
    onUnknown: (of, _, parts) =>
      told.push(
        ...parts.map(
          (part) => `${of}: ${part.what} ${rawText(part.name as Untrusted)} of ${part.of}`,
        ),
      ),
  });
  const [there, here] = [at(theirs), at(ours)];
  const of = ({ contract }: typeof there): Operation => operationOf(contract, 'Op');
  const call = written((out) => encoding.client(there).writeRequest(out, 1, of(there), [sent]));
  const request = encoding.service(here).readRequest(call, 0, call.length);
  if (request.kind !== 'call') throw new Error(request.fault.message);
  const answer = written((out) => {
    const service = encoding.service(there);
    const read = service.readRequest(call, 0, call.length);
    service.writeResult(out, read.id ?? '', of(there), sent);
  });
  const client = encoding.client(here);
  written((out) => client.writeRequest(out, 1, of(here), [request.args[0]]));
  const reply = client.readReply(answer, 0, answer.length, () => of(here));
  if (reply?.kind === 'fault') throw new Error(reply.fault.message);
  if (reply?.kind !== 'result') throw new Error('no answer');
  return {
    got: [request.args[0], reply.value],
    told,
    xml: encoding === streamed ? xmlOf(call) : '',
  };
}

const Base = t.object('Base', { A: t.int });
const Derived = t.object('Derived', { B: t.attribute(t.int) }, { base: Base, namespace: 'urn:d' });
interface Node {
  N: Node | null;
}
const Node: t.ValueType<Node> = t.object('Node', { N: t.nillable(t.lazy(() => Node)) });
const Rights = t.flags('Rights', { Read: 1, Write: 2 });
const offset = new DateTimeOffset(new Date(0), -90);

// What is sent and read, and what it is in XML.
// prettier-ignore
const VALUES: readonly (readonly [string, t.ValueType, unknown, string])[] = [
  ['an attribute in a namespace', t.object('O', { A: t.attribute(t.int, { namespace: 'urn:a' }) }), { A: 1 }, '<v b:A="1" xmlns:b="urn:a"/>'],
  ['text with attributes', Label, { Lang: 'en', Text: -5 }, '<v Lang="en">-5</v>'],
  ['an optional attribute', Label, { Text: 1 }, '<v>1</v>'],
  ['no items', t.object('O', { E: t.elements(t.int), A: t.array(t.int) }), { E: [], A: [] }, '<v><A/></v>'],
  ['flat objects', t.object('O', { L: t.elements(Label) }), { L: [{ Text: 1 }, { Text: 2 }] }, '<v><L>1</L><L>2</L></v>'],
  ['a flat null', t.object('O', { L: t.elements(t.nillable(t.string)) }), { L: [null, ''] }, '<v><L xsi:nil="true"/><L/></v>'],
  ['null left out', t.object('O', { S: t.nillable(t.string), N: t.nillable(Label), A: t.nillable(t.array(t.int)) }), { S: null, N: null, A: null }, '<v/>'],
  ['null as an element', t.object('O', { S: t.element(t.nillable(t.string), { nil: true }), I: t.nillable(t.int) }), { S: null, I: null }, '<v><S xsi:nil="true"/><I xsi:nil="true"/></v>'],
  ['a list and flags in attributes', t.object('O', { L: t.attribute(t.array(t.double)), F: t.attribute(Rights) }), { L: [1e-7, -Infinity], F: 3 }, '<v L="1E-07 -INF" F="Read Write"/>'],
  ['flags in an element', Rights, 3, '<v>Read Write</v>'],
  ['a derived class', t.known(Base, [Derived]), { $type: 'Derived', A: 1, B: 2 }, '<v xsi:type="q1:Derived" B="2" xmlns:q1="urn:d"><A>1</A></v>'],
  ['the base class', t.known(Base, [Derived]), { $type: 'Base', A: 1 }, '<v><A>1</A></v>'],
  ['of several namespaces', t.array(t.known(Base, [t.object('Derived', { B: t.int }, { base: Base, namespace: 'urn:d' })])), [{ $type: 'Derived', A: 1, B: 2 }], '<v><Base xsi:type="q1:Derived" xmlns:q1="urn:d"><A>1</A><q1:B>2</q1:B></Base></v>'],
  ['unqualified and qualified', t.object('O', { U: t.element(Base, { namespace: '' }), Q: t.int }), { U: { A: 1 }, Q: 2 }, `<v><U xmlns=""><A xmlns="${namespace}">1</A></U><Q>2</Q></v>`],
  ['items of their own names', t.array(t.array(t.int, { item: 'i', namespace: 'urn:i' }), { item: 'a' }), [[1], []], '<v><a><i xmlns="urn:i">1</i></a><a/></v>'],
  ['a class of itself', Node, { N: { N: null } }, '<v><N/></v>'],
  ['any', t.array(t.any([Base])), [1, { $type: 'Base', A: 1 }, t.typed(t.duration, 1500)], '<v><anyType xsi:type="xsd:int">1</anyType><anyType xsi:type="Base"><A>1</A></anyType><anyType xsi:type="q1:TimeSpan" xmlns:q1="http://microsoft.com/wsdl/types/">PT1.5S</anyType></v>'],
  ['XML', t.object('O', { X: t.xml }), { X: '<a b="1">t</a>' }, `<v><X><a b="1" xmlns="">t</a></X></v>`],
  ['times', t.object('O', { D: t.duration, O: t.dateTimeOffset, A: t.attribute(t.dateTimeOffset) }), { D: -1, O: offset, A: offset }, '<v A="1969-12-31T22:30:00-01:30"><D>-PT0.001S</D><O>1969-12-31T22:30:00-01:30</O></v>'],
  ['bytes', t.object('O', { A: t.attribute(t.base64Binary), T: t.text(t.base64Binary) }), { A: new Uint8Array(0), T: Uint8Array.of(1, 2, 3, 4) }, '<v A="">AQIDBA==</v>'],
];

describe.each([buffered, streamed])('$name, $contentType', (encoding) => {
  test.for(VALUES)('%s', ([, type, value, due]) => {
    const { got, told, xml } = exchange(encoding, type, value);
    expect(got).toEqual([value, value]);
    expect(told).toEqual([]);
    if (encoding === streamed) expect(xml.replace(/\n */g, '')).toContain(due);
  });
});

const One = t.object('O', { A: t.int });
// What the peer has and sends, what is got of it here, and who is told.
// prettier-ignore
const UNKNOWN: readonly (readonly [string, t.ValueType, unknown, t.ValueType, unknown, string[]])[] = [
  ['an element', t.object('O', { A: t.int, B: t.int }), { A: 1, B: 2 }, One, { A: 1 }, ['member B of O']],
  ['an attribute', t.object('O', { A: t.int, B: t.attribute(t.int) }), { A: 1, B: 2 }, One, { A: 1 }, ['member @B of O']],
  ['text', t.object('O', { A: t.text(t.int) }), { A: 1 }, One, { A: 0 }, ['member #text of O']],
  ['an element twice', t.object('O', { A: t.elements(t.int) }), { A: [1, 2] }, One, { A: 1 }, ['member A of O']],
  ['an attribute on a scalar', t.object('O', { A: Label }), { A: { Lang: 'en', Text: 1 } }, One, { A: 1 }, ['member @Lang of int']],
  ['in another namespace', t.object('O', { A: t.element(t.int, { namespace: '' }) }), { A: 1 }, One, { A: 0 }, ['member A of O']],
  ['in any order', t.object('O', { B: t.int, A: t.int }), { B: 2, A: 1 }, t.object('O', { A: t.int, B: t.int }), { A: 1, B: 2 }, []],
];

test.for(UNKNOWN)(
  'what the contract does not know is told: %s',
  ([, theirs, sent, ours, due, who]) => {
    const { got, told } = exchange(buffered, theirs, sent, ours);
    expect(got).toEqual([due, due]);
    expect(told).toEqual(['request', 'answer'].flatMap((of) => who.map((one) => `${of}: ${one}`)));
  },
);

// prettier-ignore
test.for<readonly [string, t.ValueType, unknown, t.ValueType, string]>([
  ['another type', t.known(Base, [Derived]), { $type: 'Derived', A: 1, B: 2 }, Base, '{urn:d}Derived'],
  ['an attribute of another type', t.object('O', { A: t.attribute(t.string) }), { A: 'x' }, t.object('O', { A: t.attribute(t.int) }), '.A must be an int'],
  ['a required member', t.object('O', {}), {}, t.object('O', { A: t.required(t.int) }), '.A is missing'],
  ['a required attribute', t.object('O', {}), {}, t.object('O', { A: t.attribute(t.required(t.int)) }), '.A is missing'],
  ['another item', t.array(t.int, { item: 'a' }), [1], t.array(t.int), '[0] must be an element int, not'],
  ['nil', t.nillable(t.int), null, t.int, 'must be an int'],
])('what cannot be read is refused: %s', ([, theirs, sent, ours, why]) => {
  expect(() => exchange(buffered, theirs, sent, ours)).toThrow(why);
});

test.for<readonly [string, t.ValueType, unknown, string]>([
  ['a value', t.object('O', { A: t.attribute(t.int) }), { A: 'x' }, '.A must be an int'],
  ['an item', t.object('O', { A: t.elements(t.int) }), { A: [1, null] }, '.A[1] must be an int'],
  [
    'a list',
    t.object('O', { A: t.attribute(t.array(t.string)) }),
    { A: ['a b'] },
    '.A[0] must be text',
  ],
  ['an enumeration', t.enumeration('E', ['a']), 'b', 'must be one of E (a)'],
])('what cannot be written is refused: %s', ([, type, value, why]) => {
  expect(() => exchange(buffered, type, value)).toThrow(
    `Op: parameter "v"${why.startsWith('.') ? '' : ' '}${why}`,
  );
});

test('limits hold', () => {
  const nested = (depth: number): Node => {
    let node: Node = { N: null };
    for (let step = 0; step < depth; step++) node = { N: node };
    return node;
  };
  const most = DEFAULT_LIMITS.maxDepth - 4;
  expect(exchange(buffered, Node, nested(most)).got[0]).toEqual(nested(most));
  expect(() => exchange(buffered, Node, nested(most + 1))).toThrow('maxDepth');
  expect(() => exchange(buffered, Node, nested(DEFAULT_LIMITS.maxDepth + 1))).toThrow('maxDepth');
  const many = t.object('O', { A: t.elements(t.int) });
  const limits = { ...DEFAULT_LIMITS, maxXmlNodes: 200 };
  expect(() => exchange(buffered, many, { A: Array(200).fill(1) }, many, limits)).toThrow(
    'maxXmlNodes',
  );
});

// prettier-ignore
test.for<readonly [string, t.ValueType, string]>([
  ['a dictionary', t.dictionary(t.int, t.int), 'has a dictionary, for which XmlSerializer has no form'],
  ['a version', t.version, 'has a version'],
  ['references', t.object('R', {}, { reference: true }), 'XmlSerializer has no references'],
  ['an object as an attribute', t.object('O', { A: t.attribute(Base) }), 'O.A, which is no text, as an attribute'],
  ['text beside elements', t.object('O', { A: t.text(t.string), B: t.int }), 'text beside elements'],
])('%s is refused', ([, type, why]) => {
  expect(() => contractOf(type)).toThrow(why);
});

test('a data contract has no attributes, and neither has the detail of a fault', () => {
  const due = 'The operation Op has Label.Lang, an attribute of XML';
  expect(() =>
    defineContract({ name: 'I', operations: { Op: operation([['v', Label]]) } }),
  ).toThrow(due);
  expect(() =>
    defineContract({
      name: 'I',
      format,
      operations: { Op: operation([], t.nothing, { faults: [Label] }) },
    }),
  ).toThrow(due);
  const Flat = message({ body: { A: t.elements(t.int) } });
  expect(() => defineContract({ name: 'I', operations: { Op: operation(Flat) } })).toThrow(
    'has A of its message as an element',
  );
});

test('callers and implementations see what a person would write', () => {
  const Letter = t.object('Letter', {
    Id: t.attribute(t.int),
    Language: t.attribute(t.optional(t.string)),
    Lines: t.elements(t.string, { name: 'Line' }),
    Note: t.element(t.nillable(t.string), { nil: true }),
  });
  expectTypeOf<t.TypeOf<typeof Letter>>().toEqualTypeOf<{
    Id: number;
    Lines: string[];
    Note: string | null;
    Language?: string;
  }>();
  expectTypeOf<t.TypeOf<typeof Label>>().toEqualTypeOf<{ Text: number; Lang?: string }>();
});

test('the format is the contract’s, an operation’s own, or a base’s', () => {
  const IBase = defineContract({
    name: 'IBase',
    format,
    operations: { A: operation([]), B: operation([], t.nothing, { format: 'dataContract' }) },
  });
  const ICallback = defineContract({ name: 'C', format, operations: { D: operation([]) } });
  const IAll = defineContract({
    name: 'IAll',
    extends: [IBase],
    callback: ICallback,
    operations: { C: operation([]) },
  });
  const formats = [...IAll.operations.values()].map((one) => one.format ?? 'dataContract');
  expect(formats).toEqual([format, 'dataContract', 'dataContract']);
  expect(operationOf(IAll.callback as Contract, 'D').format).toBe(format);
});

test('several results', () => {
  const several = results({ OpResult: t.boolean, words: t.array(t.string) });
  const contract = defineContract({
    name: 'I',
    format,
    operations: { Op: operation([], several) },
  });
  const at = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const [client, service] = [buffered.client(at), buffered.service(at)];
  const of = operationOf(contract, 'Op');
  const call = written((out) => client.writeRequest(out, 1, of, []));
  const read = service.readRequest(call, 0, call.length);
  const value = { OpResult: true, words: ['a'] };
  const answer = written((out) => service.writeResult(out, read.id ?? '', of, value));
  expect(client.readReply(answer, 0, answer.length, () => of)).toMatchObject({ value });
});

test('MessagePack does not carry it', () => {
  const contract = contractOf(Label);
  const at = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  expect(() =>
    written((out) => msgpack.client(at).writeRequest(out, 1, operationOf(contract, 'Op'), [{}])),
  ).toThrow('operation Op has the format xmlSerializer: SOAP alone carries it');
  const request = octets('94 00 01 a2 4f70 90');
  expect(msgpack.service(at).readRequest(request, 0, request.length)).toMatchObject({
    fault: { message: expect.stringContaining('has the format xmlSerializer') as string },
  });
});
