import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import * as t from '../../../shared/contract/types/types.ts';
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

describe('a call that cannot be written', () => {
  // prettier-ignore
  test.for<[string, unknown[], string]>([
    ['too few arguments',  [1],           'operation Add takes 2 parameters, not 1'],
    ['too many arguments', [1, 2, 3],     'operation Add takes 2 parameters, not 3'],
    ['the second is wrong', [1, '2'],     'Add: parameter "n2" must be a double, not "2"'],
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
  ['members after a getter of a class',       t.object('O', { size: t.int }), new Set([1, 2]),    '81 a4 "size" 02'],
  ['a Buffer as binary',                      t.base64Binary,    Buffer.from('a'),                'c4 01 61'],
  ['a part of a larger buffer as binary',     t.base64Binary,    new Uint8Array([1, 2, 3]).subarray(1, 2), 'c4 01 02'],
])('%s', ([, type, value, octets]) => {
  const codecs = echo(type);
  const out = new OctetWriter();
  codecs.service.writeResult(out, 1, codecs.operation('Echo'), value);
  expect(toHex(out.toBytes())).toBe(toHex(hex(`94 01 01 c0 ${octets}`)));
});

test('messages are written one after the other', () => {
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
