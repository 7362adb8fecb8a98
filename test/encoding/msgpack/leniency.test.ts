import { describe, expect, test } from 'vitest';
import { DateTime } from '../../../shared/contract/types/text/date-time.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { echo, hex, reply, request } from './codecs.ts';

const call = (octets: string) => hex(`94 00 01 a4 "Echo" 91 ${octets}`);
const answer = (octets: string) => hex(`94 01 01 c0 ${octets}`);
const point = t.object('Point', { x: t.double, tag: t.nillable(t.string) });
const tree = t.object('Tree', { points: t.array(point) });

// Other forms of a value that peers may write, besides the one that we write.
// prettier-ignore
test.for<[string, t.ValueType, string, unknown]>([
  ['a double from a fixint',                 t.double,        '7f',                   127],
  ['a double from a negative fixint',        t.double,        'e0',                   -32],
  ['a double from uint 8',                   t.double,        'cc ff',                255],
  ['a double from uint 16',                  t.double,        'cd ffff',              65_535],
  ['a double from uint 32',                  t.double,        'ce ffffffff',          4_294_967_295],
  ['a double from uint 64',                  t.double,        'cf 0000000000000005',  5],
  ['a double from uint 64, rounded down',    t.double,        'cf 0020000000000001',  9_007_199_254_740_992],
  ['a double from uint 64, rounded up',      t.double,        'cf 0020000000000003',  9_007_199_254_740_996],
  ['a double from uint 64, largest',         t.double,        'cf ffffffffffffffff',  2 ** 64],
  ['a double from int 8',                    t.double,        'd0 80',                -128],
  ['a double from int 16',                   t.double,        'd1 8000',              -32_768],
  ['a double from int 32',                   t.double,        'd2 80000000',          -2_147_483_648],
  ['a double from int 64',                   t.double,        'd3 8000000000000000',  -(2 ** 63)],
  ['a double from float 32',                 t.double,        'ca 3f800000',          1],
  ['a double from float 32, -0',             t.double,        'ca 80000000',          -0],
  ['a double from a signalling NaN',         t.double,        'cb 7ff0000000000001',  NaN],
  ['a float from float 64, rounded',         t.float,         'cb 3fb999999999999a',  Math.fround(0.1)],
  ['a float from an integer',                t.float,         'ce 01000001',          16_777_216],
  ['a duration from an integer',             t.duration,      'cd 03e8',              1000],
  ['an int in more bytes than it needs',    t.int,           'd3 0000000000000005',  5],
  ['an int as uint 64',                      t.int,           'cf 000000007fffffff',  2_147_483_647],
  ['an int from float 64 without fraction',  t.int,           'cb c1e0000000000000',  -2_147_483_648],
  ['an int from float 32 without fraction',  t.int,           'ca 40400000',          3],
  ['an int from -0',                         t.int,           'cb 8000000000000000',  0],
  ['a long from a fixint',                   t.long,          '05',                   5n],
  ['a long from uint 64',                    t.long,          'cf 7fffffffffffffff',  2n ** 63n - 1n],
  ['a long from float 64',                   t.long,          'cb c3e0000000000000',  -(2n ** 63n)],
  ['an unsignedLong from int 64',            t.unsignedLong,  'd3 0000000000000001',  1n],
  ['a string with a wide head',              t.string,        'db 00000001 61',       'a'],
  ['binary with a wide head',                t.base64Binary,  'c6 00000001 61',       new Uint8Array([0x61])],
  ['an array with a wide head',              t.array(t.int),  'dd 00000001 07',       [7]],
  ['a map with a wide head',                 point,           'df 00000001 a1 "x" 01', { x: 1, tag: null }],
  ['a guid in capitals',                     t.guid,          'd9 24 "ABCDEF00-0000-0000-0000-000000000000"', 'abcdef00-0000-0000-0000-000000000000'],
  ['a dateTime with an offset',              t.dateTime,      'b9 "2001-02-03T04:05:06+01:30"', new DateTime(631_167_645_060_000_000n, 'local')],
  ['a dateTime with 7 digits',               t.dateTime,      'bc "2001-02-03T04:05:06.1239999Z"', new DateTime(631_167_699_061_239_999n, 'utc')],
  ['a dateTime without an offset',           t.dateTime,      'b3 "2001-02-03T04:05:06"', new DateTime(631_167_699_060_000_000n, 'unspecified')],
  ['a decimal as no one writes it',          t.decimal,       'a5 " +.50"',           '0.50'],
  ['a guid in braces',                       t.guid,          'd9 26 "{ABCDEF00-0000-0000-0000-000000000000}"', 'abcdef00-0000-0000-0000-000000000000'],
  ['a timestamp of 32 bits',                 t.dateTime,      'd6 ff 5e0be100',       new Date('2020-01-01T00:00:00Z')],
  ['a timestamp of 32 bits, largest',        t.dateTime,      'd6 ff ffffffff',       new Date('2106-02-07T06:28:15Z')],
  ['a timestamp of 64 bits',                 t.dateTime,      'd7 ff 000000005e0be100', new Date('2020-01-01T00:00:00Z')],
  ['a timestamp of 64 bits, milliseconds',   t.dateTime,      'd7 ff 1dcd65005e0be100', new Date('2020-01-01T00:00:00.125Z')],
  ['a timestamp of 64 bits, 100 ns',         t.dateTime,      'd7 ff 000001905e0be100', new DateTime(637_134_336_000_000_001n, 'utc')],
  ['a timestamp of 64 bits, finer',          t.dateTime,      'd7 ff 0000018c5e0be100', new Date('2020-01-01T00:00:00Z')],
  ['a timestamp of 64 bits, last second',    t.dateTime,      'd7 ff 00000003ffffffff', new Date('2514-05-30T01:53:03Z')],
  ['a timestamp of 96 bits',                 t.dateTime,      'c7 0c ff 00000000 000000005e0be100', new Date('2020-01-01T00:00:00Z')],
  ['a timestamp of 96 bits before 1970',     t.dateTime,      'c7 0c ff 3b9ac9ff fffffffffffffffe', new DateTime(621_355_967_989_999_999n, 'utc')],
  ['a timestamp of 96 bits, the first',      t.dateTime,      'c7 0c ff 00000000 fffffff1886e0900', new Date('0001-01-01T00:00:00Z')],
  ['a timestamp with a wide head',           t.dateTime,      'c9 00000004 ff 5e0be100', new Date('2020-01-01T00:00:00Z')],
  ['members in another order',               point,           '82 a3 "tag" a1 "a" a1 "x" 01', { x: 1, tag: 'a' }],
  ['an unknown member, passed over',         point,           '82 a1 "z" 92 c0 81 01 02 a1 "x" 01', { x: 1, tag: null }],
  ['keys that are no strings, passed over',  point,           '84 01 02 c0 03 90 04 a1 "x" 01', { x: 1, tag: null }],
  ['an unknown member twice',                point,           '82 a1 "z" 01 a1 "z" 02', { x: 0, tag: null }],
  ['an unknown extension, passed over',      point,           '81 a1 "z" d6 ff 00000000', { x: 0, tag: null }],
  ['objects in arrays in objects',           tree,            '81 a6 "points" 91 80', { points: [{ x: 0, tag: null }] }],
])('%s', ([, type, octets, value]) => {
  const codecs = echo(type);
  expect(request(codecs, call(octets))).toMatchObject({ kind: 'call', id: 1 });
  expect(request(codecs, call(octets))).toHaveProperty('args', [value]);
  expect(reply(codecs, answer(octets))).toStrictEqual({ kind: 'result', id: 1, value });
});

// prettier-ignore
const all = t.object('All', {
  double: t.double, float: t.float, duration: t.duration, boolean: t.boolean, string: t.string,
  byte: t.byte, short: t.short, int: t.int, long: t.long,
  unsignedByte: t.unsignedByte, unsignedShort: t.unsignedShort, unsignedInt: t.unsignedInt,
  unsignedLong: t.unsignedLong, decimal: t.decimal, dateTime: t.dateTime, guid: t.guid,
  base64Binary: t.base64Binary, nillable: t.nillable(t.int), array: t.array(t.int), object: point,
});

test('a missing member has the default of its type, as in .NET', () => {
  // prettier-ignore
  const value = {
    double: 0, float: 0, duration: 0, boolean: false, string: '',
    byte: 0, short: 0, int: 0, long: 0n,
    unsignedByte: 0, unsignedShort: 0, unsignedInt: 0,
    unsignedLong: 0n, decimal: '0', dateTime: new Date('0001-01-01T00:00:00Z'),
    guid: '00000000-0000-0000-0000-000000000000',
    base64Binary: new Uint8Array(0), nillable: null, array: [], object: { x: 0, tag: null },
  };
  expect(reply(echo(all), answer('80'))).toStrictEqual({ kind: 'result', id: 1, value });
});

describe('envelope', () => {
  const echoing = echo(t.int);
  // prettier-ignore
  test.for<[string, string, number]>([
    ['an array with a 16-bit head',  'dc 0004 00 01 a4 "Echo" 91 07',                  1],
    ['an array with a 32-bit head',  'dd 00000004 00 01 a4 "Echo" 91 07',              1],
    ['kind and id as uint 64',       '94 cf 0000000000000000 cf 0000000000000001 a4 "Echo" 91 07', 1],
    ['kind and id as int 64',        '94 d3 0000000000000000 d3 00000000ffffffff a4 "Echo" 91 07', 4_294_967_295],
    ['a method with an 8-bit head',  '94 00 01 d9 04 "Echo" 91 07',                    1],
    ['params with a 32-bit head',    '94 00 01 a4 "Echo" dd 00000001 07',              1],
  ])('%s', ([, octets, id]) => {
    const operation = echoing.operation('Echo');
    expect(request(echoing, hex(octets))).toEqual({ kind: 'call', id, operation, args: [7] });
  });
});
