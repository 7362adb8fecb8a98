import { expect, test } from 'vitest';
import type { WireName } from '../../../shared/encoding/binary-xml/session-strings.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import { TEXT } from '../../../shared/encoding/binary-xml/records.ts';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import { dump, octets } from './octets.ts';

type Write = (writer: BinaryXmlWriter) => void;

/** Reads `dump` as `xml`, and writes it the same. */
const ROWS: readonly (readonly [record: string, dump: string, xml: string, write: Write])[] = [
  ['40 short element', '40 03 "Add" 01', '<Add/>', element('', 'Add')],
  [
    '41 element',
    '41 02 "ab" 03 "Add" 09 02 "ab" 01 "n" 01',
    '<ab:Add xmlns:ab="n"/>',
    element('ab', 'Add', (w) => w.xmlns('ab', 'n')),
  ],
  ['42 short dictionary element', '42 02 01', '<Envelope/>', element('', 0x02)],
  [
    '43 dictionary element',
    '43 02 "ab" 0c 09 02 "ab" 01 "n" 01',
    '<ab:To xmlns:ab="n"/>',
    element('ab', 0x0c, (w) => w.xmlns('ab', 'n')),
  ],
  [
    '44 prefix dictionary element a',
    '44 0c 09 01 "a" 01 "n" 01',
    '<a:To xmlns:a="n"/>',
    bound('a', 0x0c),
  ],
  [
    '56 prefix dictionary element s',
    '56 0e 09 01 "s" 01 "n" 01',
    '<s:Body xmlns:s="n"/>',
    bound('s', 0x0e),
  ],
  [
    '5d prefix dictionary element z',
    '5d 9a 01 09 01 "z" 01 "n" 01',
    '<z:Value xmlns:z="n"/>',
    bound('z', 0x9a),
  ],
  ['5e prefix element a', '5e 01 "x" 09 01 "a" 01 "n" 01', '<a:x xmlns:a="n"/>', bound('a', 'x')],
  ['77 prefix element z', '77 01 "x" 09 01 "z" 01 "n" 01', '<z:x xmlns:z="n"/>', bound('z', 'x')],

  ['04 short attribute', '40 01 "e" 04 01 "x" 98 01 "v" 01', '<e x="v"/>', attribute('', 'x')],
  [
    '05 attribute',
    '40 01 "e" 05 03 "xml" 04 "lang" 98 01 "v" 01',
    '<e xml:lang="v"/>',
    attribute('xml', 'lang'),
  ],
  [
    '06 short dictionary attribute',
    '40 01 "e" 06 00 98 01 "v" 01',
    '<e mustUnderstand="v"/>',
    attribute('', 0),
  ],
  [
    '07 dictionary attribute',
    '40 01 "e" 07 03 "xml" 1c 98 01 "v" 01',
    '<e xml:Id="v"/>',
    attribute('xml', 0x1c),
  ],
  [
    '0c prefix dictionary attribute a',
    '40 01 "e" 0c 00 98 01 "v" 09 01 "a" 01 "n" 01',
    '<e a:mustUnderstand="v" xmlns:a="n"/>',
    attribute('a', 0, 'a'),
  ],
  [
    '25 prefix dictionary attribute z',
    '40 01 "e" 25 00 98 01 "v" 09 01 "z" 01 "n" 01',
    '<e z:mustUnderstand="v" xmlns:z="n"/>',
    attribute('z', 0, 'z'),
  ],
  [
    '26 prefix attribute a',
    '40 01 "e" 26 01 "x" 98 01 "v" 09 01 "a" 01 "n" 01',
    '<e a:x="v" xmlns:a="n"/>',
    attribute('a', 'x', 'a'),
  ],
  [
    '3f prefix attribute z',
    '40 01 "e" 3f 01 "x" 98 01 "v" 09 01 "z" 01 "n" 01',
    '<e z:x="v" xmlns:z="n"/>',
    attribute('z', 'x', 'z'),
  ],

  [
    '08 short xmlns',
    '40 01 "e" 08 01 "n" 01',
    '<e xmlns="n"/>',
    element('', 'e', (w) => w.xmlns('', 'n')),
  ],
  [
    '09 xmlns',
    '40 01 "e" 09 01 "p" 01 "n" 01',
    '<e xmlns:p="n"/>',
    element('', 'e', (w) => w.xmlns('p', 'n')),
  ],
  [
    '0a short dictionary xmlns',
    '40 01 "e" 0a 06 01',
    '<e xmlns="http://www.w3.org/2005/08/addressing"/>',
    element('', 'e', (w) => w.xmlns('', 0x06)),
  ],
  [
    '0b dictionary xmlns',
    '40 01 "e" 0b 01 "a" 06 01',
    '<e xmlns:a="http://www.w3.org/2005/08/addressing"/>',
    element('', 'e', (w) => w.xmlns('a', 0x06)),
  ],

  [
    '02 comment',
    '40 01 "e" 02 02 "hi" 01',
    '<e>\n  <!--hi-->\n</e>',
    element('', 'e', (w) => w.comment('hi')),
  ],
  [
    '02 comments around the document',
    '02 01 "a" 40 01 "e" 01 02 01 "b"',
    '<!--a-->\n<e/>\n<!--b-->',
    (w) => {
      w.comment('a');
      element('', 'e')(w);
      w.comment('b');
    },
  ],
  [
    '01 end element, nested',
    '40 01 "a" 40 01 "b" 40 01 "c" 01 01 01',
    '<a>\n  <b>\n    <c/>\n  </b>\n</a>',
    element('', 'a', element('', 'b', element('', 'c'))),
  ],
  [
    '03 array of int32',
    '40 01 "v" 03 40 01 "i" 01 8d 02 01 00 00 00 fe ff ff ff 01',
    '<v>\n  <i>1</i>\n  <i>-2</i>\n</v>',
    element('', 'v', (w) => {
      w.array('', 'i');
      w.arrayItems(TEXT.int32, 2);
      w.rawInt32(1);
      w.rawInt32(-2);
    }),
  ],
  [
    '03 array with attributes, which all items have',
    '40 01 "v" 03 40 01 "i" 04 01 "x" 98 01 "v" 08 01 "n" 01 b5 02 01 00 01',
    '<v>\n  <i x="v" xmlns="n">true</i>\n  <i x="v" xmlns="n">false</i>\n</v>',
    element('', 'v', (w) => {
      w.array('', 'i');
      w.attribute('', 'x');
      w.text('v', OPEN);
      w.xmlns('', 'n');
      w.arrayItems(TEXT.bool, 2);
      w.out.append(Uint8Array.of(1, 0));
    }),
  ],
];

function element(prefix: string, name: WireName, inside: Write = () => {}): Write {
  return (writer) => {
    writer.element(prefix, name);
    inside(writer);
    writer.endElement();
  };
}

function bound(prefix: string, name: WireName): Write {
  return element(prefix, name, (writer) => writer.xmlns(prefix, 'n'));
}

function attribute(prefix: string, name: WireName, declared?: string): Write {
  return element('', 'e', (writer) => {
    writer.attribute(prefix, name);
    writer.text('v', OPEN);
    if (declared !== undefined) writer.xmlns(declared, 'n');
  });
}

test.each(ROWS)('%s is read', (_record, wire, xml) => {
  expect(toXml(octets(wire))).toBe(`${xml}\n`);
});

test.each(ROWS)('%s is written', (_record, wire, _xml, write) => {
  const writer = new BinaryXmlWriter();
  write(writer);
  expect(dump(writer.out.toBytes())).toBe(dump(octets(wire)));
});

test.each([
  ['b5 bool', 'b5 02 00 01', 'false true'],
  ['8b int16', '8b 02 ff 7f 00 80', '32767 -32768'],
  ['8d int32', '8d 01 00 00 00 80', '-2147483648'],
  ['8f int64', '8f 01 ff ff ff ff ff ff ff 7f', '9223372036854775807'],
  ['91 float', '91 01 cd cc cc 3d', '0.1'],
  ['93 double', '93 01 9a 99 99 99 99 99 b9 3f', '0.1'],
  ['95 decimal', '95 01 00 00 02 80 00 00 00 00 3f 06 00 00 00 00 00 00', '-15.99'],
  ['97 date', '97 01 00 00 7c 8b 4d 8e d7 48', '2020-01-01T00:00:00Z'],
  ['af time span', 'af 01 00 68 c4 61 08 00 00 00', 'PT1H'],
  [
    'b1 guid',
    'b1 01 44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00',
    '11223344-5566-7788-99aa-bbccddeeff00',
  ],
])('an array holds %s', (_type, items, values) => {
  const xml = toXml(octets(`40 01 "v" 03 40 01 "i" 01 ${items} 01`));
  const inside = values.split(' ').map((value) => `  <i>${value}</i>\n`);
  expect(xml).toBe(`<v>\n${inside.join('')}</v>\n`);
});

test('an array can be the whole document, and its items then are its roots', () => {
  // Nothing writes it, but nothing forbids the reader to meet it.
  expect(toXml(octets('03 40 01 "i" 01 b5 01 01'))).toBe('<i>true</i>\n');
});

test('a text record can close its element', () => {
  const writer = new BinaryXmlWriter();
  writer.element('', 'n1');
  writer.int(100, END);
  expect(dump(writer.out.toBytes())).toBe(dump(octets('40 02 "n1" 89 64')));
  expect(toXml(writer.out.toBytes())).toBe('<n1>100</n1>\n');
});

test('prefixes are those of the nearest declaration, and gone with their element', () => {
  const wire = '40 01 "a" 09 01 "p" 01 "1" 6d 01 "x" 09 01 "p" 01 "2" 01 6d 01 "y" 01 01';
  expect(toXml(octets(wire))).toBe('<a xmlns:p="1">\n  <p:x xmlns:p="2"/>\n  <p:y/>\n</a>\n');
});
