import { describe, expect, test } from 'vitest';
import { BinaryXmlReader } from '../../../shared/encoding/binary-xml/reader.ts';
import {
  INLINE_NAMES,
  ReceivedStrings,
  SentStrings,
} from '../../../shared/encoding/binary-xml/session-strings.ts';
import { STATIC_STRINGS, staticId } from '../../../shared/encoding/binary-xml/static-dictionary.ts';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { counted, dump, octets } from './octets.ts';

const EMPTY_DOCUMENT = '40 01 "e" 01';
const QUOTA = DEFAULT_LIMITS.maxSessionSize;

describe('the static dictionary', () => {
  test('has 487 strings, none of them twice', () => {
    expect(STATIC_STRINGS).toHaveLength(487);
    expect(new Set(STATIC_STRINGS).size).toBe(487);
  });

  // Those that SOAP 1.2 with WS-Addressing needs, and a few far away: [MC-NBFS] 2.1.
  test.each([
    [0x00, 'mustUnderstand'],
    [0x02, 'Envelope'],
    [0x04, 'http://www.w3.org/2003/05/soap-envelope'],
    [0x06, 'http://www.w3.org/2005/08/addressing'],
    [0x08, 'Header'],
    [0x0a, 'Action'],
    [0x0c, 'To'],
    [0x0e, 'Body'],
    [0x12, 'RelatesTo'],
    [0x14, 'http://www.w3.org/2005/08/addressing/anonymous'],
    [0x1a, 'MessageID'],
    [0x2a, 'Address'],
    [0x2c, 'ReplyTo'],
    [0x86, 'Fault'],
    [0x8a, 'role'],
    [0x8c, 'relay'],
    [0x8e, 'Code'],
    [0x90, 'Reason'],
    [0x92, 'Text'],
    [0x98, 'Detail'],
    [0x9a, 'Value'],
    [0x9c, 'Subcode'],
    [0x9e, 'NotUnderstood'],
    [0xa4, 'From'],
    [0xa6, 'FaultTo'],
    [0xc6, 'http://www.w3.org/2005/08/addressing/fault'],
    [0xd2, 'http://schemas.xmlsoap.org/ws/2004/08/addressing'],
    [0x372, 'http://www.w3.org/2001/XMLSchema-instance'],
    [0x374, 'http://www.w3.org/2001/XMLSchema'],
    [0x376, 'nil'],
    [0x378, 'type'],
    [0x3c2, 'http://schemas.xmlsoap.org/soap/envelope/'],
  ])('%i is %s', (id, text) => {
    expect(STATIC_STRINGS[id / 2]).toBe(text);
    expect(staticId(text)).toBe(id);
  });

  test('an unknown string has no id', () => {
    expect(() => staticId('Add')).toThrow(RangeError);
  });
});

describe('received strings', () => {
  test('get the ids 1, 3, 5, … over all payloads of a session', () => {
    const strings = new ReceivedStrings(DEFAULT_LIMITS);
    const first = octets('06 03 "Add" 01 "n" 42 01 0a 03 01');
    const second = octets('04 03 "Sub" 42 05 08 01 "x" 42 01 01 01');
    expect(toXml(first, { strings })).toBe('<Add xmlns="n"/>\n');
    expect(toXml(second, { strings })).toBe('<Sub xmlns="x">\n  <Add/>\n</Sub>\n');
  });

  test('are allowed up to the quota, length bytes included', () => {
    const strings = new ReceivedStrings(DEFAULT_LIMITS);
    for (const size of [1_000, QUOTA - 1_000]) read(tableOf(size), strings);
    expect(() => read('01 00', strings)).toThrow(
      expect.objectContaining({ code: 'QuotaExceeded' }),
    );
  });

  test('one payload over the quota is refused before a string of it is kept', () => {
    expect(() => read(tableOf(QUOTA + 1), new ReceivedStrings(DEFAULT_LIMITS))).toThrow(
      /2049 bytes, the limit \(maxSessionSize\) is 2048/,
    );
  });

  test.each([
    ['a string that is longer than its table', '03 03 "Add"'],
    ['a string whose length is cut by the end of the table', '01 80'],
    ['a table that is longer than the payload', '7f 03 "Add"'],
    ['text that is not UTF-8', '02 01 ff'],
    ['an id that nobody has given', '00 42 01 01'],
    ['an id one too far', '02 01 "a" 42 03 01'],
  ])('%s is malformed', (_fact, start) => {
    expect(() => read(start, new ReceivedStrings(DEFAULT_LIMITS))).toThrow(
      expect.objectContaining({ code: 'Protocol' }),
    );
  });

  test('without a session odd ids are malformed, and there is no table to read', () => {
    expect(toXml(octets(EMPTY_DOCUMENT))).toBe('<e/>\n');
    expect(() => toXml(octets('42 01 01'))).toThrow(/no string table has the id 1/);
  });

  function read(start: string, strings: ReceivedStrings): void {
    const payload = octets(`${start} ${EMPTY_DOCUMENT}`);
    const reader = new BinaryXmlReader(DEFAULT_LIMITS, strings);
    reader.reset(payload, 0, payload.length);
    while (reader.read() !== 'done');
  }

  /** A table of that many bytes: strings of 100 and the rest. */
  function tableOf(size: number): string {
    let left = size;
    let strings = '';
    for (; left > 0; left -= Math.min(left, 101))
      strings += counted('x'.repeat(Math.min(left, 101) - 1));
    return `${dump(Uint8Array.of((size & 0x7f) | 0x80, size >> 7))} ${strings}`;
  }
});

describe('sent strings', () => {
  test('without a session names are written out', () => {
    expect(INLINE_NAMES.of('Add')).toBe('Add');
  });

  test('get the ids 1, 3, 5, … once, and stand in front of the message that uses them first', () => {
    const strings = new SentStrings(DEFAULT_LIMITS);
    expect(send(strings, ['Add', 'n1', 'Add'])).toEqual([[1, 3, 1], '07 03 41 64 64 02 6e 31 ee']);
    expect(send(strings, ['n1', 'n2', 'Add'])).toEqual([[3, 5, 1], '03 02 6e 32 ee']);
    expect(send(strings, ['n1', 'n2'])).toEqual([[3, 5], '00 ee']);
  });

  test('a message can follow another in the same buffer', () => {
    const out = new OctetWriter(4);
    const strings = new SentStrings(DEFAULT_LIMITS);
    for (const name of ['a', 'b']) {
      const start = strings.begin(out);
      strings.of(name);
      out.u8(0xee);
      strings.commit(out, start);
    }
    expect(dump(out.toBytes())).toBe('02 01 61 ee 02 01 62 ee');
  });

  test('fill the quota to the last byte', () => {
    const strings = new SentStrings({ maxSessionSize: 10 });
    expect(send(strings, ['1234', '5678', 'x'])[0]).toEqual([1, 3, 'x']);
  });

  test('stop for good at the first string that does not fit', () => {
    const strings = new SentStrings({ maxSessionSize: 10 });
    const [ids] = send(strings, ['1234', '56789', 'x', '1234']);
    expect(ids).toEqual([1, '56789', 'x', 1]);
    expect(send(strings, ['y'])).toEqual([['y'], '00 ee']);
  });

  test('count in bytes, with a length of two from 128 on', () => {
    expect(send(new SentStrings({ maxSessionSize: 6 }), ['ééé'])[0]).toEqual(['ééé']);
    expect(send(new SentStrings({ maxSessionSize: 7 }), ['ééé'])[0]).toEqual([1]);
    expect(send(new SentStrings({ maxSessionSize: 129 }), ['x'.repeat(128)])[0]).not.toEqual([1]);
    expect(send(new SentStrings({ maxSessionSize: 130 }), ['x'.repeat(128)])[0]).toEqual([1]);
  });

  test('are forgotten with a message that is not sent, a closed table included', () => {
    const strings = new SentStrings({ maxSessionSize: 10 });
    send(strings, ['a']);
    strings.begin(new OctetWriter());
    expect(['b', 'too long for it'].map((name) => strings.of(name))).toEqual([
      3,
      'too long for it',
    ]);
    strings.rollback();
    expect(send(strings, ['c', 'b', 'a'])).toEqual([[3, 5, 1], '04 01 63 01 62 ee']);
  });

  test('whatever the names are, a reader with the same quota understands them', () => {
    const sent = new SentStrings(DEFAULT_LIMITS);
    const received = new ReceivedStrings(DEFAULT_LIMITS);
    for (let message = 0; message < 80; message++) {
      const name = `${'n'.repeat(message)}x${message % 7}`;
      const out = new OctetWriter();
      const start = sent.begin(out);
      const writer = new BinaryXmlWriter(out);
      writer.element('', sent.of(name));
      writer.endElement();
      sent.commit(out, start);
      expect(toXml(out.toBytes(), { strings: received })).toBe(`<${name}/>\n`);
    }
  });

  /** Writes one message that uses these names. @returns what they became, and the bytes */
  function send(strings: SentStrings, names: readonly string[]): [(number | string)[], string] {
    const out = new OctetWriter();
    const start = strings.begin(out);
    const written = names.map((name) => strings.of(name));
    out.u8(0xee);
    strings.commit(out, start);
    return [written, dump(out.toBytes())];
  }
});
