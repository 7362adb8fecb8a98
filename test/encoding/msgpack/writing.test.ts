import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import * as t from '../../../shared/contract/types.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { codecsFor, echo, hex, toHex } from './codecs.ts';

const calculator = codecsFor(ICalculator);
const add = calculator.operation('Add');
const point = t.object('Point', { x: t.double, name: t.string });

/** Fails with `error`, and the writer holds what it held before. */
function refuses(error: NetTcpError, write: (out: OctetWriter) => void): void {
  const out = new OctetWriter(8);
  out.append(hex('01 02 03'));
  expect(() => {
    write(out);
  }).toThrow(error);
  expect(toHex(out.toBytes())).toBe('010203');
}

// Type, value of another type, the sentence; the same for an argument and for a result.
// prettier-ignore
test.for<[string, t.ValueType, unknown, string]>([
  ['a string for a double',          t.double,        '1',             ' must be a double, not a string'],
  ['a bigint for a double',          t.double,        1n,              ' must be a double, not the bigint 1'],
  ['null for a double',              t.double,        null,            ' must be a double, not null'],
  ['nothing for a double',           t.double,        undefined,       ' must be a double, not undefined'],
  ['a Number object for a double',   t.double,        new Number(1),   ' must be a double, not an object'],
  ['true for a float',               t.float,         true,            ' must be a float, not a boolean'],
  ['infinity for a duration',        t.duration,      Infinity,        ' must be a duration in milliseconds, not the number Infinity'],
  ['a string for a duration',        t.duration,      '1',             ' must be a duration in milliseconds, not a string'],
  ['0 for a boolean',                t.boolean,       0,               ' must be a boolean, not the number 0'],
  ['a fraction for an int',          t.int,           0.5,             ' must be an int (-2147483648 to 2147483647), not the number 0.5'],
  ['NaN for an int',                 t.int,           NaN,             ' must be an int (-2147483648 to 2147483647), not the number NaN'],
  ['2^31 for an int',                t.int,           2 ** 31,         ' must be an int (-2147483648 to 2147483647), not the number 2147483648'],
  ['-1 for an unsignedByte',         t.unsignedByte,  -1,              ' must be an unsignedByte (0 to 255), not the number -1'],
  ['256 for an unsignedByte',        t.unsignedByte,  256,             ' must be an unsignedByte (0 to 255), not the number 256'],
  ['a bigint for a byte',            t.byte,          5n,              ' must be a byte (-128 to 127), not the bigint 5'],
  ['a number for a long',            t.long,          -0,              ' must be a long (-2^63 to 2^63 - 1) as a bigint, not the number -0'],
  ['2^63 for a long',                t.long,          2n ** 63n,       ' must be a long (-2^63 to 2^63 - 1) as a bigint, not the bigint 9223372036854775808'],
  ['a bigint of a million bits',     t.long,          1n << 1_000_000n, ' must be a long (-2^63 to 2^63 - 1) as a bigint, not a bigint of more than 128 bits'],
  ['-1 for an unsignedLong',         t.unsignedLong,  -1n,             ' must be an unsignedLong (0 to 2^64 - 1) as a bigint, not the bigint -1'],
  ['a number for a string',          t.string,        5,               ' must be a string, not the number 5'],
  ['a lone surrogate',               t.string,        'a\ud800',       ' must be text without lone surrogates, not "a\\ud800"'],
  ['surrogates the wrong way round', t.string,        '\udc00\ud800',  ' must be text without lone surrogates, not "\\udc00\\ud800"'],
  ['a number for a decimal',         t.decimal,       15.99,           ' must be a decimal as text, such as "-15.99", not the number 15.99'],
  ['a word for a decimal',           t.decimal,       '1,5',           ' must be a decimal as text, such as "-15.99", not "1,5"'],
  ['a string for a dateTime',        t.dateTime,      '2001-02-03',    ' must be a valid Date, not a string'],
  ['no valid Date',                  t.dateTime,      new Date(NaN),   ' must be a valid Date, not an invalid Date'],
  ['a word for a guid',              t.guid,          'x'.repeat(70),  ` must be a guid as text, not "${'x'.repeat(64)}…"`],
  ['an array for binary',            t.base64Binary,  [1],             ' must be a Uint8Array, not an array'],
  ['an ArrayBuffer for binary',      t.base64Binary,  new ArrayBuffer(1), ' must be a Uint8Array, not an object'],
  ['a string for an array',          t.array(t.string), 'a',           ' must be an array, not a string'],
  ['octets for an array',            t.array(t.int),  new Uint8Array(1), ' must be an array, not a Uint8Array'],
  ['a hole in an array',             t.array(t.int),  Array.from({ length: 2 }), '[0] must be an int (-2147483648 to 2147483647), not undefined'],
  ['an element',                     t.array(t.int),  [1, 2, '3'],     '[2] must be an int (-2147483648 to 2147483647), not a string'],
  ['null for an object',             point,           null,            ' must be an object (Point), not null'],
  ['an array for an object',         point,           [],              ' must be an object (Point), not an array'],
  ['a function for an object',       point,           () => 1,         ' must be an object (Point), not a function'],
  ['a missing member',               point,           { x: 1 },        '.name must be a string, not undefined'],
  ['deep inside',                    t.array(t.nillable(point)), [null, { x: 1, name: Symbol('s') }], '[1].name must be a string, not a symbol'],
])('%s', ([, type, value, sentence]) => {
  const codecs = echo(type);
  refuses(new NetTcpError('Usage', `parameter "value"${sentence}`), (out) => {
    codecs.client.writeRequest(out, 1, codecs.operation('Echo'), [value]);
  });
  refuses(new NetTcpError('Usage', `parameter "value"${sentence}`), (out) => {
    codecs.client.writeRequest(out, 1, codecs.operation('Tell'), [value]);
  });
  refuses(new NetTcpError('Fault', `result of Echo${sentence}`), (out) => {
    codecs.service.writeResult(out, 1, codecs.operation('Echo'), value);
  });
});

describe('a call that cannot be written', () => {
  // prettier-ignore
  test.for<[string, unknown[], string]>([
    ['too few arguments',  [1],           'operation Add takes 2 parameters, not 1'],
    ['too many arguments', [1, 2, 3],     'operation Add takes 2 parameters, not 3'],
    ['the second is wrong', [1, '2'],     'parameter "n2" must be a double, not a string'],
  ])('%s', ([, args, message]) => {
    refuses(new NetTcpError('Usage', message), (out) => {
      calculator.client.writeRequest(out, 1, add, args);
    });
  });

  test('an operation of another contract', () => {
    refuses(new NetTcpError('Usage', 'operation Echo is not one of this contract'), (out) => {
      calculator.client.writeRequest(out, 1, echo(t.int).operation('Echo'), [1]);
    });
  });

  test.for<number | string>([-1, 0.5, 2 ** 32, NaN, '1'])('the id %s', (id) => {
    const error = new NetTcpError('Internal', `a message id must be 0 to 4294967295, not ${id}`);
    refuses(error, (out) => {
      calculator.client.writeRequest(out, id as number, add, [1, 2]);
    });
    refuses(error, (out) => {
      calculator.service.writeResult(out, id, add, 1);
    });
    refuses(error, (out) => {
      calculator.service.writeFault(out, id, { code: 'Fault', message: '' });
    });
  });

  test('a getter that throws: the error is kept as cause', () => {
    const cause = new Error('no x today');
    const value = {
      get x(): number {
        throw cause;
      },
      name: '',
    };
    const codecs = echo(point);
    const out = new OctetWriter();
    expect(() => {
      codecs.client.writeRequest(out, 1, codecs.operation('Echo'), [value]);
    }).toThrow(new NetTcpError('Internal', 'no x today', { cause }));
    expect(out.length).toBe(0);
  });
});

// prettier-ignore
test.for<[string, t.ValueType, unknown, string]>([
  ['a float is rounded to 32 bits',           t.float,           0.1,                             'ca 3dcccccd'],
  ['a guid is written in lower case',         t.guid,            'ABCDEF00-0000-0000-0000-000000000000', 'd9 24 "abcdef00-0000-0000-0000-000000000000"'],
  ['undefined where nil may be',              t.nillable(t.int), undefined,                       'c0'],
  ['a member left out where nil may be',      t.object('O', { a: t.nillable(t.int) }), {},        '81 a1 "a" c0'],
  ['members that the contract has not',       point,             { z: 1, name: 'n', x: 0 },       '82 a1 "x" cb 0000000000000000 a4 "name" a1 "n"'],
  ['members behind a getter of a class',      t.object('O', { size: t.int }), new Set([1, 2]),    '81 a4 "size" 02'],
  ['a Buffer as binary',                      t.base64Binary,    Buffer.from('a'),                'c4 01 61'],
  ['a part of a larger buffer as binary',     t.base64Binary,    new Uint8Array([1, 2, 3]).subarray(1, 2), 'c4 01 02'],
])('%s', ([, type, value, octets]) => {
  const codecs = echo(type);
  const out = new OctetWriter();
  codecs.service.writeResult(out, 1, codecs.operation('Echo'), value);
  expect(toHex(out.toBytes())).toBe(toHex(hex(`94 01 01 c0 ${octets}`)));
});

test('messages are written one behind the other', () => {
  const out = new OctetWriter(4);
  for (let id = 0; id < 1_000; id++) calculator.client.writeRequest(out, id, add, [id, -id]);
  const octets = out.toBytes();
  let at = 0;
  for (let id = 0; id < 1_000; id++) {
    const end = at + 25 + (id < 128 ? 1 : id < 256 ? 2 : 3);
    expect(calculator.service.readRequest(octets, at, end)).toMatchObject({ id, args: [id, -id] });
    at = end;
  }
  expect(at).toBe(octets.length);
});
