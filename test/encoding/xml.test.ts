// XML as text: .NET's XElement, XmlElement, XmlNode[] and classes that are IXmlSerializable.
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { MessageEncoding } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { createSoap, soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import type { UnknownPart } from '../../shared/encoding/unknown.ts';
import { DEFAULT_LIMITS, type Limits } from '../../shared/limits.ts';
import { hex, octets } from '../helpers/octets.ts';
import { envelopesOf, idOf } from './soap/connections.ts';
import { operationOf, written } from './soap/messages.ts';

// prettier-ignore
const DATA_SET = '<xs:schema id="ds" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="" xmlns:msdata="urn:schemas-microsoft-com:xml-msdata"><xs:element name="ds" msdata:IsDataSet="true" msdata:UseCurrentLocale="true"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="t"><xs:complexType><xs:sequence><xs:element name="id" type="xs:int" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element></xs:schema><diffgr:diffgram xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1" xmlns:msdata="urn:schemas-microsoft-com:xml-msdata"><ds xmlns=""><t diffgr:id="t1" msdata:rowOrder="0" diffgr:hasChanges="inserted"><id>1</id></t></ds></diffgr:diffgram>';
const SHOP = 'http://example.org/shop';
const Box = t.object('Box', { Inside: t.nillable(t.xml), Many: t.array(t.xml) }, 'urn:box');
const IBox = defineContract({
  name: 'IBox',
  namespace: SHOP,
  operations: { Echo: operation([['box', Box]], t.xml) },
});
const Echo = operationOf(IBox, 'Echo');

test('it is a string', () => {
  expectTypeOf<t.TypeOf<typeof Box>>().toEqualTypeOf<{ Inside: string | null; Many: string[] }>();
});

/** What the service reads, and the client of the same as a result. */
function echo(encoding: MessageEncoding, xml: string | null, limits: Limits = DEFAULT_LIMITS) {
  const at = { contract: IBox, limits, address: 'net.tcp://localhost:9000/x' };
  const [client, service] = [encoding.client(at), encoding.service(at)];
  const call = written((out) =>
    client.writeRequest(out, 1, Echo, [{ Inside: xml, Many: xml === null ? [] : [xml, xml] }]),
  );
  const request = service.readRequest(call, 0, call.length);
  if (request.kind !== 'call') throw new Error(request.fault.message);
  const answer = written((out) =>
    service.writeResult(out, request.id, request.operation, xml ?? ''),
  );
  const reply = client.readReply(answer, 0, answer.length, () => Echo);
  if (reply?.kind !== 'result') throw new Error('no result');
  return [request.args[0], reply.value];
}

// What is given, and what the other side reads, where that is another text with the same meaning.
// prettier-ignore
const TEXTS: readonly (readonly [string, string, string?])[] = [
  ['nothing', ''],
  ['an element', '<a/>'],
  ['an element with white space', '<a b = "1"\n></a >', '<a b="1"/>'],
  ['attributes, an element and text', '<a b="1"><c/>t</a>'],
  ['several elements, and text between them', 'x<a/>y<b>z</b>'],
  ['a default namespace', '<a xmlns="urn:a"><b/><c xmlns=""><d/></c></a>'],
  ['that of the element around it', `<a xmlns="${SHOP}"/>`],
  ['prefixes', '<p:a p:b="1" xmlns:p="urn:p"><p:c xmlns:p="urn:q"/><p:d/></p:a>'],
  ['a prefix of the envelope', '<s:a xmlns:s="urn:s"/>'],
  ['the prefix xml', '<a xml:lang="en"/>'],
  ['a name as an attribute', '<a i:type="x:T" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x"/>'],
  ['what has to be written as a reference', '<a b="&lt;&#9;&#xA;&quot;&amp;">&lt;&gt;&amp;</a>', '<a b="&lt;&#9;&#10;&quot;&amp;">&lt;&gt;&amp;</a>'],
  ['single quotes, and CDATA', `<a b='"'><![CDATA[<x>]]></a>`, '<a b="&quot;">&lt;x&gt;</a>'],
  ['a comment', '<a><!-- c --></a>'],
  ['ends of lines', '<a>\r\n\r</a>', '<a>\n\n</a>'],
  ['a declaration in front', '<?xml version="1.0" encoding="utf-8"?>\n<a/>', '\n<a/>'],
  ['characters of every kind', '<é è="→">𝄞 ·</é>', '<_xE9_ _xE8_="→">𝄞 ·</_xE9_>'],
];

describe.each([msgpack, soapBuffered, soapStreamed])('$name, $contentType', (encoding) => {
  const isText = encoding === msgpack;

  test.for(TEXTS)('%s', ([, given, due = given]) => {
    const read = isText ? given : due.replaceAll('_xE9_', 'é').replaceAll('_xE8_', 'è');
    expect(echo(encoding, given)).toEqual([{ Inside: read, Many: [read, read] }, read]);
  });

  test('null', () => {
    expect(echo(encoding, null)[0]).toEqual({ Inside: null, Many: [] });
  });

  test.for<readonly [string, string]>([
    ['<a>', '<a> is not closed'],
    ['</a>', '</a> closes nothing'],
    ['<a></b>', '</b> closes nothing'],
    ['<a', 'it ends within a tag'],
    ['<p:a/>', 'the prefix "p" is not declared in it'],
    ['<a p:b=""/>', 'the prefix "p" is not declared in it'],
    ['<a b="" b=""/>', '<a> has an attribute twice'],
    [
      '<a p:b="" q:b="" xmlns:p="urn:p" xmlns:q="urn:p"/>',
      'an element has the attribute "b" twice',
    ],
    ['<a xmlns:p=""/>', 'the prefix "p" cannot stand for ""'],
    ['&nbsp;', 'it has no entity "&nbsp;"'],
    ['&', 'it has no entity "&"'],
    ['&#xD800;', 'it has no entity "&#xD800;"'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a/>', 'there is "<!DOCTYPE a [<!ENTITY b " in it'],
    ['<?php ?>', 'there is "<?php ?>" in it'],
    ['<!-- a -- b -->', 'a comment has "--" in it'],
    ['<![CDATA[', '"]]>" is missing'],
  ])('%s is refused', ([given, why]) => {
    expect(() => echo(encoding, given)).toThrow(
      `Echo: parameter "box".Inside must be XML as it can stand in an element: ${why}`,
    );
  });

  test('a value that is no text, or has half a surrogate pair, is refused', () => {
    const due = 'Echo: parameter "box".Inside must be XML (text without lone surrogates), not ';
    expect(() => echo(encoding, 1 as never)).toThrow(`${due}1`);
    expect(() => echo(encoding, '\ud800')).toThrow(due);
  });
});

describe('limits, in SOAP', () => {
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);

  test('as deep as a peer with the same limits reads', () => {
    expect(() => echo(soapBuffered, nested(DEFAULT_LIMITS.maxDepth + 1))).toThrow(
      'is nested deeper than the limit (maxDepth) of 64',
    );
    // Envelope, Body, the wrapper, the parameter and its member are around it.
    const most = DEFAULT_LIMITS.maxDepth - 6;
    expect(echo(soapBuffered, nested(most))[1]).toContain('<a>'.repeat(most - 1));
    expect(() => echo(soapBuffered, nested(most + 1))).toThrow('maxDepth');
  });

  test('elements', () => {
    const limits = { ...DEFAULT_LIMITS, maxXmlNodes: 200 };
    expect(echo(soapBuffered, '<a/>'.repeat(20), limits)[1]).toBe('<a/>'.repeat(20));
    expect(() => echo(soapBuffered, '<a/>'.repeat(200), limits)).toThrow('maxXmlNodes');
  });
});

test('any XML comes back with its meaning', () => {
  const names = fc.constantFrom('a', 'b', 'p:c', 'q:d');
  const texts = fc.string({ unit: fc.constantFrom('x', ' ', '&amp;', '&#13;', '→') });
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .tuple(
        names,
        fc.uniqueArray(names),
        fc.constantFrom('', ' xmlns="urn:x"', ' xmlns=""', ' xmlns:p="urn:1"'),
        fc.array(fc.oneof({ maxDepth: 3 }, texts, tie('element')), { maxLength: 3 }),
      )
      .map(([name, attributes, declared, content]) => {
        const all = attributes.map((each) => ` ${each}="1"`).join('');
        return `<${name}${all}${declared}>${content.join('')}</${name}>`;
      }),
  }));
  fc.assert(
    fc.property(element, (content) => {
      const given = `<r xmlns:p="urn:p" xmlns:q="urn:q">${content}</r>`;
      const read = echo(soapBuffered, given)[1];
      // Sent a second time it comes back unchanged: nothing is lost, and nothing more is added.
      expect(echo(soapBuffered, read as string)[1]).toBe(read);
      const plain = (xml: string): string =>
        xml
          .replaceAll(/ xmlns(?::\w)?="[^"]*"/g, '')
          .replaceAll(/<([\w:]+)([^<>]*)\/>/g, '<$1$2></$1>');
      expect(plain(read as string)).toBe(plain(given).replaceAll('&#13;', '&#xD;'));
    }),
  );
});

describe('as WCF sends it', () => {
  const IData = defineContract({
    name: 'IData',
    namespace: SHOP,
    operations: {
      EchoX: operation([['value', t.nillable(t.xml)]], t.nillable(t.xml)),
      EchoDataSet: operation([['value', t.nillable(t.xml)]], t.nillable(t.xml)),
    },
  });

  const envelopes = envelopesOf('dotnet-shop');

  test.for([
    ['xelement', 'EchoX', '<a b="1"><c/>t</a>'],
    ['dataset', 'EchoDataSet', DATA_SET],
  ] as const)('%s, both ways, byte for byte', ([capture, name, due]) => {
    const [request = ''] = envelopes(capture, 'client');
    const [reply = ''] = envelopes(capture, 'service');
    const [session, id] = idOf(request, '441aad');
    const soap = createSoap('buffered', () => session);
    const at = {
      contract: IData,
      limits: DEFAULT_LIMITS,
      address: 'net.tcp://localhost:9310/data',
    };
    const [client, service] = [soap.client(at), soap.service(at)];
    const read = service.readRequest(octets(request), 0, request.length / 2);
    const alone = due.replace(' xmlns="" xmlns:', ' xmlns:');
    expect(read).toMatchObject({ kind: 'call', args: [alone] });
    const [up, down] = [
      written((out) => client.writeRequest(out, id, operationOf(IData, name), [due])),
      written((out) => service.writeResult(out, read.id ?? '', operationOf(IData, name), due)),
    ].map(hex);
    expect(up).toBe(request);
    expect(down).toBe(reply);
    const answer = octets(reply);
    expect(
      client.readReply(answer, 0, answer.length, () => operationOf(IData, name)),
    ).toMatchObject({
      value: alone,
    });
  });

  test('attributes of the element itself are reported', () => {
    const one = defineContract({ name: 'I', operations: { Op: operation([['v', t.xml]]) } });
    const Odd = t.object('Odd', { a: t.xml }, 'http://tempuri.org/');
    const other = defineContract({ name: 'I', operations: { Op: operation([['v', Odd]]) } });
    const told: UnknownPart[] = [];
    const at = { limits: DEFAULT_LIMITS, address: 'net.tcp://localhost/x' };
    const client = soapStreamed.client({ ...at, contract: other });
    // The same bytes, but for an attribute `b` on the element of the parameter.
    const bytes = written((out) =>
      client.writeRequest(out, 1, operationOf(other, 'Op'), [{ a: '' }]),
    );
    const hex = Buffer.from(bytes).toString('hex').replace('400176', '40017604016282');
    const service = soapStreamed.service({
      ...at,
      contract: one,
      onUnknown: (_, __, parts) => told.push(...parts),
    });
    const changed = octets(hex);
    expect(service.readRequest(changed, 0, changed.length)).toMatchObject({ kind: 'call' });
    expect(told).toMatchObject([{ what: 'member', of: 'XmlElement', isMisplaced: false }]);
  });
});
