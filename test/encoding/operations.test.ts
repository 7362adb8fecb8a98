// What [OperationContract] says beyond names and types: several results, names, actions, faults, inheritance.
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type Contract,
  defineContract,
  type Implementation,
  operation,
  oneWay,
  results,
} from '../../shared/contract/contract.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { MessageEncoding } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { xmlOf } from './soap/messages.ts';

const namespace = 'http://example.org/shop';
const Problem = t.object('OrderProblem', { OrderId: t.int, Why: t.string }, namespace);
const Bad = { type: Problem, action: 'urn:bad', name: 'Bad', namespace: 'urn:bad-ns' };
const IBase = defineContract({
  name: 'IBaseOps',
  namespace: 'http://example.org/base',
  operations: { Ping: operation([['text', t.string]], t.string) },
});
const IOps = defineContract({
  name: 'IOps',
  namespace,
  extends: [IBase],
  operations: {
    TryGet: operation([['key', t.string]], results({ TryGetResult: t.boolean, value: t.int })),
    Swap: operation(
      [
        ['a', t.int],
        ['b', t.int],
      ],
      results({ a: t.int, b: t.nillable(t.int) }),
    ),
    WithActions: operation([['text', t.string]], t.string, {
      name: 'Renamed',
      action: 'urn:my-action',
      replyAction: 'urn:my-reply',
    }),
    Named: operation([['question', t.string]], t.string, { resultName: 'answer' }),
    FailNamed: operation([['text', t.string]], t.string, { faults: [Bad] }),
    Note: oneWay([['text', t.string]], { name: 'Remark', action: 'urn:remark' }),
  },
});
const ENCODINGS: readonly MessageEncoding[] = [msgpack, soapBuffered, soapStreamed];

/** What the service reads of a call, and the client of its answer. */
function called(encoding: MessageEncoding, method: string, args: unknown[], result: unknown) {
  const options = { contract: IOps, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const client = encoding.client(options);
  const service = encoding.service(options);
  const one = IOps.operations.get(method);
  if (one === undefined) throw new Error(`no ${method}`);
  const call = new OctetWriter();
  client.writeRequest(call, 1, one, args);
  const request = service.readRequest(call.bytes, 0, call.length);
  if (request.kind !== 'call') throw new Error(request.fault.message);
  const answer = new OctetWriter();
  service.writeResult(answer, request.id, request.operation, result);
  const reply = client.readReply(answer.bytes, 0, answer.length, () => one);
  return { method: request.operation.method, args: request.args, reply, call, answer };
}

describe.each(ENCODINGS)('$name, $contentType', (encoding) => {
  test.for<[string, unknown[], unknown]>([
    ['TryGet', ['abc'], { TryGetResult: true, value: 3 }],
    ['Swap', [1, 2], { a: 2, b: null }],
    ['WithActions', ['x'], 'y'],
    ['Named', ['q'], 'a'],
    ['Ping', ['p'], 'p'],
  ])('%s', ([method, args, result]) => {
    const { reply, ...request } = called(encoding, method, args, result);
    expect(request).toMatchObject({ method, args });
    expect(reply).toEqual({ kind: 'result', id: 1, value: result });
  });

  test('one of several results that is missing, or wrong, is named', () => {
    expect(() => called(encoding, 'TryGet', ['a'], { TryGetResult: true })).toThrow(
      'TryGet: result.value must be an int (-2147483648 to 2147483647), not undefined',
    );
    expect(() => called(encoding, 'TryGet', ['a'], true)).toThrow(
      'TryGet: result must be an object',
    );
  });
});

// As WCF sent them: the captures of TryGet, Renamed and Named.
test.for<[string, unknown[], unknown, string, string]>([
  [
    'TryGet',
    ['abc'],
    { TryGetResult: true, value: 3 },
    '<TryGet xmlns="http://example.org/shop"><key>abc</key></TryGet>',
    '<TryGetResponse xmlns="http://example.org/shop"><TryGetResult>true</TryGetResult><value>3</value></TryGetResponse>',
  ],
  ['WithActions', ['x'], 'y', 'urn:my-action</a:Action>', 'urn:my-reply</a:Action>'],
  ['Named', ['q'], 'a', '<question>q</question>', '<answer>a</answer>'],
  [
    'Ping',
    ['p'],
    'p',
    'http://example.org/base/IBaseOps/Ping',
    '<PingResponse xmlns="http://example.org/base">',
  ],
])('SOAP: %s', ([method, args, result, request, reply]) => {
  const { call, answer } = called(soapStreamed, method, args, result);
  const plain = (out: OctetWriter): string => xmlOf(out.toBytes()).replaceAll(/>\s+</g, '><');
  expect(plain(call)).toContain(request);
  expect(plain(answer)).toContain(reply);
});

test.each(ENCODINGS)('a fault with names of its own is found by them ($name)', (encoding) => {
  const options = { contract: IOps, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const one = IOps.operations.get('FailNamed');
  if (one === undefined) throw new Error('no FailNamed');
  const client = encoding.client(options);
  const service = encoding.service(options);
  const out = new OctetWriter();
  client.writeRequest(out, 1, one, ['x']);
  const { id } = service.readRequest(out.bytes, 0, out.length);
  const typed = { type: Problem, value: { OrderId: 8, Why: 'x' } };
  out.clear();
  service.writeFault(out, id ?? '', { code: 'Fault', message: 'named', typed }, one);
  if (encoding.contentType === 7) {
    const xml = xmlOf(out.toBytes());
    expect(xml).toContain('urn:bad</a:Action>');
    expect(xml).toContain('<Bad xmlns="urn:bad-ns" xmlns:b="http://example.org/shop"');
  }
  expect(client.readReply(out.bytes, 0, out.length, () => one)).toMatchObject({
    kind: 'fault',
    fault: { message: 'named', typed },
  });
});

test('what an implementation has is what one would write by hand', () => {
  type Methods = Implementation<typeof IOps>;
  expectTypeOf<Awaited<ReturnType<Methods['TryGet']>>>().toEqualTypeOf<{
    TryGetResult: boolean;
    value: number;
  }>();
  expectTypeOf<Awaited<ReturnType<Methods['Ping']>>>().toEqualTypeOf<string>();
  expectTypeOf<keyof Methods>().toEqualTypeOf<
    'Ping' | 'TryGet' | 'Swap' | 'WithActions' | 'Named' | 'FailNamed' | 'Note'
  >();
});

test.for<[string, () => Contract, string]>([
  [
    'two operations with one name on the wire',
    () =>
      defineContract({
        name: 'I',
        operations: { A: operation([]), B: operation([], t.int, { name: 'A' }) },
      }),
    'two operations of a contract cannot have the name "A"',
  ],
  [
    'two operations with one action',
    () =>
      defineContract({
        name: 'I',
        operations: { A: oneWay([], { action: 'urn:a' }), B: oneWay([], { action: 'urn:a' }) },
      }),
    'two operations of a contract cannot have the action urn:a',
  ],
  [
    'an operation that the base has',
    () => defineContract({ name: 'I', extends: [IBase], operations: { Ping: operation([]) } }),
    'two operations of a contract cannot have the name "Ping"',
  ],
  [
    'a result name that XML has not',
    () =>
      defineContract({ name: 'I', operations: { A: operation([], t.int, { resultName: 'a b' }) } }),
    '"a b" cannot be a name in a contract: it is not an XML name',
  ],
  ...(['action', 'replyAction'] as const).map((option): [string, () => Contract, string] => [
    `${option} "*"`,
    () => defineContract({ name: 'I', operations: { A: operation([], t.int, { [option]: '*' }) } }),
    'A cannot have the action "*", which is WCF\'s for messages of any kind: write the action that travels',
  ]),
  [
    'two faults of different types with one element',
    () => {
      const other = { type: t.object('Other', {}), name: 'Bad', namespace: 'urn:bad-ns' };
      return defineContract({
        name: 'I',
        operations: { A: operation([], t.int, { faults: [Bad, other] }) },
      });
    },
    'A declares two faults with the detail {urn:bad-ns}Bad: give one another name',
  ],
])('%s is refused', ([, define, message]) => {
  expect(define).toThrow(new NetTcpError('Usage', message));
});
