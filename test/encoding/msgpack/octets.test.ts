import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { defineContract, oneWay, operation } from '../../../shared/contract/contract.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { codecsFor, echo, hex, reply, request, toHex, written } from './codecs.ts';

const calculator = codecsFor(ICalculator);
const add = calculator.operation('Add');

test('a request is [0, msgid, method, params]', () => {
  const octets = written((out) => calculator.client.writeRequest(out, 1, add, [100, 15.99]));
  expect(toHex(octets)).toBe(
    toHex(hex('94 00 01 a3 "Add" 92 cb 4059000000000000 cb 402ffae147ae147b')),
  );
  expect(request(calculator, octets)).toEqual({
    kind: 'call',
    id: 1,
    operation: add,
    args: [100, 15.99],
  });
});

test('a result is [1, msgid, nil, result]', () => {
  const octets = written((out) => calculator.service.writeResult(out, 1, add, 115.99));
  expect(toHex(octets)).toBe(toHex(hex('94 01 01 c0 cb 405cff5c28f5c28f')));
  expect(reply(calculator, octets, 'Add')).toEqual({ kind: 'result', id: 1, value: 115.99 });
});

test('a fault is [1, msgid, {code, message}, nil]', () => {
  const fault = { code: 'Fault', message: 'no', endsSession: true } as const;
  const octets = written((out) => calculator.service.writeFault(out, 1, fault));
  expect(toHex(octets)).toBe(
    toHex(hex('94 01 01 82 a4 "code" a5 "Fault" a7 "message" a2 "no" c0')),
  );
  const read = { kind: 'fault', id: 1, fault: { code: 'Fault', message: 'no' } };
  expect(reply(calculator, octets, 'Add')).toEqual(read);
});

test('a fault with a detail has its first line as third entry: a stack stays where it is', () => {
  const fault = { code: 'Timeout', message: 'm', detail: 'E: no\n\tat g' } as const;
  const octets = written((out) => calculator.service.writeFault(out, 1, fault));
  expect(toHex(octets)).toContain(toHex(hex('83 a4 "code" a7 "Timeout" a7 "message" a1 "m" a6')));
  const read = { code: 'Timeout', message: 'm', detail: 'E: no' };
  expect(reply(calculator, octets, 'Add')).toEqual({ kind: 'fault', id: 1, fault: read });
});

test('a one-way call is [2, method, params] and has the id 0', () => {
  const tell = echo(t.boolean);
  const operation = tell.operation('Tell');
  const octets = written((out) => tell.client.writeRequest(out, 77, operation, [true]));
  expect(toHex(octets)).toBe(toHex(hex('93 02 a4 "Tell" 91 c3')));
  expect(request(tell, octets)).toEqual({ kind: 'call', id: 0, operation, args: [true] });
});

test('an operation without parameters and result', () => {
  const contract = defineContract({ name: 'IPing', operations: { Ping: operation([]) } });
  const codecs = codecsFor(contract);
  const ping = codecs.operation('Ping');
  const call = written((out) => codecs.client.writeRequest(out, 0, ping, []));
  expect(toHex(call)).toBe(toHex(hex('94 00 00 a4 "Ping" 90')));
  expect(request(codecs, call)).toEqual({ kind: 'call', id: 0, operation: ping, args: [] });
  const answer = written((out) => codecs.service.writeResult(out, 0, ping, 'whatever it gave'));
  expect(toHex(answer)).toBe('940100c0c0');
  expect(reply(codecs, answer, 'Ping')).toEqual({ kind: 'result', id: 0, value: undefined });
});

test('sixteen parameters take the 16-bit head of an array', () => {
  const names = Array.from({ length: 16 }, (_, index) => [`p${index}`, t.byte] as const);
  const codecs = codecsFor(defineContract({ name: 'IMany', operations: { F: oneWay(names) } }));
  const args = names.map((_, index) => index);
  const octets = written((out) => codecs.client.writeRequest(out, 0, codecs.operation('F'), args));
  expect(toHex(octets)).toBe('9302a146dc0010000102030405060708090a0b0c0d0e0f');
  expect(request(codecs, octets)).toMatchObject({ kind: 'call', args });
});

// prettier-ignore
test.for<[number, string]>([
  [0, '00'], [127, '7f'], [128, 'cc80'], [255, 'ccff'], [256, 'cd0100'], [65_535, 'cdffff'],
  [65_536, 'ce00010000'], [4_294_967_295, 'ceffffffff'],
])('the id %d is written as %s', ([id, octets]) => {
  const call = written((out) => calculator.client.writeRequest(out, id, add, [0, 0]));
  expect(toHex(call)).toMatch(new RegExp(`^9400${octets}a3`));
  expect(request(calculator, call)).toMatchObject({ id });
  const answer = written((out) => calculator.service.writeResult(out, id, add, 0));
  expect(toHex(answer)).toMatch(new RegExp(`^9401${octets}c0`));
  expect(reply(calculator, answer, 'Add')).toMatchObject({ id });
});

const point = t.object('Point', { x: t.double, y: t.nillable(t.double), name: t.string });
const ten = 'a'.repeat(10);

// Type, value, its bytes. Each value is written as these bytes and read from them, in both directions.
// prettier-ignore
test.for<[string, t.ValueType, unknown, string]>([
  ['double 0',                   t.double,        0,                          'cb 0000000000000000'],
  ['double -0',                  t.double,        -0,                         'cb 8000000000000000'],
  ['double 1',                   t.double,        1,                          'cb 3ff0000000000000'],
  ['double NaN',                 t.double,        NaN,                        'cb 7ff8000000000000'],
  ['double infinity',            t.double,        Infinity,                   'cb 7ff0000000000000'],
  ['double -infinity',           t.double,        -Infinity,                  'cb fff0000000000000'],
  ['the smallest subnormal',     t.double,        Number.MIN_VALUE,           'cb 0000000000000001'],
  ['the largest subnormal',      t.double,        2.225073858507201e-308,     'cb 000fffffffffffff'],
  ['the largest double',         t.double,        Number.MAX_VALUE,           'cb 7fefffffffffffff'],
  ['2^53 - 1',                   t.double,        2 ** 53 - 1,                'cb 433fffffffffffff'],
  ['2^53 + 2',                   t.double,        2 ** 53 + 2,                'cb 4340000000000001'],
  ['0.1',                        t.double,        0.1,                        'cb 3fb999999999999a'],
  ['float 1.5',                  t.float,         1.5,                        'ca 3fc00000'],
  ['float -0',                   t.float,         -0,                         'ca 80000000'],
  ['float NaN',                  t.float,         NaN,                        'ca 7fc00000'],
  ['the smallest float',         t.float,         2 ** -149,                  'ca 00000001'],
  ['duration',                   t.duration,      -0.5,                       'cb bfe0000000000000'],
  ['true',                       t.boolean,       true,                       'c3'],
  ['false',                      t.boolean,       false,                      'c2'],
  ['int 0',                      t.int,           0,                          '00'],
  ['int 127',                    t.int,           127,                        '7f'],
  ['int 128',                    t.int,           128,                        'cc 80'],
  ['int 255',                    t.int,           255,                        'cc ff'],
  ['int 256',                    t.int,           256,                        'cd 0100'],
  ['int 65535',                  t.int,           65_535,                     'cd ffff'],
  ['int 65536',                  t.int,           65_536,                     'ce 00010000'],
  ['int 2^31 - 1',               t.int,           2 ** 31 - 1,                'ce 7fffffff'],
  ['int -1',                     t.int,           -1,                         'ff'],
  ['int -32',                    t.int,           -32,                        'e0'],
  ['int -33',                    t.int,           -33,                        'd0 df'],
  ['int -128',                   t.int,           -128,                       'd0 80'],
  ['int -129',                   t.int,           -129,                       'd1 ff7f'],
  ['int -32768',                 t.int,           -32_768,                    'd1 8000'],
  ['int -32769',                 t.int,           -32_769,                    'd2 ffff7fff'],
  ['int -2^31',                  t.int,           -(2 ** 31),                 'd2 80000000'],
  ['byte -128',                  t.byte,          -128,                       'd0 80'],
  ['short 32767',                t.short,         32_767,                     'cd 7fff'],
  ['unsignedByte 255',           t.unsignedByte,  255,                        'cc ff'],
  ['unsignedShort 65535',        t.unsignedShort, 65_535,                     'cd ffff'],
  ['unsignedInt 2^32 - 1',       t.unsignedInt,   2 ** 32 - 1,                'ce ffffffff'],
  ['long 5',                     t.long,          5n,                         '05'],
  ['long -2^31',                 t.long,          -(2n ** 31n),               'd2 80000000'],
  ['long -2^31 - 1',             t.long,          -(2n ** 31n) - 1n,          'd3 ffffffff7fffffff'],
  ['long 2^32 - 1',              t.long,          2n ** 32n - 1n,             'ce ffffffff'],
  ['long 2^32',                  t.long,          2n ** 32n,                  'd3 0000000100000000'],
  ['long 2^53 + 1',              t.long,          2n ** 53n + 1n,             'd3 0020000000000001'],
  ['long -2^63',                 t.long,          -(2n ** 63n),               'd3 8000000000000000'],
  ['long 2^63 - 1',              t.long,          2n ** 63n - 1n,             'd3 7fffffffffffffff'],
  ['unsignedLong 2^32',          t.unsignedLong,  2n ** 32n,                  'cf 0000000100000000'],
  ['unsignedLong 2^64 - 1',      t.unsignedLong,  2n ** 64n - 1n,             'cf ffffffffffffffff'],
  ['no text',                    t.string,        '',                         'a0'],
  ['31 bytes of text',          t.string,        `${ten}${ten}${ten}b`,      `bf "${ten}${ten}${ten}b"`],
  ['32 bytes of text',          t.string,        `${ten}${ten}${ten}bb`,     `d9 20 "${ten}${ten}${ten}bb"`],
  ['11 characters, 33 bytes',   t.string,        '€'.repeat(11),             `d9 21 ${'e282ac'.repeat(11)}`],
  ['86 characters, 258 bytes',  t.string,        '€'.repeat(86),             `da 0102 ${'e282ac'.repeat(86)}`],
  ['a character of two units',   t.string,        '😀',                       'a4 f09f9880'],
  ['a byte order mark is kept',  t.string,        '\ufeffa',                  'a4 efbbbf 61'],
  ['a NUL is kept',              t.string,        'a\0b',                     'a3 610062'],
  ['decimal',                    t.decimal,       '-15.990',                  'a7 "-15.990"'],
  ['dateTime',                   t.dateTime,      new Date(981_173_106_789),  'b8 "2001-02-03T04:05:06.789Z"'],
  ['guid',                       t.guid,          `0f${'0'.repeat(6)}-0000-0000-0000-00000000000a`, `d9 24 "0f000000-0000-0000-0000-00000000000a"`],
  ['no bytes',                  t.base64Binary,  new Uint8Array(0),          'c4 00'],
  ['octets',                     t.base64Binary,  new Uint8Array([0, 255]),   'c4 02 00ff'],
  ['nil',                        t.nillable(t.int), null,                     'c0'],
  ['not nil',                    t.nillable(t.int), 1,                        '01'],
  ['no elements',                t.array(t.int),  [],                         '90'],
  ['elements',                   t.array(t.int),  [1, 2],                     '92 01 02'],
  ['16 elements',                t.array(t.int),  Array.from({ length: 16 }, () => 1), `dc 0010 ${'01'.repeat(16)}`],
  ['arrays in arrays',           t.array(t.array(t.int)), [[], [1]],          '92 90 91 01'],
  ['an object',                  point,           { x: 1, y: null, name: '' }, '83 a1 "x" cb 3ff0000000000000 a1 "y" c0 a4 "name" a0'],
  ['an object without members',  t.object('Empty', {}), {},                   '80'],
])('%s', ([, type, value, octets]) => {
  const codecs = echo(type);
  const operation = codecs.operation('Echo');
  const call = written((out) => codecs.client.writeRequest(out, 1, operation, [value]));
  expect(toHex(call)).toBe(toHex(hex(`94 00 01 a4 "Echo" 91 ${octets}`)));
  const answer = written((out) => codecs.service.writeResult(out, 1, operation, value));
  expect(toHex(answer)).toBe(toHex(hex(`94 01 01 c0 ${octets}`)));
  expect(request(codecs, call)).toStrictEqual({ kind: 'call', id: 1, operation, args: [value] });
  expect(reply(codecs, answer)).toStrictEqual({ kind: 'result', id: 1, value });
});

test.for<[number, string]>([
  [255, 'c4ff'],
  [256, 'c50100'],
  [65_535, 'c5ffff'],
  [65_536, 'c600010000'],
])('%d bytes of binary have the head %s', ([count, head]) => {
  const codecs = echo(t.base64Binary);
  const operation = codecs.operation('Echo');
  const value = new Uint8Array(count).fill(7);
  const answer = written((out) => codecs.service.writeResult(out, 1, operation, value));
  expect(toHex(answer.slice(4, 4 + head.length / 2))).toBe(head);
  const read = reply(codecs, answer);
  expect(read?.kind === 'result' && isDeepStrictEqual(read.value, value)).toBe(true);
});

test.for<[number, string, string]>([
  [255, 'x', 'd9ff'],
  [256, 'x', 'da0100'],
  [65_535, 'x', 'daffff'],
  [65_536, 'x', 'db00010000'],
  [32_768, 'é', 'db00010000'],
])('%d times "%s" has the head %s', ([count, character, head]) => {
  const codecs = echo(t.string);
  const operation = codecs.operation('Echo');
  const value = character.repeat(count);
  const answer = written((out) => codecs.service.writeResult(out, 1, operation, value));
  expect(toHex(answer.slice(4, 4 + head.length / 2))).toBe(head);
  expect(reply(codecs, answer)).toStrictEqual({ kind: 'result', id: 1, value });
});

test('65,536 elements have the 32-bit head of an array', () => {
  const codecs = echo(t.array(t.boolean));
  const operation = codecs.operation('Echo');
  const value = Array.from({ length: 65_536 }, () => true);
  const answer = written((out) => codecs.service.writeResult(out, 1, operation, value));
  expect(toHex(answer.slice(4, 10))).toBe('dd00010000c3');
  expect(reply(codecs, answer)).toStrictEqual({ kind: 'result', id: 1, value });
});

test('a message is read from the middle of a Buffer, and what it gave outlives the Buffer', () => {
  const codecs = echo(t.base64Binary);
  const buffer = Buffer.concat([hex('00 00'), hex('94 01 01 c0 c4 02 aabb'), hex('00')]).subarray(
    1,
  );
  const read = codecs.client.readReply(buffer, 1, 9, () => codecs.operation('Echo'));
  buffer.fill(0);
  expect(read).toStrictEqual({ kind: 'result', id: 1, value: new Uint8Array([0xaa, 0xbb]) });
});
