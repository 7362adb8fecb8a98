import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import {
  codecsFor,
  echo,
  hex,
  join,
  reply,
  request,
  toHex,
  unreadable,
  unreadableAnswer,
  written,
} from './codecs.ts';

const calculator = codecsFor(ICalculator);
const point = t.object('Point', { x: t.double });
const CUT_SHORT = 'Message ends in the middle of a value';

describe('nesting', () => {
  const TOO_DEEP = 'Message is nested deeper than 64';
  const nested = (first: string, levels: number) => hex(first.repeat(levels));

  // Whatever opens a level, and wherever: nothing descends further than the limit.
  // prettier-ignore
  test.for<[string, string]>([
    ['arrays', '91'],
    ['arrays with wide heads', 'dd 00000001'],
    ['maps in maps', '81 01'],
    ['maps as keys', '81'],
  ])('100,000 %s', ([, first]) => {
    const deep = nested(first, 100_000);
    const nothing = echo(t.nothing);
    expect(request(calculator, join(hex('94 00 01 a3 "Add"'), deep))).toMatchObject({ kind: 'refused', id: 1 });
    expect(request(calculator, join(hex('94 00 01 a3 "Odd"'), deep))).toMatchObject({ kind: 'refused', id: 1 });
    expect(request(nothing, join(hex('94 00 01 a4 "Echo" 91'), deep))).toMatchObject({ fault: unreadable(TOO_DEEP) });
    expect(request(echo(point), join(hex('94 00 01 a4 "Echo" 91 81 a1 "z"'), deep))).toMatchObject({ fault: unreadable(TOO_DEEP) });
    expect(reply(echo(point), join(hex('94 01 01 c0 81 a1 "z"'), deep))).toMatchObject({ fault: unreadableAnswer(TOO_DEEP) });
    expect(reply(echo(point), join(hex('94 01 01'), deep))).toMatchObject({ fault: unreadableAnswer(TOO_DEEP) });
    expect(reply(nothing, join(hex('94 01 01 c0'), deep))).toMatchObject({ fault: unreadableAnswer(TOO_DEEP) });
  });

  test('100,000 arrays as the envelope itself', () => {
    expect(() => request(calculator, nested('91', 100_000))).toThrow(NetTcpError);
  });

  // The envelope is the first level, the params are the second.
  test('as deep as maxDepth is read, one deeper is not', () => {
    const skipped = (levels: number) =>
      join(hex('94 00 01 a4 "Echo" 91'), nested('91', levels - 1), hex('90'));
    expect(request(echo(t.nothing), skipped(62))).toMatchObject({ kind: 'call' });
    expect(request(echo(t.nothing), skipped(63))).toMatchObject({ fault: unreadable(TOO_DEEP) });

    const lists = t.array(t.array(t.int));
    const call = hex('94 00 01 a4 "Echo" 91 91 90');
    expect(request(echo(lists, { maxDepth: 4 }), call)).toMatchObject({ kind: 'call' });
    expect(request(echo(lists, { maxDepth: 3 }), call)).toMatchObject({
      fault: unreadable('Message is nested deeper than 3'),
    });
    const answer = hex('94 01 01 c0 91 90');
    expect(reply(echo(lists, { maxDepth: 3 }), answer)).toMatchObject({ kind: 'result' });
    expect(reply(echo(lists, { maxDepth: 2 }), answer)).toMatchObject({
      fault: unreadableAnswer('Message is nested deeper than 2'),
    });
    const shallow = codecsFor(ICalculator, { maxDepth: 1 });
    expect(request(shallow, hex('94 00 01 a3 "Add" 92 01 02'))).toMatchObject({
      fault: unreadable('Message is nested deeper than 1', 'Add'),
    });
  });
});

describe('a length that the message does not have is refused before anything is allocated', () => {
  // prettier-ignore
  const claims: [string, string, t.ValueType][] = [
    ['str 32',            'db ffffffff',       t.string],
    ['str 16',            'da ffff',           t.string],
    ['str 8',             'd9 ff',             t.string],
    ['fixstr',            'bf',                t.string],
    ['bin 32',            'c6 ffffffff',       t.base64Binary],
    ['bin 16',            'c5 ffff',           t.base64Binary],
    ['bin 8',             'c4 ff',             t.base64Binary],
    ['array 32',          'dd ffffffff',       t.array(t.nillable(t.int))],
    ['array 16',          'dc ffff',           t.array(t.nillable(t.int))],
    ['fixarray',          '9f',                t.array(t.nillable(t.int))],
    ['map 32',            'df ffffffff',       point],
    ['map 16',            'de ffff',           point],
    ['fixmap',            '8f',                point],
    ['ext 32',            'c9 ffffffff',       t.dateTime],
    ['ext 16',            'c8 ffff',           t.dateTime],
    ['ext 8',             'c7 ff',             t.dateTime],
    ['fixext 16',         'd8',                t.dateTime],
  ];
  test.for(claims)('%s', ([, head, type]) => {
    const codecs = echo(type);
    for (const start of ['94 00 01', '94 00', '']) {
      expect(() => request(codecs, hex(`${start} ${head} c0`)), start).toThrow(NetTcpError);
    }
    const asParams = request(codecs, hex(`94 00 01 a4 "Echo" ${head} c0`));
    expect(asParams).toMatchObject({ kind: 'refused', id: 1, fault: { code: 'Fault' } });
    expect(request(codecs, hex(`94 00 01 a4 "Echo" 91 ${head} c0`))).toMatchObject({
      fault: unreadable(CUT_SHORT),
    });
    expect(reply(codecs, hex(`94 01 01 c0 ${head} c0`))).toMatchObject({
      fault: unreadableAnswer(CUT_SHORT),
    });
    expect(reply(codecs, hex(`94 01 01 ${head} c0`))).toMatchObject({
      fault: unreadableAnswer(CUT_SHORT),
    });
  });

  test('a thousand claims in each other', () => {
    const codecs = echo(t.array(t.string));
    const bomb = hex(`94 00 01 a4 "Echo" 91 ${'dd ffffffff'.repeat(1_000)}`);
    expect(request(codecs, bomb)).toMatchObject({ fault: unreadable(CUT_SHORT) });
  });

  test('a claim that fits in bytes but not in values', () => {
    const codecs = echo(t.array(t.array(t.int)));
    const octets = join(hex('94 00 01 a4 "Echo" 91 dc 0fff'), hex('dc 0ff0'.repeat(2_000)));
    expect(request(codecs, octets)).toMatchObject({ kind: 'refused', id: 1 });
  });
});

describe('names that JavaScript gives a meaning', () => {
  const NAMES = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'then',
  ];
  const key = (name: string) => `d9 ${toHex(new Uint8Array([name.length]))} "${name}"`;

  test.for(NAMES)('%s is no operation', (name) => {
    expect(request(calculator, hex(`94 00 01 ${key(name)} 90`))).toMatchObject({
      kind: 'refused',
      fault: { code: 'ActionNotSupported' },
    });
  });

  test.for(NAMES)('%s as a key that the contract does not have changes nothing', (name) => {
    const polluted = `81 ${key('polluted')} c3`;
    const read = reply(echo(point), hex(`94 01 01 c0 82 ${key(name)} ${polluted} a1 "x" 01`));
    expect(read).toStrictEqual({ kind: 'result', id: 1, value: { x: 1 } });
    const error = reply(
      echo(point),
      hex(`94 01 01 82 ${key(name)} ${polluted} a4 "code" a3 "Odd" c0`),
    );
    expect(error).toMatchObject({ kind: 'fault', fault: { code: 'Fault' } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.for(NAMES.slice(1))('%s is a member like any other where the contract has it', (name) => {
    const type = t.object('Odd', { [name]: t.int });
    const codecs = echo(type);
    const answer = written((out) =>
      codecs.service.writeResult(out, 1, codecs.operation('Echo'), { [name]: 5 }),
    );
    const read = reply(codecs, answer);
    if (read?.kind !== 'result') throw new Error('no result');
    expect(Object.entries(read.value as object)).toEqual([[name, 5]]);
    expect(Object.getPrototypeOf(read.value)).toBe(Object.prototype);
    expect(reply(codecs, hex('94 01 01 c0 80'))).toMatchObject({ value: { [name]: 0 } });
  });

  test('__proto__ is no member', () => {
    const refused = new NetTcpError('Usage', 'a member of Odd cannot be named "__proto__"');
    expect(() => t.object('Odd', { ['__proto__']: t.int })).toThrow(refused);
  });

  test('a parameter may have such a name: it is never a key', () => {
    const operations = { F: operation([['__proto__', t.int]], t.int) };
    const codecs = codecsFor(defineContract({ name: 'IOdd', operations }));
    expect(request(codecs, hex('94 00 01 a1 "F" 91 05'))).toMatchObject({ args: [5] });
    expect(request(codecs, hex('94 00 01 a1 "F" 91 c0'))).toMatchObject({ kind: 'refused' });
  });
});
