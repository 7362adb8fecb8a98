import { describe, expect, test } from 'vitest';
import * as t from '../../../shared/contract/types/types.ts';
import { EXIT_STATUS, type ErrorCode } from '../../../shared/errors.ts';
import { echo, hex, reply, written } from './codecs.ts';

const codecs = echo(t.int);
const CODES = Object.keys(EXIT_STATUS) as ErrorCode[];

test.for(CODES)('%s comes back as it was', (code) => {
  const fault = { code, message: 'why' };
  const answer = written((out) => codecs.service.writeFault(out, 1, fault));
  expect(reply(codecs, answer)).toStrictEqual({ kind: 'fault', id: 1, fault });
});

// What other implementations send as an error. The result after it does not matter.
// prettier-ignore
test.for<[string, string, { code: ErrorCode; message: string; detail?: string }]>([
  ['a string',                        'a4 "oops"',                                 { code: 'Fault', message: 'oops' }],
  ['an empty string',                 'a0',                                        { code: 'Fault', message: '' }],
  ['a string that is no UTF-8',       'a2 61ff',                                   { code: 'Fault', message: 'a\ufffd' }],
  ['a string with an escape',         'a3 1b5b4a',                                 { code: 'Fault', message: '\\u001b[J' }],
  ['a string of two lines',           'a5 610d0a0962',                             { code: 'Fault', message: 'a\n\tb' }],
  ['a string written right to left',  'a4 e280ae61',                               { code: 'Fault', message: '\\u202ea' }],
  ['an integer',                      '2a',                                        { code: 'Fault', message: '42' }],
  ['an integer of 64 bits',           'cf ffffffffffffffff',                       { code: 'Fault', message: '18446744073709551615' }],
  ['a float',                         'cb bff8000000000000',                       { code: 'Fault', message: '-1.5' }],
  ['false',                           'c2',                                        { code: 'Fault', message: 'false' }],
  ['true',                            'c3',                                        { code: 'Fault', message: 'true' }],
  ['binary',                          'c4 01 61',                                  { code: 'Fault', message: '<binary>' }],
  ['an extension',                    'd4 05 00',                                  { code: 'Fault', message: '<an extension>' }],
  ['an array, as neovim sends',       '92 00 a7 "Invalid"',                        { code: 'Fault', message: '[0, "Invalid"]' }],
  ['an empty array',                  '90',                                        { code: 'Fault', message: '[]' }],
  ['an array in arrays in arrays',    '91 91 91 91 91 05',                         { code: 'Fault', message: '[[[[<an array>]]]]' }],
  ['a long array',                    `dc 0011 ${'07'.repeat(17)}`,                { code: 'Fault', message: `[${'7, '.repeat(16)}…]` }],
  ['a map of its own',                '82 a3 "err" 05 a1 "x" c0',                  { code: 'Fault', message: '{"err": 5, "x": nil}' }],
  ['an empty map',                    '80',                                        { code: 'Fault', message: '{}' }],
  ['a map with a message only',       '81 a7 "message" a2 "no"',                   { code: 'Fault', message: 'no' }],
  ['a map without a message',         '81 a4 "code" a7 "Timeout"',                 { code: 'Timeout', message: '{"code": "Timeout"}' }],
  ['a message that is no string',     '81 a7 "message" 05',                        { code: 'Fault', message: '{"message": 5}' }],
  ['a code of its own',               '82 a4 "code" a4 "E_42" a7 "message" a2 "no"', { code: 'Fault', message: 'no' }],
  ['a code from Object',              '82 a4 "code" a8 "toString" a7 "message" a2 "no"', { code: 'Fault', message: 'no' }],
  ['a code that is a number',         '82 a4 "code" 05 a7 "message" a2 "no"',      { code: 'Fault', message: 'no' }],
  ['a known code, more entries',      '84 a4 "code" a7 "Timeout" 01 02 a1 "x" 91 05 a7 "message" a2 "no"', { code: 'Timeout', message: 'no' }],
  ['a detail',                        '82 a6 "detail" a1 "d" a7 "message" a2 "no"', { code: 'Fault', message: 'no', detail: 'd' }],
  ['a detail that is no string',      '82 a6 "detail" 05 a7 "message" a2 "no"',    { code: 'Fault', message: 'no' }],
])('%s', ([, octets, fault]) => {
  for (const result of ['c0', '05', '92 c0 81 01 02']) {
    expect(reply(codecs, hex(`94 01 07 ${octets} ${result}`))).toStrictEqual({ kind: 'fault', id: 7, fault });
  }
});

describe('the texts of a fault are cut at maxFaultTextChars', () => {
  const few = echo(t.int, { maxFaultTextChars: 8 });
  const fault = (message: string) => ({ code: 'Fault', message, detail: message }) as const;
  const answerOf = (message: string, { service } = few) =>
    written((out) => service.writeFault(out, 1, fault(message)));

  test.for<[string, string]>([
    ['12345678', '12345678'],
    ['123456789', '12345678…'],
    ['1234567😀', '1234567…'],
    ['', ''],
  ])('%s', ([sent, kept]) => {
    // By the writer, where the peer reads all of it; and by the reader, where the peer wrote more.
    expect(reply(codecs, answerOf(sent))).toMatchObject({ fault: fault(kept) });
    expect(reply(few, answerOf(sent, codecs))).toMatchObject({ fault: fault(kept) });
  });

  test('a text of 60,000 characters from a peer', () => {
    const read = reply(codecs, hex(`94 01 01 da ea60 ${'41'.repeat(60_000)} c0`));
    expect(read).toMatchObject({ fault: { message: `${'A'.repeat(4_096)}…` } });
  });

  test('what is shown of a map is cut too', () => {
    const read = reply(few, hex('94 01 01 81 a3 "err" a6 "abcdef" c0'));
    expect(read).toMatchObject({ fault: { message: '{"err": …' } });
  });
});

test('a lone surrogate in a fault becomes U+FFFD: a fault is always written', () => {
  const fault = { code: 'Fault', message: 'a\ud800b' } as const;
  expect(
    reply(
      codecs,
      written((out) => codecs.service.writeFault(out, 1, fault)),
    ),
  ).toMatchObject({
    fault: { message: 'a\ufffdb' },
  });
});

test('a notification is a call without an answer, by the name of its method', () => {
  expect(reply(codecs, hex('93 02 a1 "x" 91 05'))).toEqual({ kind: 'one-way', name: 'x' });
});

describe('what answers no call of ours', () => {
  test.for<[string, string]>([
    ['a result', '94 01 07 c0 05'],
    ['a result of another type', '94 01 07 c0 81 01 90'],
    ['a fault', '94 01 07 a1 "x" c0'],
  ])('%s for an unknown id is passed over', ([, octets]) => {
    const message = hex(octets);
    const asked: number[] = [];
    const read = codecs.client.readReply(message, 0, message.length, (id) => {
      asked.push(id);
      return undefined;
    });
    expect(read).toBeUndefined();
    expect(asked).toEqual([7]);
    // Nobody waits for what comes after the id: it is not even read.
    const malformed = Uint8Array.of(...message.subarray(0, -1), 0xc1);
    expect(
      codecs.client.readReply(malformed, 0, malformed.length, () => undefined),
    ).toBeUndefined();
  });
});
