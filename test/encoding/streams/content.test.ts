// Streams inside messages: how they are written, and read in any pieces.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { hex, pieces } from '../../helpers/octets.ts';
import { octets } from '../binary-xml/octets.ts';
import { operationOf, xmlOf } from '../soap/messages.ts';
import { arrive, client, head, IUpload, request } from './collected.ts';

const SIX = '010203040506';

test('is written in groups of three, each record base64 by itself', () => {
  const content = (sizes: readonly number[]): string => {
    let next = 1;
    const all = sizes.map((size) => Uint8Array.from({ length: size }, () => next++));
    return hex(request(all).subarray(head().length));
  };
  expect(content([])).toBe('01010101');
  expect(content([3])).toBe('9e0301020301010101');
  expect(content([2])).toBe('9f020102010101');
  expect(content([4])).toBe('9e030102039f0104010101');
  expect(content([2, 2, 2])).toBe('9e030102039e0304050601010101');
  expect(content([1, 6])).toBe('9e030102039e030405069f0107010101');
  expect(content([0, 1, 0, 1])).toBe('9f020102010101');
  expect(xmlOf(request([octets(SIX)]))).toContain('<data>AQIDBAUG</data>');
});

test('more than 65,535 bytes are several records', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index);
  const message = request([bytes]);
  const at = head().length;
  expect(hex(message.subarray(at, at + 3))).toBe('a0ffff');
  expect(arrive([message])).toEqual({ bytes: hex(bytes), isStream: true });
});

test('any bytes in any pieces are read from any pieces', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(bytes, { maxLength: 6 }),
      fc.integer({ min: 1, max: 50 }),
      (given, size) => {
        const due = hex(Buffer.concat(given));
        expect(arrive(pieces(request(given), size))).toEqual({ bytes: due, isStream: true });
      },
    ),
  );
});

/** Contents of the element `data`, ends of the message included, that all stand for the bytes 1 to 6. */
// prettier-ignore
const FORMS: readonly (readonly [string, string])[] = [
  ['one record', '9e 06 01 02 03 04 05 06 01 01 01 01'],
  ['with the end in it', '9f 06 01 02 03 04 05 06 01 01 01'],
  ['a length of 2 bytes', 'a0 06 00 01 02 03 04 05 06 01 01 01 01'],
  ['a length of 4 bytes', 'a3 06 00 00 00 01 02 03 04 05 06 01 01 01'],
  ['many', '9e 01 01 9e 02 02 03 9e 00 a0 01 00 04 a2 02 00 00 00 05 06 01 01 01 01'],
  ['text', '99 08 "AQIDBAUG" 01 01 01'],
  ['text in pieces', '98 03 "AQI" 98 01 "D" 9a 04 00 "BAUG" 01 01 01 01'],
  ['text with white space', '98 06 "AQ ID " 98 05 0a "BAUG" 01 01 01 01'],
  ['padded text', '98 04 "AQI=" 98 04 "Aw==" 98 04 "BAUG" 01 01 01 01'],
  ['text, then bytes', '98 04 "AQID" 9e 03 04 05 06 01 01 01 01'],
  ['comments', '02 01 "c" 9e 03 01 02 03 02 00 9f 03 04 05 06 02 00 01 02 00 01 01 02 00'],
  ['a declaration', '09 01 "b" 01 "u" 0b 01 "c" 04 9f 06 01 02 03 04 05 06 01 01 01'],
  ['empty text between', '9e 03 01 02 03 a8 9e 03 04 05 06 a9 01 01 01'],
];

test.for(FORMS)('%s: read in every cut', ([, content]) => {
  const message = new OctetWriter();
  message.append(head());
  message.append(octets(content));
  const bytes = message.toBytes();
  const due = { bytes: SIX, isStream: true };
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(arrive([bytes.slice(0, cut), bytes.slice(cut)]), `cut at ${cut}`).toEqual(due);
  }
  expect(arrive(pieces(bytes, 1))).toEqual(due);
});

test.for([
  ['nil', '2e 03 "nil" 86 01 01 01 01', /attribute/],
  ['an attribute', '04 01 "a" 98 01 "b" 01 01 01 01', /attribute/],
  ['an element', '40 01 "a" 01 01 01 01 01', /no bytes/],
  ['a number', '89 05 01 01 01', /no bytes/],
  ['a name from the dictionary', 'ab 02 01 01 01', /no bytes/],
  ['UTF-16', 'b7 08 41 00 51 00 49 00 44 00 01 01 01', /no bytes/],
  ['no base64', '99 04 "A%==" 01 01 01', /base64/],
  ['half of base64', '99 03 "AQI" 01 01 01', /cut short/],
  ['half of base64, then bytes', '98 03 "AQI" 9f 03 01 02 03 01 01 01', /middle of base64/],
  ['a negative length', 'a2 00 00 00 80', /negative/],
  ['another member after it', '9f 03 01 02 03 40 05 "other" 01 01 01 01', /follows the stream/],
  ['text after it', '9f 03 01 02 03 98 01 "x" 01 01 01', /follows the stream/],
  ['too few ends', '9f 03 01 02 03 01 01', /cut short/],
  ['too many ends', '9f 03 01 02 03 01 01 01 01', /bytes follow/],
  ['a cut record', '9f 06 01 02 03', /cut short/],
  ['a long comment', `02 80 20 ${'20 '.repeat(4_095)}`, /too long/],
] as const)('%s is no content of a stream', ([, content, message]) => {
  const bytes = new OctetWriter();
  bytes.append(head());
  bytes.append(octets(content));
  for (const size of [1, bytes.length]) {
    const read = (): unknown => arrive(pieces(bytes.toBytes(), size));
    expect(read).toThrow(NetTcpError);
    expect(read).toThrow(message);
  }
});

test('a message without a stream is collected, in every cut', () => {
  const out = new OctetWriter();
  client.writeRequest(out, 1, operationOf(IUpload, 'Plain'), ['text']);
  const bytes = out.toBytes();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const read = arrive([bytes.slice(0, cut), bytes.slice(cut)]);
    expect(read).toEqual({ bytes: hex(bytes), isStream: false });
  }
});

test('maxBufferSize: a head of so many bytes is taken, one more is not', () => {
  const bytes = request([octets(SIX)]);
  const { length } = head();
  for (const size of [1, bytes.length]) {
    expect(arrive(pieces(bytes, size), { maxBufferSize: length }).bytes).toEqual(SIX);
    expect(() => arrive(pieces(bytes, size), { maxBufferSize: length - 1 })).toThrow(
      expect.objectContaining({ code: 'QuotaExceeded' }),
    );
  }
});
