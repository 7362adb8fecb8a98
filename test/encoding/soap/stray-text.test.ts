// Text among the parts of a message, and what follows its body: refused, or told, and never lost in silence.
import { describe, expect, test } from 'vitest';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { message as contractMessage } from '../../../shared/contract/message.ts';
import { XSI } from '../../../shared/contract/types/type-names.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import type { OnUnknown } from '../../../shared/encoding/unknown.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import {
  ADDRESS,
  CALL,
  GUID,
  message,
  numbers,
  operationOf,
  streamed,
  written,
} from './messages.ts';

type Write = (xml: BinaryXmlWriter) => void;

const namespace = 'urn:t';
const body = { A: t.int, B: t.int };
const IText = defineContract({
  name: 'IText',
  namespace,
  operations: {
    Op: operation(
      [
        ['A', t.int],
        ['B', t.int],
      ],
      t.int,
      { faults: [t.object('D', { A: t.int }, namespace)] },
    ),
    Wrapped: operation(contractMessage({ body }), contractMessage({ body })),
    Bare: operation(contractMessage({ wrapped: false, body }), t.nothing),
    Xml: operation([['A', t.int]], t.int, { format: 'xmlSerializer' }),
    Null: operation([['N', t.nillable(t.int)]]),
    NullIn: operation([['O', t.object('O', { N: t.optional(t.int) }, namespace)]]),
    NullXml: operation([['N', t.nillable(t.int)]], t.nothing, { format: 'xmlSerializer' }),
  },
});

const say =
  (text: string): Write =>
  (xml) =>
    xml.text(text, OPEN);
const all =
  (...parts: readonly Write[]): Write =>
  (xml) => {
    for (const part of parts) part(xml);
  };
const element =
  (name: string, ...inside: readonly Write[]): Write =>
  (xml) => {
    xml.element('', name);
    xml.xmlns('', namespace);
    for (const each of inside) each(xml);
    xml.endElement();
  };
const [A, B] = [numbers(['A', 1]), numbers(['B', 2])];
const own = (name: string, value: number): Write => element(name, (xml) => xml.double(value, OPEN));

/** What the service makes of a request. @param where text stands in the envelope itself */
function request(name: string, inside: Write, headers: Write = () => {}, told: string[] = []) {
  const onUnknown: OnUnknown = (of, _, parts) =>
    void told.push(...parts.map((part) => `${of}: ${part.what} ${JSON.stringify(part.name)}`));
  const at = { contract: IText, limits: DEFAULT_LIMITS, address: ADDRESS, onUnknown };
  const action = `${namespace}/IText/${name}`;
  const parts = { action, to: ADDRESS, messageId: `urn:uuid:${GUID}`, headers, body: inside };
  const bytes = message(parts, false);
  const read = streamed.service(at).readRequest(bytes, 0, bytes.length);
  return read.kind === 'call' ? read.args : read.fault?.message;
}

/** What the client makes of an answer. */
function answer(name: string, inside: Write, told: string[] = []) {
  const onUnknown: OnUnknown = (of, _, parts) =>
    void told.push(...parts.map((part) => `${of}: ${part.what} ${JSON.stringify(part.name)}`));
  const at = { contract: IText, limits: DEFAULT_LIMITS, address: ADDRESS, onUnknown };
  const client = streamed.client(at);
  const of = operationOf(IText, name);
  const args = of.request === undefined ? of.parameters.map(() => 1) : [{ A: 1, B: 2 }];
  written((out) => client.writeRequest(out, CALL, of, args));
  const relatesTo = `urn:uuid:${GUID}`;
  const bytes = message({ action: of.replyAction, relatesTo, body: inside }, false);
  const reply = client.readReply(bytes, 0, bytes.length, () => of);
  if (reply?.kind === 'result') return reply.value;
  return reply?.kind === 'fault' ? reply.fault : reply?.kind;
}

const WHITE = say(' \r\n\t');

test('white space may stand anywhere', () => {
  const parameters = element('Op', WHITE, A, WHITE, B, WHITE);
  expect(request('Op', all(WHITE, parameters, WHITE), WHITE)).toEqual([1, 2]);
  expect(request('Bare', all(WHITE, own('A', 1), WHITE, own('B', 2), WHITE))).toEqual([
    { A: 1, B: 2 },
  ]);
  const result = element('OpResponse', WHITE, numbers(['OpResult', 3]), WHITE);
  expect(answer('Op', all(WHITE, result, WHITE))).toBe(3);
});

// prettier-ignore
describe.for<readonly [string, string, Write, string]>([
  ['before the parameters', 'Op', element('Op', say('x'), A, B), 'The request has text beside elements.'],
  ['between them', 'Op', element('Op', A, say('x'), B), 'The request has text beside elements.'],
  ['after them', 'Op', element('Op', A, B, say('x')), 'The request has text beside elements.'],
  ['a no-break space', 'Op', element('Op', A, say('\u00a0'), B), 'The request has text beside elements.'],
  ['a number', 'Op', element('Op', A, (xml) => xml.double(7, OPEN), B), 'The request has text beside elements.'],
  ['before the body’s element', 'Op', all(say('x'), element('Op', A, B)), 'text stands in its Body.'],
  ['after the body’s element', 'Op', all(element('Op', A, B), say('x')), 'text follows what its Body holds.'],
  ['another element in the Body', 'Op', all(element('Op', A, B), own('C', 3)), 'C follows what its Body holds.'],
  ['in a message', 'Wrapped', element('Wrapped', A, say('x'), B), 'Message has text beside elements.'],
  ['in a bare body', 'Bare', all(own('A', 1), say('x'), own('B', 2)), 'Message has text beside elements.'],
])('%s', ([, name, inside, why]) => {
  test('is refused in a request', () => {
    const said = request(name, inside);
    expect(said).toContain(`Error in deserializing body of request message for operation '${name}'`);
    expect(said).toContain(why);
  });
});

test.for<readonly [string, string, Write, string]>([
  [
    'in a result',
    'Op',
    element('OpResponse', say('x'), numbers(['OpResult', 3])),
    'Result has text beside elements',
  ],
  [
    'in a message',
    'Wrapped',
    element('WrappedResponse', A, B, say('x')),
    'Result has text beside elements',
  ],
  ['where there is none', 'Bare', element('BareResponse', say('x')), 'Result has text'],
  [
    'after the body',
    'Op',
    all(element('OpResponse', numbers(['OpResult', 3])), say('x')),
    'text follows what its Body holds',
  ],
])('%s it is refused in an answer', ([, name, inside, why]) => {
  expect(answer(name, inside)).toMatchObject({
    code: 'Protocol',
    message: expect.stringContaining(why) as string,
  });
});

test('among headers it ends the session, as nothing says which call it is', () => {
  const sent = (): unknown => request('Op', element('Op', A, B), say('x'));
  expect(sent).toThrow('not a SOAP 1.2 envelope: text stands among its headers');
});

test('XmlSerializer passes it over, and somebody is told', () => {
  const told: string[] = [];
  expect(request('Xml', element('Xml', say('x'), A), undefined, told)).toEqual([1]);
  expect(answer('Xml', element('XmlResponse', numbers(['XmlResult', 3]), say('x')), told)).toBe(3);
  expect(told).toEqual(['request: parameter "#text"', 'answer: result "#text"']);
});

test('beside the detail of a fault it is passed over, and somebody is told', () => {
  const told: string[] = [];
  const fault: Write = (xml) => {
    xml.element('s', 'Fault');
    xml.element('s', 'Code');
    xml.element('s', 'Value');
    xml.text('s:Sender', END);
    xml.endElement();
    xml.element('s', 'Reason');
    xml.element('s', 'Text');
    xml.text('no', END);
    xml.endElement();
    xml.element('s', 'Detail');
    xml.text('x', OPEN);
    element('D', A)(xml);
    xml.endElement();
    xml.endElement();
  };
  expect(answer('Op', fault, told)).toMatchObject({ message: 'no', typed: { value: { A: 1 } } });
  expect(told).toEqual(['answer: detail "#text"']);
});

const nil: Write = (xml) => {
  xml.element('', 'N');
  xml.attribute('i', 'nil');
  xml.boolean(true, OPEN);
  xml.xmlns('i', XSI);
};

/** An element N that says it is null, with something in it. */
const nilWith = (inside: Write): Write => all(nil, inside, (xml) => xml.endElement());

test.for([
  ['Null', nilWith, [null]],
  ['NullIn', (inside: Write) => element('O', nilWith(inside)), [{}]],
  ['NullXml', nilWith, [null]],
] as const)('null that holds something is told: %s', ([name, around, due]) => {
  for (const [inside, what] of [
    [all(), undefined],
    [say(' \n'), undefined],
    [say('5'), '#text'],
    [all(A, B), 'A'],
  ] as const) {
    const told: string[] = [];
    expect(request(name, element(name, around(inside)), undefined, told)).toEqual(due);
    expect(told[0]).toBe(what && `request: member "${what}"`);
  }
});
