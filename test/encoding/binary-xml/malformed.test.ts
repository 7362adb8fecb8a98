import { expect, test } from 'vitest';
import { BinaryXmlReader } from '../../../shared/encoding/binary-xml/reader.ts';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import { DEFAULT_LIMITS, type Limits, withLimits } from '../../../shared/limits.ts';
import { octets } from './octets.ts';

test.each([
  ['nothing at all', '', /byte 0 of the payload: it has no element/],
  ['only a comment', '02 01 "c"', /byte 3 of the payload: it has no element/],
  ['a text outside of elements', '98 01 "x"', /an element is due/],
  ['an end without an element', '01', /an element is due/],
  ['an attribute without an element', '04 01 "x" 80', /an element is due/],
  ['an attribute after the content', '40 01 "e" 80 04 01 "x" 80 01', /not 0x04/],
  ['record 00', '40 01 "e" 00 01', /not 0x00/],
  ['a record between elements and texts', '40 01 "e" 78 01', /not 0x78/],
  ['a record after the last one', '40 01 "e" be 01', /not 0xbe/],
  ['record ff', '40 01 "e" ff 01', /not 0xff/],
  ['an end of list without its start', '40 01 "e" a6 01', /not 0xa6/],
  ['a second root', '40 01 "e" 01 40 01 "f" 01', /bytes follow its last element/],
  ['a byte after the root', '40 01 "e" 01 00', /bytes follow its last element/],

  ['an element that is not closed', '40 01 "e"', /it is cut short/],
  ['an element without its name', '40', /it is cut short/],
  ['a name that is cut short', '40 03 "Ad"', /it is cut short: 3 bytes are due/],
  ['a name that is not UTF-8', '40 01 ff 01', /text is not valid UTF-8/],
  ['a name that is half a surrogate pair', '40 03 ed a0 80 01', /text is not valid UTF-8/],
  ['a length of more than 31 bits', '40 ff ff ff ff 08', /a length does not fit in 31 bits/],
  ['a length that never ends', '40 80 80 80 80 80 80', /a length does not fit in 31 bits/],
  ['a number that is cut short', '40 01 "e" 92 00 00', /it is cut short: 8 bytes are due/],
  ['a text that is cut short', '40 01 "e" 98 05 "x"', /it is cut short: 5 bytes are due/],
  ['a negative length', '40 01 "e" 9c ff ff ff ff', /a length is negative \(-1\)/],
  ['an unknown dictionary text', '40 01 "e" aa fe 7f 01', /no string table has the id 16382/],
  ['an unknown dictionary name', '42 ce 07 01', /no string table has the id 974/],

  ['a prefix that nobody declared', '41 01 "p" 01 "x" 01', /the prefix "p" has no namespace/],
  ['an attribute prefix that nobody declared', '40 01 "e" 26 01 "x" 80 01', /"a" has no namespace/],
  [
    'a prefix declared by a sibling',
    '40 01 "e" 5e 01 "x" 09 01 "a" 01 "n" 01 5e 01 "y" 01 01',
    /"a" has no/,
  ],
  ['a prefix declared twice', '40 01 "e" 09 01 "a" 01 "n" 09 01 "a" 01 "m" 01', /"a" twice/],
  ['an attribute twice', '40 01 "e" 04 01 "x" 80 04 01 "x" 80 01', /the attribute "x" twice/],
  [
    'an attribute twice by two prefixes',
    '40 01 "e" 26 01 "x" 80 27 01 "x" 80 09 01 "a" 01 "n" 09 01 "b" 01 "n" 01',
    /the attribute "x" twice/,
  ],
  ['an attribute value that closes the element', '40 01 "e" 04 01 "x" 81', /ends the element/],
  ['an attribute without a value', '40 01 "e" 04 01 "x" 01', /a text record is due, not 0x01/],

  ['a text that is not UTF-8', '40 01 "e" 98 01 ff 01', /text is not valid UTF-8/],
  ['an overlong UTF-8 form', '40 01 "e" 98 02 c0 80 01', /text is not valid UTF-8/],
  ['UTF-16 with half a pair', '40 01 "e" b6 02 00 d8 01', /text is not valid UTF-16LE/],
  ['UTF-16 of an odd length', '40 01 "e" b6 01 20 01', /text is not valid UTF-16LE/],
  ['a date after 9999', '40 01 "e" 96 ff ff ff ff ff ff ff 3f 01', /a date is \d+ ticks/],
  [
    'a decimal of 29 digits',
    '40 01 "e" 94 00 00 1d 00 00 00 00 00 00 00 00 00 00 00 00 00 01',
    /scale 29/,
  ],
  [
    'a decimal with an odd sign',
    '40 01 "e" 94 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 01',
    /sign 1/,
  ],
  ['a QName with prefix 26', '40 01 "e" bc 1a 0a 01', /a prefix is 26, 0 to 25 is allowed/],
  ['a list that is not closed', '40 01 "e" a4 80', /it is cut short/],
  ['a list that closes the element at its start', '40 01 "e" a5 80 a6', /before it ends/],
  ['a list in a list', '40 01 "e" a4 a4 a6 a6 01', /a list stands in a list/],
  ['a list item that closes the element', '40 01 "e" a4 81 a6 01', /a list item ends its element/],
  ['a list with an element in it', '40 01 "e" a4 40 01 "x" 01 a6 01', /not 0x40/],

  ['an array of nothing', '40 01 "e" 03 40 01 "i" 01 8d 00 01', /an array has no items/],
  [
    'an array of texts',
    '40 01 "e" 03 40 01 "i" 01 99 01 01 "x" 01',
    /cannot hold values of that type/,
  ],
  [
    'an array of a type without its end bit',
    '40 01 "e" 03 40 01 "i" 01 8c 01 00 00 00 00 01',
    /cannot hold/,
  ],
  ['an array without an element', '40 01 "e" 03 80 01', /does not begin with an element/],
  [
    'an array of elements with content',
    '40 01 "e" 03 40 01 "i" 81 8d 01 00 00 00 00 01',
    /is not empty/,
  ],
  [
    'an array that is cut short',
    '40 01 "e" 03 40 01 "i" 01 8d 02 00 00 00 00 01',
    /an array is cut short/,
  ],
  [
    'an array with the largest count',
    '40 01 "e" 03 40 01 "i" 01 b5 ff ff ff ff 07 01',
    /an array is cut short/,
  ],
])('%s', (_fact, payload, message) => {
  expect(() => toXml(octets(payload))).toThrow(
    expect.objectContaining({
      name: 'NetTcpError',
      code: 'Protocol',
      message: expect.stringMatching(message),
    }),
  );
});

test('bytes outside the payload are never read', () => {
  const buffer = octets('98 40 01 "e" 01 40');
  const reader = new BinaryXmlReader(DEFAULT_LIMITS);
  reader.reset(buffer, 1, buffer.length - 1);
  expect([reader.read(), reader.read(), reader.read(), reader.read()]).toEqual([
    'element',
    'end',
    'done',
    'done',
  ]);
  reader.reset(buffer, 1, buffer.length - 2);
  expect(reader.read()).toBe('element');
  expect(() => reader.read()).toThrow(/at byte 3 of the payload: it is cut short/);
});

/** A payload at the limit, and one that is just over it. */
test.each<readonly [keyof Limits, number, string, string]>([
  ['maxDepth', 2, '40 01 "a" 40 01 "b" 01 01', '40 01 "a" 40 01 "b" 40 01 "c" 01 01 01'],
  [
    'maxDepth',
    2,
    '40 01 "a" 03 40 01 "b" 01 b5 01 01 01',
    '40 01 "a" 40 01 "b" 03 40 01 "c" 01 b5 01 01 01 01',
  ],
  ['maxXmlNodes', 4, '40 01 "a" 04 01 "x" 80 80 01', '40 01 "a" 04 01 "x" 80 80 80 01'],
  [
    'maxXmlNodes',
    6,
    '40 01 "a" 03 40 01 "b" 01 b5 03 01 01 01 01',
    '40 01 "a" 03 40 01 "b" 01 b5 04 01 01 01 01 01',
  ],
  [
    'maxXmlNodes',
    8,
    '40 01 "a" 03 40 01 "b" 04 01 "x" 80 01 b5 02 01 01 01',
    '40 01 "a" 03 40 01 "b" 04 01 "x" 80 01 b5 03 01 01 01 01',
  ],
  [
    'maxXmlAttributes',
    2,
    '40 01 "a" 04 01 "x" 80 04 01 "y" 80 01',
    '40 01 "a" 04 01 "x" 80 04 01 "y" 80 04 01 "z" 80 01',
  ],
  [
    'maxXmlAttributes',
    1,
    '40 01 "a" 08 01 "n" 01',
    '40 01 "a" 08 01 "n" 40 01 "b" 08 01 "m" 01 01',
  ],
  ['maxXmlReferenceChars', 12, '40 01 "a" aa 0a aa 0a 01', '40 01 "a" aa 0a aa 0a aa 0c 01'],
  ['maxXmlPrintedChars', 10, '40 01 "a" 98 03 "123" 01', '40 01 "a" 98 04 "1234" 01'],
])('%s %d', (limit, value, allowed, tooMuch) => {
  const limits = withLimits({ [limit]: value });
  expect(toXml(octets(allowed), { limits })).toMatch(/^<a/);
  expect(() => toXml(octets(tooMuch), { limits })).toThrow(
    expect.objectContaining({
      name: 'NetTcpError',
      code: 'QuotaExceeded',
      message: expect.stringContaining(limit),
    }),
  );
});

test('a bomb of nested elements is refused at the limit, not at the end of the stack', () => {
  const bomb = new Uint8Array(1_000_000).fill(0x42); // <mustUnderstand><mustUnderstand>… of ids 42
  expect(() => toXml(bomb)).toThrow(expect.objectContaining({ code: 'QuotaExceeded' }));
});

test('a large document that repeats a table string is refused', () => {
  const reference = octets('aa c6 01'); // 42 characters for 3 bytes
  const payload = new Uint8Array(3 + 3 * 20_000 + 1);
  payload.set(octets('40 01 "e"'));
  for (let at = 3; at < payload.length - 1; at += 3) payload.set(reference, at);
  payload[payload.length - 1] = 1;
  expect(() => toXml(payload)).toThrow(/characters from string tables/);
});
