import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { codecsFor, echo, hex, reply, request, unreadable, unreadableAnswer } from './codecs.ts';

const calculator = codecsFor(ICalculator);
const ONE = 'cb 3ff0000000000000';

describe('what is no message ends the session', () => {
  // prettier-ignore
  const rows: [string, string, string][] = [
    ['nothing',                     '',                               'message ends in the middle of a value'],
    ['0xc1',                        'c1',                             'message is not a MessagePack-RPC request, response or notification'],
    ['no array',                    '80',                             'message is not a MessagePack-RPC request, response or notification'],
    ['an empty array',              '90',                             'message is not a MessagePack-RPC request, response or notification'],
    ['a kind that is none',         '94 03 01 01 01',                 'message is not a MessagePack-RPC request, response or notification'],
    ['a negative kind',             '94 ff 01 01 01',                 'message is not a MessagePack-RPC request, response or notification'],
    ['a float as kind',             '94 ca00000000 01 01 01',         'message is not a MessagePack-RPC request, response or notification'],
    ['a kind of 64 bits',           '94 cf 0000000100000000 01 01 01', 'message is not a MessagePack-RPC request, response or notification'],
    ['a request of three',          '93 00 01 a3 "Add"',              'message is not a MessagePack-RPC request, response or notification'],
    ['a request of six',            '96 00 01 a3 "Add" 90 80 80',     'message is not a MessagePack-RPC request, response or notification'],
    ['a notification of five',      '95 02 a3 "Add" 90 90 80',          'message is not a MessagePack-RPC request, response or notification'],
  ];
  test.for(rows)('%s, for both sides', ([, octets, message]) => {
    expect(() => request(calculator, hex(octets))).toThrow(new NetTcpError('Protocol', message));
    expect(() => reply(calculator, hex(octets), 'Add')).toThrow(
      new NetTcpError('Protocol', message),
    );
  });

  // prettier-ignore
  test.for<[string, string, string]>([
    ['a response',                  '94 01 01 c0 c0',                 'message is a response, and a service reads requests only'],
    ['a negative id',               '94 00 ff a3 "Add" 90',           'message has an id that is not an integer from 0 to 4294967295'],
    ['an id of 2^32',               '94 00 cf 0000000100000000 a3 "Add" 90', 'message has an id that is not an integer from 0 to 4294967295'],
    ['a text as id',                '94 00 a1 "1" a3 "Add" 90',       'message has an id that is not an integer from 0 to 4294967295'],
    ['a number as method',          '94 00 01 07 90',                 'message has a method that is not a string'],
    ['binary as method',            '94 00 01 c4 03 "Add" 90',        'message has a method that is not a string'],
    ['a cut method',                '94 00 01 a3 "Ad"',               'message ends in the middle of a value'],
  ])('%s, for a service', ([, octets, message]) => {
    expect(() => request(calculator, hex(octets))).toThrow(new NetTcpError('Protocol', message));
  });

  // prettier-ignore
  test.for<[string, string, string]>([
    ['a negative id',               '94 01 d0ff c0 c0',               'message has an id that is not an integer from 0 to 4294967295'],
    ['a float as id',               '94 01 cb 3ff0000000000000 c0 c0', 'message has an id that is not an integer from 0 to 4294967295'],
    ['no result',                   '94 01 01 c0',                    'message ends in the middle of a value'],
    ['nil as id',                   '94 01 c0 c0 c0',                 'message has an id that is not an integer from 0 to 4294967295'],
  ])('%s, for a client', ([, octets, message]) => {
    expect(() => reply(calculator, hex(octets), 'Add')).toThrow(new NetTcpError('Protocol', message));
  });
});

describe('what cannot be read after the method costs the call, and the session goes on', () => {
  // prettier-ignore
  test.for<[string, string, string]>([
    ['octets after a call',         `94 00 01 a3 "Add" 92 ${ONE} ${ONE} c0`, 'Message has bytes after its end (1)'],
    ['a cut double',                `94 00 01 a3 "Add" 92 ${ONE} cb 3ff00000000000`, 'Message ends in the middle of a value'],
    ['0xc1 as parameter',           `94 00 01 a3 "Add" 92 ${ONE} c1`, 'Parameter "n2" must be a double, not 0xc1'],
        ['no params',                   '94 00 01 a3 "Add"',              'Message ends in the middle of a value'],
  ])('%s', ([, octets, why]) => {
    const fault = unreadable(why, 'Add');
    expect(request(calculator, hex(octets))).toStrictEqual({ kind: 'refused', id: 1, fault });
  });

  // prettier-ignore
  test.for<[string, string, string]>([
    ['octets after a result',       `94 01 01 c0 ${ONE} 00`,          'Message has bytes after its end (1)'],
    ['octets after a fault',        '94 01 01 a1 "x" c0 00',          'Message has bytes after its end (1)'],
    ['no result after a fault',     '94 01 01 a1 "x"',                'Message ends in the middle of a value'],
    ['0xc1 as error',               '94 01 01 c1 c0',                 'Message contains 0xc1, which MessagePack never uses'],
    ['0xc1 as result',              '94 01 01 c0 c1',                 'Result must be a double, not 0xc1'],
  ])('%s, for a client', ([, octets, why]) => {
    const fault = unreadableAnswer(why, 'Add');
    expect(reply(calculator, hex(octets), 'Add')).toStrictEqual({ kind: 'fault', id: 1, fault });
  });

  test.for(['c1', '90 c0', ''])(
    'of an operation that nobody has, nothing is read: %s',
    (params) => {
      expect(request(calculator, hex(`94 00 01 a3 "Odd" ${params}`))).toMatchObject({
        kind: 'refused',
        id: 1,
        fault: { code: 'ActionNotSupported' },
      });
    },
  );
});

describe('a call that cannot be made is refused, and the session goes on', () => {
  const tell = echo(t.int);
  // prettier-ignore
  test.for<[string, string, { id: number | undefined; code: string; message: string }]>([
    ['unknown operation',        '94 00 07 a3 "Mod" 90',        { id: 7, code: 'ActionNotSupported', message: 'contract ICalculator has no operation "Mod"' }],
    ['other letters',            '94 00 07 a3 "add" 90',        { id: 7, code: 'ActionNotSupported', message: 'contract ICalculator has no operation "add"' }],
    ['a name from Object',       '94 00 07 ab "constructor" 90', { id: 7, code: 'ActionNotSupported', message: 'contract ICalculator has no operation "constructor"' }],
    ['no name',                  '94 00 07 a0 90',              { id: 7, code: 'ActionNotSupported', message: 'contract ICalculator has no operation ""' }],
    ['a name with an escape',    '94 00 07 a4 1b5b326a 90',     { id: 7, code: 'ActionNotSupported', message: 'contract ICalculator has no operation "\\u001b[2j"' }],
    ['a name that is no UTF-8',  '94 00 07 a2 41ff 90',         { id: 7, code: 'ActionNotSupported', message: 'contract ICalculator has no operation "A\ufffd"' }],
    ['a long name',              `94 00 07 d9 c8 ${'58'.repeat(200)} 90`, { id: 7, code: 'ActionNotSupported', message: `contract ICalculator has no operation "${'X'.repeat(64)}…"` }],
    ['unknown, as notification', '93 02 a3 "Mod" 90',           { id: undefined, code: 'ActionNotSupported', message: 'contract ICalculator has no operation "Mod"' }],
    ['a notification of Add',    '93 02 a3 "Add" 90',           { id: undefined, code: 'Fault', message: 'operation Add answers and takes a request, not a notification' }],
    ['one parameter',            `94 00 07 a3 "Add" 91 ${ONE}`, { id: 7, code: 'Fault', message: 'operation Add takes 2 parameters, not 1' }],
    ['three parameters',         '94 00 07 a3 "Add" 93 01 02 03', { id: 7, code: 'Fault', message: 'operation Add takes 2 parameters, not 3' }],
    ['params as a map',          '94 00 07 a3 "Add" 80',        { id: 7, code: 'Fault', message: 'params of Add must be an array, not a map' }],
    ['params nil',               '94 00 07 a3 "Add" c0',        { id: 7, code: 'Fault', message: 'params of Add must be an array, not null' }],
  ])('%s', ([, octets, { id, code, message }]) => {
    expect(request(calculator, hex(octets))).toStrictEqual({ kind: 'refused', id, fault: { code, message } });
  });

  test('a request for a one-way operation', () => {
    expect(request(tell, hex('94 00 07 a4 "Tell" 91 01'))).toMatchObject({
      kind: 'refused',
      id: 7,
      fault: { message: 'operation Tell is one-way and takes a notification, not a request' },
    });
    expect(request(tell, hex('93 02 a4 "Tell" 91 c0'))).toMatchObject({
      kind: 'refused',
      id: undefined,
      fault: unreadable(
        'Parameter "value" must be an int (-2147483648 to 2147483647), not null',
        'Tell',
      ),
    });
    expect(request(tell, hex('93 02 a4 "Tell" 90'))).toMatchObject({
      fault: { message: 'operation Tell takes 1 parameter, not 0' },
    });
  });
});

const spare = t.object('Spare', { x: t.optional(t.double) });
const point = t.object('Point', { x: t.double, name: t.string });

// Type, bytes, the sentence; the same for a parameter and for a result.
// prettier-ignore
test.for<[string, t.ValueType, string, string]>([
  ['nil for a double',              t.double,        'c0',                   ' must be a double, not null'],
  ['true for a double',             t.double,        'c3',                   ' must be a double, not true'],
  ['binary for a double',           t.double,        'c4 00',                ' must be a double, not a Uint8Array'],
  ['an array for a double',         t.double,        '90',                   ' must be a double, not an array'],
  ['a wide array for a double',     t.double,        'dc 0000',              ' must be a double, not an array'],
  ['a map for a double',            t.double,        '80',                   ' must be a double, not a map'],
  ['a wide map for a double',       t.double,        'de 0000',              ' must be a double, not a map'],
  ['an extension for a double',     t.double,        'd4 05 00',             ' must be a double, not an extension'],
  ['a long extension for a double', t.double,        'c7 01 05 00',          ' must be a double, not an extension'],
  ['a string for a float',          t.float,         'd9 01 61',             ' must be a float (up to ±3.4028235e38), not "a"'],
  ['a float 64 beyond a float',     t.float,         'cb 7fefffffffffffff',  ' must be a float (up to ±3.4028235e38), not 1.7976931348623157e+308'],
  ['NaN for a duration',            t.duration,      'cb 7ff8000000000000',  ' must be a duration (milliseconds, up to ±922337203685477.6), not NaN'],
  ['an integer for a boolean',      t.boolean,       '01',                   ' must be a boolean, not 1'],
  ['a float for a boolean',         t.boolean,       'ca 00000000',          ' must be a boolean, not 0'],
  ['a fraction for an int',         t.int,           'cb 3fe0000000000000',  ' must be an int (-2147483648 to 2147483647), not 0.5'],
  ['NaN for an int',                t.int,           'cb 7ff8000000000000',  ' must be an int (-2147483648 to 2147483647), not NaN'],
  ['2^31 for an int',               t.int,           'ce 80000000',          ' must be an int (-2147483648 to 2147483647), not 2147483648'],
  ['-2^63 for an int',              t.int,           'd3 8000000000000000',  ' must be an int (-2147483648 to 2147483647), not -9223372036854776000'],
  ['128 for a byte',                t.byte,          'cc 80',                ' must be a byte (-128 to 127), not 128'],
  ['-129 for a byte',               t.byte,          'd1 ff7f',              ' must be a byte (-128 to 127), not -129'],
  ['2^15 for a short',              t.short,         'cd 8000',              ' must be a short (-32768 to 32767), not 32768'],
  ['-1 for an unsignedByte',        t.unsignedByte,  'ff',                   ' must be an unsignedByte (0 to 255), not -1'],
  ['2^16 for an unsignedShort',     t.unsignedShort, 'ce 00010000',          ' must be an unsignedShort (0 to 65535), not 65536'],
  ['2^32 for an unsignedInt',       t.unsignedInt,   'cf 0000000100000000',  ' must be an unsignedInt (0 to 4294967295), not 4294967296'],
  ['2^63 for a long',               t.long,          'cf 8000000000000000',  ' must be a long (a bigint, -2^63 to 2^63 - 1), not the bigint 9223372036854775808'],
  ['2^63 as a float for a long',    t.long,          'cb 43e0000000000000',  ' must be a long (a bigint, -2^63 to 2^63 - 1), not the bigint 9223372036854775808'],
  ['infinity for a long',           t.long,          'cb 7ff0000000000000',  ' must be a long (a bigint, -2^63 to 2^63 - 1), not Infinity'],
  ['-1 for an unsignedLong',        t.unsignedLong,  'ff',                   ' must be an unsignedLong (a bigint, 0 to 2^64 - 1), not the bigint -1'],
  ['binary for a string',           t.string,        'c4 01 61',             ' must be a string, not a Uint8Array'],
  ['a cut character for a string',  t.string,        'a2 e282',              ' must be a string, not text that is not valid UTF-8'],
  ['an overlong NUL for a string',  t.string,        'a2 c080',              ' must be a string, not text that is not valid UTF-8'],
  ['a surrogate for a string',      t.string,        'a3 eda080',            ' must be a string, not text that is not valid UTF-8'],
  ['a number for a decimal',        t.decimal,       '01',                   ' must be a decimal (text such as "-15.99": under 2^96, at most 28 digits after the point), not 1'],
  ['a word for a decimal',          t.decimal,       'a3 "1e5"',             ' must be a decimal (text such as "-15.99": under 2^96, at most 28 digits after the point), not "1e5"'],
  ['another extension for a dateTime', t.dateTime,   'd6 05 00000000',       ' must be a dateTime (a Date in the years 1 to 9999), not an extension'],
  ['an empty extension for a dateTime', t.dateTime,  'c7 00 ff',             ' must be a dateTime (a Date in the years 1 to 9999), not an extension'],
  ['5 bytes of timestamp',         t.dateTime,      'c7 05 ff 0000000000',  ' must be a dateTime (a Date in the years 1 to 9999), not an extension'],
  ['a second of nanoseconds',       t.dateTime,      'd7 ff ee6b280000000000', ' must be a dateTime (a Date in the years 1 to 9999), not a timestamp with 1000000000 nanoseconds'],
  ['a timestamp before the year 1', t.dateTime,      'c7 0c ff 00000000 fffffff1886e08ff', ' must be a dateTime (a Date in the years 1 to 9999), not the Date 0000-12-31T23:59:59.000Z'],
  ['a timestamp after 9999',        t.dateTime,      'c7 0c ff 00000000 0000003afff44180', ' must be a dateTime (a Date in the years 1 to 9999), not the Date +010000-01-01T00:00:00.000Z'],
  ['a timestamp of no Date',        t.dateTime,      'c7 0c ff 00000000 7fffffffffffffff', ' must be a dateTime (a Date in the years 1 to 9999), not an invalid Date'],
  ['a month for a dateTime',        t.dateTime,      'a7 "2001-02"',         ' must be a dateTime (a Date in the years 1 to 9999), not "2001-02"'],
  ['a word for a guid',             t.guid,          'a1 0a',                ' must be a guid (text such as "00112233-4455-6677-8899-aabbccddeeff"), not "\\u000a"'],
  ['a string for binary',           t.base64Binary,  'a0',                   ' must be binary (a Uint8Array), not ""'],
  ['a map for an array',            t.array(t.int),  '80',                   ' must be an array, not a map'],
  ['nil in an array',               t.array(t.boolean), '92 c3 c0',          '[1] must be a boolean, not null'],
  ['an array for an object',        point,           '90',                   ' must be an object (Point), not an array'],
  ['a wrong member',                point,           '81 a1 "x" c0',         '.x must be a double, not null'],
  ['a member nil, and again',       spare,           '82 a1 "x" c0 a1 "x" 02', '.x must come only once'],
  ['a member, and again nil',       spare,           '82 a1 "x" 02 a1 "x" c0', '.x must come only once'],
  ['a member twice',                point,           '82 a1 "x" 01 a1 "x" 02', '.x must come only once'],
  ['deep inside',                   t.array(t.object('O', { list: t.array(point) })), '91 81 a4 "list" 92 80 81 a4 "name" 05', '[0].list[1].name must be a string, not 5'],
  ['inside what may be nil',        t.nillable(t.array(t.nillable(t.boolean))), '92 c0 05', '[1] must be a boolean, not 5'],
])('%s', ([, type, octets, sentence]) => {
  const codecs = echo(type);
  expect(request(codecs, hex(`94 00 07 a4 "Echo" 91 ${octets}`))).toStrictEqual({
    kind: 'refused',
    id: 7,
    fault: unreadable(`Parameter "value"${sentence}`),
  });
  expect(reply(codecs, hex(`94 01 07 c0 ${octets}`))).toStrictEqual({
    kind: 'fault',
    id: 7,
    fault: unreadableAnswer(`Result${sentence}`),
  });
});
