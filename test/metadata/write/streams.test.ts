// Streams in metadata: one type of WCF's own, whichever serializer an operation has and wherever the stream stands.
import { expect, test } from 'vitest';
import { type Contract, defineContract, operation } from '../../../shared/contract/contract.ts';
import { headerArray } from '../../../shared/contract/header.ts';
import { message } from '../../../shared/contract/message.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { describe } from '../../../shared/metadata/write/description.ts';
import { check, lacks } from '../lint.ts';

const namespace = 'urn:s';
const address = 'net.tcp://localhost:9000/s';
const formats = ['dataContract', 'xmlSerializer'] as const;
const Bare = message({ wrapped: false, body: { Data: t.stream } });
const Moved = message({
  name: 'Box',
  body: { Data: { type: t.stream, name: 'Content', namespace: 'urn:content' } },
});

const contractOf = (format: (typeof formats)[number]): Contract =>
  defineContract({
    name: 'IFiles',
    namespace,
    format,
    operations: {
      Up: operation([['data', t.stream]], t.int),
      Down: operation([['name', t.string]], t.stream),
      Bare: operation(Bare, message({ wrapped: false, body: { Answer: t.stream } })),
      Moved: operation(Moved),
    },
  });
const textOf = (contract: Contract): string =>
  describe('Service', [{ contract, address }])
    .map(({ text }) => text)
    .join('\n');

test.for(formats)('%s: each stream is a StreamBody', (format) => {
  const text = textOf(contractOf(format));
  expect(text).not.toContain('left out');
  expect(text.match(/<xs:simpleType name="StreamBody">/g)).toHaveLength(1);
  const streams = [...text.matchAll(/<xs:element name="(\w+)" type="\w+:StreamBody"\s*\/>/g)];
  expect(streams).toHaveLength(5);
  const named = new Set(streams.map(([, name]) => name));
  expect(named).toEqual(new Set(['Answer', 'Content', 'Data', 'DownResult', 'data']));
  expect(text).toMatch(/<wsdl:part name="Data" element="\w+:Data"\s*\/>/);
  expect(text).toMatch(/<xs:element ref="\w+:Content"\s*\/>/);
});

test.skipIf(lacks.length > 0).for(formats)('%s: the schemas are schemas', async (format) => {
  await check([contractOf(format)]);
});

test('an array of headers is described as one of them, as WCF does', () => {
  const Names = message({ headers: { Names: headerArray('Name', t.string, { namespace }) } });
  for (const format of formats) {
    const operations = { Op: operation(Names, t.nothing, { format }) };
    const text = textOf(defineContract({ name: 'I', namespace, operations }));
    expect(text).toMatch(/<xs:element name="Name"[^>]* type="xs:string"\s*\/>/);
    expect(text).not.toContain('ArrayOf');
    expect(text.match(/<soap12:header /g)).toHaveLength(1);
  }
});
