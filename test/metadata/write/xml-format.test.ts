// Operations of the format xmlSerializer in metadata: libxml2 finds each body that the encoder writes valid against the
// schemas that describe it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Contract, defineContract, operation } from '../../../shared/contract/contract.ts';
import { message } from '../../../shared/contract/message.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { describe as describeService } from '../../../shared/metadata/write/description.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { operationOf, streamed, written, xmlOf } from '../../encoding/soap/messages.ts';
import { IPersons } from '../../fixtures/persons.ts';
import { ANN, EACH } from '../../fixtures/wcf-client/persons.ts';
import { check, lacks, lint } from '../lint.ts';

const namespace = 'urn:xml';
const format = 'xmlSerializer';
const address = 'net.tcp://localhost:9000/persons';
const textOf = (contract: Contract): string =>
  describeService('Service', [{ contract, address }])
    .map((one) => one.text)
    .join('\n');

/** The Body of a call, as a document. @param spoil changes it first */
function bodyOf(contract: Contract, name: string, args: readonly unknown[]): string {
  const client = streamed.client({ contract, limits: DEFAULT_LIMITS, address });
  const of = operationOf(contract, name);
  const xml = xmlOf(written((out) => client.writeRequest(out, 1, of, args)));
  const [, attributes = '', content = ''] = /<s:Body([^>]*)>(.*)<\/s:Body>/s.exec(xml) ?? [];
  return `<Body${attributes}>${content}</Body>`;
}

/** Validates documents. @param schema that of {@link check} */
async function validate(schema: string, documents: readonly string[]) {
  const files = documents.map((xml, index) => {
    const file = path.join(path.dirname(schema), `body${index}.xml`);
    writeFileSync(file, xml);
    return file;
  });
  const { status, stderr } = await lint('--schema', schema, ...files);
  const wrong = documents.filter((_, index) => !stderr.includes(`body${index}.xml validates`));
  return { status, stderr: status === 0 ? '' : [stderr, ...wrong].join('\n') };
}
const VALID = { status: 0, stderr: '' };

const Label = t.object('Label', { Lang: t.attribute(t.optional(t.string)), Text: t.text(t.int) });
const Base = t.object('Base', { A: t.int });
const Derived = t.object('Derived', { B: t.attribute(t.int) }, { base: Base, namespace: 'urn:d' });
const Special = t.object('Special', { C: t.attribute(t.boolean) }, { base: Label });
const Rights = t.flags('Rights', { Read: 1, Write: 2 });
interface Node {
  N: Node | null;
}
const Node: t.ValueType<Node> = t.object('Node', { N: t.nillable(t.lazy(() => Node)) });

// prettier-ignore
const VALUES: readonly (readonly [string, t.ValueType, readonly unknown[]])[] = [
  ['attributes', t.object('O', { A: t.attribute(t.int, { namespace: 'urn:a' }), O: t.attribute(t.int, { namespace: 'urn:o' }), B: t.attribute(t.optional(t.guid)) }, 'urn:o'), [{ A: 1, O: 2 }, { A: 1, O: 2, B: '00112233-4455-6677-8899-aabbccddeeff' }]],
  ['text with attributes', Label, [{ Text: 1 }, { Lang: 'en', Text: -5 }]],
  ['a class derived from text', t.known(Label, [Special]), [{ $type: 'Special', Text: 1, C: true }, { $type: 'Label', Text: 1 }]],
  ['flat arrays', t.object('O', { E: t.elements(t.int), L: t.elements(Label, { name: 'M' }), S: t.elements(t.nillable(t.string)) }), [{ E: [], L: [], S: [] }, { E: [1, 2], L: [{ Text: 1 }, { Text: 2 }], S: [null, ''] }]],
  ['null', t.object('O', { S: t.element(t.nillable(t.string), { nil: true }), N: t.nillable(Label), I: t.nillable(t.int) }), [{ S: null, N: null, I: null }, { S: '', N: { Text: 1 }, I: 2 }]],
  ['lists and flags', t.object('O', { L: t.attribute(t.array(t.double)), F: t.attribute(Rights), E: Rights }), [{ L: [1e-7], F: 3, E: 1 }, { L: [], F: 1, E: 3 }]],
  ['a derived class', t.array(t.known(Base, [Derived])), [[{ $type: 'Derived', A: 1, B: 2 }, { $type: 'Base', A: 1 }]]],
  ['a derived class of another namespace', t.known(Base, [t.object('Derived', { B: t.int }, { base: Base, namespace: 'urn:d2' })]), [{ $type: 'Derived', A: 1, B: 2 }]],
  ['unqualified and qualified', t.object('O', { U: t.element(Base, { namespace: '' }), Q: t.int, L: t.element(t.array(t.int), { namespace: '' }), X: t.element(t.optional(t.int), { namespace: 'urn:x' }) }), [{ U: { A: 1 }, Q: 2, L: [1], X: 1 }, { U: { A: 1 }, Q: 2, L: [] }]],
  ['items of their own names', t.array(t.array(t.int, { item: 'i', namespace: 'urn:i' }), { item: 'a' }), [[[1], []]]],
  ['arrays of one name', t.object('O', { A: t.array(t.int), B: t.array(t.int, { item: 'b' }), C: t.array(t.nillable(t.int)), D: t.array(t.int) }), [{ A: [1], B: [2], C: [null], D: [3] }]],
  ['arrays of a class elsewhere', t.object('O', { A: t.array(Base), B: t.array(t.any()) }, 'urn:o2'), [{ A: [{ A: 1 }], B: [1, 'x', null] }]],
  ['a class of itself', Node, [{ N: { N: null } }]],
  ['any', t.array(t.any([Base])), [[1, { $type: 'Base', A: 1 }, t.typed(t.duration, 1500)]]],
  ['XML', t.object('O', { X: t.xml }), [{ X: '<a b="1"/>' }]],
  ['scalars of .NET', t.object('O', { D: t.duration, G: t.guid, C: t.char, E: t.enumeration('E', ['a', 'b c']) }), [{ D: -1, G: '00112233-4455-6677-8899-aabbccddeeff', C: 'x', E: 'b c' }]],
];

describe.skipIf(lacks.length > 0)('bodies are valid', () => {
  test('of the contract that .NET has, too', async () => {
    const schema = await check([IPersons]);
    // No null: .NET writes it, too, but no schema allows it of a class that is abstract.
    const figures = [
      { $type: 'Circle', Name: 'c', Radius: 1.5 },
      { $type: 'Square', Name: 's', Side: 2, Color: 'red' },
    ];
    const letter = { Sender: 'me', Subject: { Language: 'en', Text: 's' }, Lines: ['1', '2'] };
    const calls: readonly (readonly [string, ...unknown[]])[] = [
      ['EchoPerson', ANN],
      ['EchoPerson', ANN.Boss],
      ['EchoPerson', null],
      ['EchoOdds', EACH],
      ['EchoFigures', figures],
      ['EchoText', 'x'],
      ['EchoNumber', null],
      ['Split', 'a b', 1],
      ['Fail', 5],
      ['Send', letter],
      ['Plain', { A: 'a', B: 1.5 }],
    ];
    const bodies = calls.map(([name, ...args]) => bodyOf(IPersons, name, args));
    expect(await validate(schema, bodies)).toEqual(VALID);
    const spoilt = bodyOf(IPersons, 'EchoPerson', [ANN]).replace(' Id="4"', '');
    expect(await validate(schema, [spoilt])).toMatchObject({ status: 3 });
  });

  test('of each kind of member', async () => {
    const of = (index: number): string => `Op${index}`;
    const contracts = VALUES.map(([, type], index) =>
      defineContract({
        name: `I${index}`,
        namespace: `urn:xml:${index}`,
        format,
        operations: {
          [of(index)]: operation([['v', type]], type),
          [`Bare${index}`]: operation(message({ wrapped: false, body: { [`B${index}`]: type } })),
        },
      }),
    );
    const schema = await check(contracts);
    for (const contract of contracts) expect(textOf(contract)).not.toContain('left out');
    const bodies = VALUES.flatMap(([, , values], index) => {
      const contract = contracts[index] as (typeof contracts)[number];
      return values.flatMap((value) => [
        bodyOf(contract, of(index), [value]),
        bodyOf(contract, `Bare${index}`, [{ [`B${index}`]: value }]),
      ]);
    });
    expect(await validate(schema, bodies)).toEqual(VALID);
  });
});

test('one class, used in both formats in one namespace, is described as a data contract', () => {
  const Both = t.object('Both', { A: t.int }, 'urn:both');
  const Same = t.enumeration('Same', ['a'], 'urn:both');
  const operations = {
    Data: operation([['v', Both]]),
    Xml: operation([['v', Both]], t.nothing, { format }),
    Fine: operation([['v', Same]], t.nothing, { format }),
    Too: operation([['v', Same]]),
  };
  const text = textOf(defineContract({ name: 'I', namespace, operations }));
  const named = [...text.matchAll(/<wsdl:operation [^>]*name="([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(['Data', 'Fine', 'Too']));
  expect(text).toContain('Xml is left out: there is another type {urn:both}Both.');
  expect(text).not.toContain('name="Xml"');
});

// prettier-ignore
test.for<readonly [string, ReturnType<typeof operation>, string]>([
  ['two classes of one name', operation([['v', t.object('C', { A: t.int })], ['w', t.object('C', { A: t.string })]]), 'there is another type {urn:xml}C'],
  ['text that is a list', operation([['v', t.object('C', { A: t.text(t.array(t.int)) })]]), 'A is text that is a list'],
  ['a base without text', operation([['v', t.object('D', { A: t.text(t.int) }, { base: t.object('C', {}) })]]), 'A is text of a class whose base C has none'],
  ['no namespace', operation([['v', t.object('C', {}, { namespace: '' })]]), 'the type C has no namespace'],
  ['an attribute of XML', operation([['v', t.object('C', { lang: t.attribute(t.string, { namespace: 'http://www.w3.org/XML/1998/namespace' }) })]]), 'lang is an attribute of XML'],
  ['a body of several elements', operation(message({ wrapped: false, body: { A: t.elements(t.int) } })), 'A may come several times in a body'],
])('%s: what no schema says is left out, and why', ([, op, due]) => {
  const contract = defineContract({ name: 'I', namespace, format, operations: { Op: op } });
  const text = textOf(contract);
  expect(text).toContain(`Op is left out: ${due}`);
  expect(text).not.toContain('name="Op"');
});
