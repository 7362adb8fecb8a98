// Arrays whose items are headers of their own: .NET's [MessageHeaderArray].
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type Contract,
  defineContract,
  type Implementation,
  operation,
} from '../../shared/contract/contract.ts';
import { header, headerArray } from '../../shared/contract/header.ts';
import { message } from '../../shared/contract/message.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { MessageEncoding } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { operationOf, written, xmlOf } from './soap/messages.ts';

const namespace = 'urn:a';
const Customer = t.object('Customer', { Id: t.int }, namespace);
const Names = headerArray('Name', t.string, { namespace: 'urn:n', mustUnderstand: true });
const Owners = headerArray('Owners', Customer, { namespace });
const Tagged = message({ headers: { Names, Owners }, body: { Size: t.int } });
const contractOf = (
  format: 'dataContract' | 'xmlSerializer',
  of: typeof Tagged | object,
): Contract =>
  defineContract({
    name: 'I',
    namespace,
    format,
    operations: { Op: operation(of as typeof Tagged, of as typeof Tagged) },
  }) as never;
const at = (contract: Contract) => ({
  contract,
  limits: DEFAULT_LIMITS,
  address: 'net.tcp://localhost:9000/x',
});

test('callers see arrays', () => {
  const one = defineContract({ name: 'I', operations: { Op: operation(Tagged) } });
  expectTypeOf<Parameters<Implementation<typeof one>['Op']>[0]>().toEqualTypeOf<{
    Names: string[];
    Owners: { Id: number }[];
    Size: number;
  }>();
});

/** The request for `sent`, as XML without white space, and what is read of it. */
function sendIn(encoding: MessageEncoding, ours: Contract, sent: unknown, theirs = ours) {
  const bytes = written((out) =>
    encoding.client(at(ours)).writeRequest(out, 1, operationOf(ours, 'Op'), [sent]),
  );
  const read = encoding.service(at(theirs)).readRequest(bytes, 0, bytes.length);
  return { bytes, got: read.kind === 'call' ? read.args[0] : read.fault?.message };
}

const all = { Names: ['a', '', 'ü'], Owners: [{ Id: 1 }, { Id: 2 }], Size: 3 };
const none = { Names: [], Owners: [], Size: 0 };

for (const encoding of [soapBuffered, soapStreamed]) {
  describe(`soap ${encoding.mode}`, () => {
    const contract = contractOf('dataContract', Tagged);

    test('each item is a header, in its order; without items there is none', () => {
      for (const sent of [all, none]) expect(sendIn(encoding, contract, sent).got).toEqual(sent);
    });

    test('the same of an answer', () => {
      const of = operationOf(contract, 'Op');
      const client = encoding.client(at(contract));
      const service = encoding.service(at(contract));
      const call = written((out) => client.writeRequest(out, 1, of, [all]));
      const { id } = service.readRequest(call, 0, call.length);
      const bytes = written((out) => service.writeResult(out, id ?? '', of, all));
      expect(client.readReply(bytes, 0, bytes.length, () => of)).toMatchObject({
        kind: 'result',
        value: all,
      });
    });

    test('of the OperationContext', () => {
      const of = operationOf(contract, 'Op');
      const Others = headerArray('Other', t.int, { namespace: 'urn:o' });
      const client = encoding.client(at(contract));
      const bytes = written((out) =>
        client.writeRequest(out, 1, of, [none], [Others.of([1, 2]), Names.of([])]),
      );
      const read = encoding.service(at(contract)).readRequest(bytes, 0, bytes.length);
      if (read.kind !== 'call') throw new Error('refused');
      expect(read.headers?.get(Others)).toEqual([1, 2]);
      expect(read.headers?.unread).toEqual([]);
      expect(read.headers?.get(Owners)).toBeUndefined();
      expect(() => read.headers?.get(header('Other', t.int, { namespace: 'urn:o' }))).toThrow(
        'The header {urn:o}Other must come only once.',
      );
    });

    test('an item that is not of the type is named', () => {
      const sent = (value: unknown) => () => sendIn(encoding, contract, value);
      expect(sent({ ...all, Names: ['a', 1] })).toThrow('Op: message.Names[1] must be a string');
      expect(sent({ ...all, Names: 'a' })).toThrow('Op: message.Names must be an array');
      const Numbers = headerArray('Name', t.int, { namespace: 'urn:n' });
      const theirs = contractOf('dataContract', message({ headers: { Names: Numbers } }));
      expect(sendIn(encoding, contract, all, theirs).got).toContain(
        'The header {urn:n}Name[0] must be an int',
      );
    });
  });
}

test('on the wire each has a prefix of its own, as other headers of messages do', () => {
  const { bytes } = sendIn(soapStreamed, contractOf('dataContract', Tagged), all);
  const xml = xmlOf(bytes).replaceAll(/>\s+/g, '>');
  expect(xml).toContain(
    '<h:Name s:mustUnderstand="1" xmlns:h="urn:n">a</h:Name><h:Name s:mustUnderstand="1" xmlns:h="urn:n"/><h:Name',
  );
  expect(xml.match(/<h:Owners /g)).toHaveLength(2);
});

test('bytes are bytes, each a header, as .NET has them', () => {
  const Bytes = message({ headers: { B: headerArray('B', t.unsignedByte) } });
  const contract = contractOf('dataContract', Bytes);
  const { bytes, got } = sendIn(soapStreamed, contract, { B: [1, 255] });
  expect(got).toEqual({ B: [1, 255] });
  expect(xmlOf(bytes).match(/<h:B /g)).toHaveLength(2);
});

describe('with the format xmlSerializer', () => {
  const of = (item: t.ValueType): Contract =>
    contractOf('xmlSerializer', message({ headers: { H: headerArray('H', item) } }));

  test('scalars, each a header', () => {
    const { bytes, got } = sendIn(soapStreamed, of(t.int), { H: [1, 2] });
    expect(got).toEqual({ H: [1, 2] });
    expect(xmlOf(bytes).match(/<h:H /g)).toHaveLength(2);
  });

  test('null, which it leaves out, is refused among them', () => {
    expect(() => sendIn(soapStreamed, of(t.nillable(t.string)), { H: ['a', null] })).toThrow(
      'message.H[1] must not be null: XmlSerializer leaves such a header out',
    );
  });

  test('objects are refused, as other headers are', () => {
    expect(() => of(Customer)).toThrow('has a header H of several parts');
  });
});

test('one that grows while it is sent is refused', () => {
  const names = ['a', 'b'];
  Object.defineProperty(names, 0, { get: () => (names.push('c'), 'a') });
  const contract = contractOf('dataContract', Tagged);
  expect(() => sendIn(soapStreamed, contract, { ...none, Names: names })).toThrow(
    'message.Names must not change while it is sent: it had 2 items, and has 3',
  );
});

test('MessagePack has one header, an array', () => {
  const contract = defineContract({ name: 'I', operations: { Op: operation([]) } });
  const of = operationOf(contract, 'Op');
  const client = msgpack.client(at(contract));
  const bytes = written((out) => client.writeRequest(out, 1, of, [], [Names.of(['a', 'b'])]));
  const read = msgpack
    .service({ ...at(contract), understood: [Names] })
    .readRequest(bytes, 0, bytes.length);
  if (read.kind !== 'call') throw new Error('refused');
  expect(read.headers?.names).toHaveLength(1);
  expect(read.headers?.get(Names)).toEqual(['a', 'b']);
});
