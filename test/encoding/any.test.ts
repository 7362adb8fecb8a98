// .NET's object: a value that says its own type.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import { DateTime } from '../../shared/contract/types/text/date-time.ts';
import * as t from '../../shared/contract/types/types.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { counted, dump, octets } from './binary-xml/octets.ts';
import { oneParameter, operationOf, options, streamed, written } from './soap/messages.ts';

const SHOP = 'http://example.org/shop';
const XSI = counted('http://www.w3.org/2001/XMLSchema-instance');
const SCHEMA = counted('http://www.w3.org/2001/XMLSchema');
const Customer = t.object('Customer', { Id: t.int, Name: t.nillable(t.string) }, SHOP);
const Node = t.object('Node', { Name: t.string }, { namespace: SHOP, reference: true });
const Status = t.enumeration('Status', ['New', 'On its way'], SHOP);
const Rights = t.flags('Rights', { None: 0, Read: 1, Write: 2 }, SHOP);
const Ints = t.array(t.int);
const Customers = t.array(t.nillable(Customer));
const Prices = t.dictionary(t.string, t.decimal);
const any = t.any([Customer, Node, Status, Rights, Ints, Customers, Prices]);
const Bag = t.object('Bag', { Any: any, Many: t.array(any) });
const shared = { $type: 'Node', Name: 'n' };

test('types', () => {
  expectTypeOf<t.TypeOf<typeof any>>().toEqualTypeOf<
    | t.AnyScalar
    | t.Typed
    | { $type: 'Customer'; Id: number; Name: string | null }
    | { $type: 'Node'; Name: string }
  >();
  expect(() => t.any([Customer, t.object('Customer', {})])).toThrow(
    'any knows two types named Customer',
  );
  expect(() => t.any([Ints, t.array(t.int)])).toThrow('any knows two types named ArrayOfint');
  expect(() => t.any([t.string])).toThrow('any cannot name a type of the kind string');
});

test('tuples and pairs have .NET’s names', () => {
  const two = t.tuple(t.int, t.string);
  expectTypeOf<t.TypeOf<typeof two>>().toEqualTypeOf<{ m_Item1: number; m_Item2: string }>();
  const pair = t.keyValuePair(t.string, Customer);
  expect(two).toMatchObject({
    name: 'TupleOfintstring',
    namespace: 'http://schemas.datacontract.org/2004/07/System',
    fields: [{ name: 'm_Item1' }, { name: 'm_Item2' }],
  });
  expect(pair).toMatchObject({
    name: 'KeyValuePairOfstringCustomertu2aRhfc',
    namespace: 'http://schemas.datacontract.org/2004/07/System.Collections.Generic',
    fields: [{ name: 'key' }, { name: 'value' }],
  });
  expect(() => t.tuple()).toThrow('types.tuple takes one to seven types, not 0');
});

const IBag = defineContract({
  name: 'IBag',
  operations: { Echo: operation([['bag', Bag]], any) },
});
const Echo = IBag.operations.get('Echo');
if (Echo === undefined) throw new Error('no operation');

describe.each([msgpack, soapBuffered, soapStreamed])('$name, $contentType', (encoding) => {
  const at = { contract: IBag, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  /** What the service reads of it, and the client of the same as a result. */
  function echo(value: unknown): readonly [unknown, unknown] {
    const [client, service] = [encoding.client(at), encoding.service(at)];
    const call = new OctetWriter();
    client.writeRequest(call, 1, Echo as never, [{ Any: value, Many: [value, null, value] }]);
    const request = service.readRequest(call.bytes, 0, call.length);
    if (request.kind !== 'call') throw new Error(request.fault.message);
    const answer = new OctetWriter();
    service.writeResult(answer, request.id, request.operation, value);
    const reply = client.readReply(answer.bytes, 0, answer.length, () => Echo);
    if (reply?.kind !== 'result') throw new Error('no result');
    return [request.args[0], reply.value];
  }

  test.for<[string, unknown, unknown?]>([
    ['null', null],
    ['true', true],
    ['an int', -(2 ** 31)],
    ['a double', 1.5],
    ['a whole double', 2 ** 31],
    ['minus zero', -0],
    ['NaN', NaN],
    ['a long', 2n ** 40n],
    ['text', 'é'],
    ['no text', ''],
    ['bytes', Uint8Array.of(1, 2, 3, 4)],
    ['a date', new Date(1_700_000_000_123), DateTime.of(638355968001230000n, 'utc')],
    ['an object', { $type: 'Customer', Id: 1, Name: null }],
  ])('%s', ([, value, due = value]) => {
    const [bag, result] = echo(value);
    const same = due instanceof Date ? new Date(due.getTime()) : due;
    const plain = (one: unknown): unknown => (one instanceof Date ? new Date(one.getTime()) : one);
    expect(plain(result)).toEqual(same);
    expect(plain((bag as { Any: unknown }).Any)).toEqual(same);
    expect((bag as { Many: unknown[] }).Many.map(plain)).toEqual([same, null, same]);
  });

  // MessagePack has no more than its own types; SOAP says which it was, and so does what is read.
  test.for([
    t.typed(t.decimal, '1.50'),
    t.typed(t.guid, '00112233-4455-6677-8899-aabbccddeeff'),
    t.typed(t.float, 0.5),
    t.typed(t.unsignedByte, 255),
    t.typed(t.byte, -128),
    t.typed(t.short, 1),
    t.typed(t.unsignedShort, 1),
    t.typed(t.unsignedInt, 1),
    t.typed(t.unsignedLong, 2n ** 64n - 1n),
    t.typed(t.duration, 1),
    t.typed(t.char, 'x'),
    t.typed(t.uri, 'a'),
  ] as const)('a typed $type.kind', (value) => {
    const due = encoding.name === 'msgpack' ? value.value : value;
    const [bag, result] = echo(value);
    expect(result).toEqual(due);
    expect(bag).toEqual({ Any: due, Many: [due, null, due] });
    // What came can be passed on as it is.
    if (encoding.name !== 'msgpack') expect(echo(result)[1]).toEqual(due);
  });

  test.for<[string, t.Typed]>([
    ['an enumeration', t.typed(Status, 'On its way')],
    ['flags', t.typed(Rights, 3)],
    ['flags, none', t.typed(Rights, 0)],
    ['an array', t.typed(Ints, [1, -2])],
    ['no items', t.typed(Ints, [])],
    ['an array of objects', t.typed(Customers, [{ Id: 1, Name: 'a' }, null])],
    ['a dictionary', t.typed(Prices, new Map([['a', '1.50']]))],
  ])('a typed value of another kind: %s', ([, value]) => {
    const [bag, result] = echo(value);
    expect(result).toEqual(value);
    expect((result as t.Typed).type).toBe(value.type);
    expect(bag).toEqual({ Any: value, Many: [value, null, value] });
    // What came can be passed on as it is.
    expect(echo(result)[1]).toEqual(value);
  });

  test('a type of the same name is enough', () => {
    expect(echo(t.typed(t.array(t.int), [1]))[1]).toEqual(t.typed(Ints, [1]));
  });

  test('an object that comes again is the same object', () => {
    const [bag] = echo(shared) as readonly [{ Any: object; Many: object[] }, unknown];
    expect(bag).toEqual({ Any: shared, Many: [shared, null, shared] });
    expect(bag.Many[0]).toBe(bag.Any);
    expect(bag.Many[2]).toBe(bag.Any);
  });

  test.for<[string, unknown, string]>([
    ['undefined in an array of them', [undefined], 'an array'],
    ['an object without a class', { Id: 1 }, 'result must be null, a boolean, a number'],
    ['an unknown class', { $type: 'Other' }, 'or "ArrayOfKeyValueOfstringdecimal", not "Other"'],
    ['a function', () => 1, 'result must be null, a boolean'],
    ['a typed value of another type', t.typed(t.decimal, 'x'), 'must be a decimal'],
    ['a value that its enumeration lacks', t.typed(Status as never, 'Old'), 'one of Status'],
    ['an item of another type', t.typed(Ints, ['x' as never]), '[0] must be an int'],
    ['an array that nobody knows', t.typed(t.array(t.guid), []), 'not "ArrayOfguid"'],
    [
      'an enumeration of another namespace',
      t.typed(t.enumeration('Status', ['New']), 'New'),
      'must be null, a boolean',
    ],
    ['an object as an enumeration', { $type: 'Status' }, 'must be null, a boolean'],
  ])('%s is refused', ([, value, why]) => {
    if (Array.isArray(value)) return expect(() => echo(value)).toThrow('must be null');
    const out = new OctetWriter();
    const write = (): void => encoding.service(at).writeResult(out, 1, Echo, value);
    expect(write).toThrow(why);
  });
});

// As CoreWCF and .NET sent them, with every name written out.
test.for<[string, unknown, string]>([
  ['an int', 5, `2e 04 "type" 98 05 "b:int" 09 01 "b" ${SCHEMA} 09 01 "i" ${XSI} 89 05`],
  ['null', null, `2e 03 "nil" 86 09 01 "i" ${XSI} 01`],
  [
    'an enumeration',
    t.typed(Status, 'New'),
    `2e 04 "type" 98 08 "b:Status" 09 01 "b" ${counted(SHOP)} 09 01 "i" ${XSI} 99 03 "New"`,
  ],
])('SOAP: %s, as .NET writes it', ([, value, content]) => {
  const contract = oneParameter(any);
  const client = streamed.client(options(contract));
  const wire = written((out) => client.writeRequest(out, 1, operationOf(contract, 'Op'), [value]));
  const due = octets(`40 02 "Op" 08 13 "http://tempuri.org/" 40 01 "v" ${content} 01 01 01`);
  expect(dump(wire.subarray(wire.length - due.length))).toBe(dump(due));
});

test.for([
  ['no type', '99 01 "x"', 'not one that does not say its type'],
  [
    'a type that nobody knows',
    `2e 04 "type" 98 07 "Unknown" 09 01 "i" ${XSI} 01`,
    'one of the type',
  ],
])('SOAP: %s is told', ([, content = '', why = '']) => {
  const contract = oneParameter(any);
  const client = streamed.client(options(contract));
  const wire = written((out) => client.writeRequest(out, 1, operationOf(contract, 'Op'), [null]));
  const nil = octets(`2e 03 "nil" 86 09 01 "i" ${XSI} 01 01 01 01`);
  const head = wire.subarray(0, wire.length - nil.length);
  const message = Uint8Array.from([...head, ...octets(`${content} 01 01 01`)]);
  expect(streamed.service(options(contract)).readRequest(message, 0, message.length)).toMatchObject(
    { kind: 'refused', fault: { message: expect.stringContaining(why) } },
  );
});

const SAID = 'a typed value in MessagePack';

test.for<[string, string, string | undefined]>([
  ['its value is not there', '81 a5 "$type" a6 "Status"', '$value is missing'],
  ['it comes twice', '83 a5 "$type" a6 "Status" a6 "$value" a3 "New" a6 "$value" a3 "New"', 'once'],
  ['it is of no type', '81 a6 "$value" a3 "New"', 'must be "Customer" or'],
  ['of one that nobody knows', '82 a5 "$type" a3 "Old" a6 "$value" 01', 'not "Old"'],
  ['of another', '82 a5 "$type" a6 "Status" a6 "$value" a3 "Old"', 'one of Status'],
  ['behind its value', '82 a6 "$value" a3 "New" a5 "$type" a6 "Status"', undefined],
])(`${SAID}: %s`, ([, value, why]) => {
  const client = msgpack.client({
    contract: IBag,
    limits: DEFAULT_LIMITS,
    address: 'net.tcp://a/',
  });
  const bytes = octets(`94 01 01 c0 ${value}`);
  const reply = client.readReply(bytes, 0, bytes.length, () => Echo);
  if (why === undefined) expect(reply).toMatchObject({ value: t.typed(Status, 'New') });
  else
    expect(reply).toMatchObject({
      kind: 'fault',
      fault: { message: expect.stringContaining(why) },
    });
});
