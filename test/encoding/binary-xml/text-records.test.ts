import { expect, test } from 'vitest';
import { BinaryXmlReader } from '../../../shared/encoding/binary-xml/reader.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { dump, octets } from './octets.ts';

const GUID_OCTETS = '44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00';
const GUID = '11223344-5566-7788-99aa-bbccddeeff00';

type Write = (writer: BinaryXmlWriter) => void;
type Row = readonly [record: string, dump: string, text: string, write: Write];

/** Reads `dump` as `text`, and writes it the same. */
const ROWS: readonly Row[] = [
  ['80 zero', '80', '0', (w) => w.int(0, OPEN)],
  ['82 one', '82', '1', (w) => w.int(1, OPEN)],
  ['84 false', '84', 'false', (w) => w.boolean(false, OPEN)],
  ['86 true', '86', 'true', (w) => w.boolean(true, OPEN)],
  ['88 int8', '88 80', '-128', (w) => w.int(-128, OPEN)],
  ['8a int16', '8a 7f ff', '-129', (w) => w.int(-129, OPEN)],
  ['8c int32', '8c 00 80 00 00', '32768', (w) => w.int(32_768, OPEN)],
  ['8e int64', '8e 00 00 00 80 00 00 00 00', '2147483648', (w) => w.long(2n ** 31n, OPEN)],
  ['90 float', '90 cd cc cc 3d', '0.1', (w) => w.float(Math.fround(0.1), OPEN)],
  ['92 double', '92 9a 99 99 99 99 99 b9 3f', '0.1', (w) => w.double(0.1, OPEN)],
  [
    '94 decimal',
    '94 00 00 02 00 00 00 00 00 3f 06 00 00 00 00 00 00',
    '15.99',
    (w) => w.decimal({ isNegative: false, digits: 1_599n, scale: 2 }, OPEN),
  ],
  [
    '94 decimal, the smallest',
    '94 00 00 00 80 ff ff ff ff ff ff ff ff ff ff ff ff',
    '-79228162514264337593543950335',
    (w) => w.decimal({ isNegative: true, digits: 2n ** 96n - 1n, scale: 0 }, OPEN),
  ],
  [
    '96 date',
    '96 00 00 7c 8b 4d 8e d7 48',
    '2020-01-01T00:00:00Z',
    (w) => w.dateTime({ ticks: 637_134_336_000_000_000n, kind: 'utc' }, OPEN),
  ],
  [
    '96 date, local: its ticks are UTC all the same',
    '96 01 00 7c 8b 4d 8e d7 88',
    '2020-01-01T00:00:00.0000001+00:00',
    (w) => w.dateTime({ ticks: 637_134_336_000_000_001n, kind: 'local' }, OPEN),
  ],
  [
    '96 date, unspecified',
    '96 00 00 00 00 00 00 00 00',
    '0001-01-01T00:00:00',
    (w) => w.dateTime({ ticks: 0n, kind: 'unspecified' }, OPEN),
  ],
  ['98 chars8', '98 02 "hi"', 'hi', (w) => w.text('hi', OPEN)],
  ['98 chars8, UTF-8', '98 02 c3 a9', 'é', (w) => w.text('é', OPEN)],
  [
    '98 chars8, a byte order mark is text',
    '98 04 ef bb bf 78',
    '\ufeffx',
    (w) => w.text('\ufeffx', OPEN),
  ],
  [
    '9a chars16',
    `9a 00 01 ${'78 '.repeat(256)}`,
    'x'.repeat(256),
    (w) => w.text('x'.repeat(256), OPEN),
  ],
  [
    '9a chars16, by bytes and not by characters',
    `9a 00 01 ${'c3 a9 '.repeat(128)}`,
    'é'.repeat(128),
    (w) => w.text('é'.repeat(128), OPEN),
  ],
  [
    '9c chars32',
    `9c 00 00 01 00 ${'78 '.repeat(65_536)}`,
    'x'.repeat(65_536),
    (w) => w.text('x'.repeat(65_536), OPEN),
  ],
  ['9e bytes8', '9e 03 01 02 03', 'AQID', (w) => w.octets(Uint8Array.of(1, 2, 3), OPEN)],
  [
    'a0 bytes16',
    `a0 00 01 ${'00 '.repeat(256)}`,
    `${'A'.repeat(342)}==`,
    (w) => w.octets(new Uint8Array(256), OPEN),
  ],
  [
    'a2 bytes32',
    `a2 00 00 01 00 ${'00 '.repeat(65_536)}`,
    `${'A'.repeat(87_382)}==`,
    (w) => w.octets(new Uint8Array(65_536), OPEN),
  ],
  [
    'a4 a6 list',
    'a4 80 98 02 "hi" 86 a6',
    '0 hi true',
    (w) => {
      w.startList();
      w.int(0, OPEN);
      w.text('hi', OPEN);
      w.boolean(true, OPEN);
      w.endList(OPEN);
    },
  ],
  [
    'a4 a6 list of nothing',
    'a4 a6',
    '',
    (w) => {
      w.startList();
      w.endList(OPEN);
    },
  ],
  ['a8 empty', 'a8', '', (w) => w.text('', OPEN)],
  ['aa dictionary', 'aa 0a', 'Action', (w) => w.dictionaryText(0x0a, OPEN)],
  ['ac unique id', `ac ${GUID_OCTETS}`, `urn:uuid:${GUID}`, (w) => w.uniqueId(GUID, OPEN)],
  ['ae time span', 'ae 00 68 c4 61 08 00 00 00', 'PT1H', (w) => w.timeSpan(36_000_000_000n, OPEN)],
  [
    'ae time span, negative',
    'ae ff ff ff ff ff ff ff ff',
    '-PT0.0000001S',
    (w) => w.timeSpan(-1n, OPEN),
  ],
  ['b0 guid', `b0 ${GUID_OCTETS}`, GUID, (w) => w.guid(GUID, OPEN)],
  [
    'b2 uint64',
    'b2 ff ff ff ff ff ff ff ff',
    '18446744073709551615',
    (w) => w.uint64(2n ** 64n - 1n, OPEN),
  ],
  ['b4 bool', 'b4 01', 'true', (w) => w.bool(true, OPEN)],
  ['b4 bool, false', 'b4 00', 'false', (w) => w.bool(false, OPEN)],
  ['b6 unicode chars8', 'b6 06 e5 65 2c 67 9e 8a', '日本語', (w) => w.text('日本語', OPEN)],
  [
    'b8 unicode chars16',
    `b8 00 01 ${'e5 65 '.repeat(128)}`,
    '日'.repeat(128),
    (w) => w.text('日'.repeat(128), OPEN),
  ],
  [
    'ba unicode chars32',
    `ba 00 00 01 00 ${'e5 65 '.repeat(32_768)}`,
    '日'.repeat(32_768),
    (w) => w.text('日'.repeat(32_768), OPEN),
  ],
  ['bc qname dictionary', 'bc 12 0a', 's:Action', (w) => w.qname('s', 0x0a, OPEN)],
];

/** The text of an element with these records in it. */
function textOf(records: string): string | undefined {
  const reader = readerAt(records);
  const text = reader.readText();
  expect(reader.read()).toBe('done');
  return text;
}

function readerAt(records: string): BinaryXmlReader {
  const reader = new BinaryXmlReader(DEFAULT_LIMITS);
  const payload = octets(`40 01 "e" ${records}`);
  reader.reset(payload, 0, payload.length);
  reader.read();
  return reader;
}

/** The same record, but it closes its element: the last record byte is one higher. */
function closing(records: string): string {
  const bytes = octets(records);
  const last = records.startsWith('a4') ? bytes.length - 1 : 0;
  bytes[last] = (bytes[last] ?? 0) | 1;
  return dump(bytes);
}

test.each(ROWS)('%s is read', (_record, wire, text) => {
  expect(textOf(`${wire} 01`)).toBe(text);
});

test.each(ROWS)('%s is read where it closes its element', (_record, wire, text) => {
  expect(textOf(closing(wire))).toBe(text);
});

test.each(ROWS)('%s is read as an attribute', (_record, wire, text) => {
  const reader = readerAt(`04 01 "x" ${wire} 01`);
  expect(reader.attributes.find('', 'x')).toBe(text);
});

test.each(ROWS)('%s is written', (_record, wire, _text, write) => {
  const writer = new BinaryXmlWriter();
  write(writer);
  expect(dump(writer.out.toBytes())).toBe(dump(octets(wire)));
});

test('text records in a row are one text, comments in between or not', () => {
  expect(textOf('98 01 "s" 98 01 ":" 02 01 "c" 99 06 "Sender"')).toBe('s:Sender');
});

test.each([
  ['"0" is zero', '0', '80'],
  ['"1" is one', '1', '82'],
  ['"2" is text', '2', '98 01 "2"'],
  ['one character of 3 bytes stays UTF-8', '日', '98 03 e6 97 a5'],
  ['twice as many bytes as characters stay UTF-8', 'aé日', '98 06 61 c3 a9 e6 97 a5'],
  ['a pair of surrogates is 4 bytes in both', '😀', '98 04 f0 9f 98 80'],
])('text: %s', (_fact, text, wire) => {
  const writer = new BinaryXmlWriter();
  writer.text(text, OPEN);
  expect(dump(writer.out.toBytes())).toBe(dump(octets(wire)));
});

test.each([
  [0, '81'],
  [1, '83'],
  [100, '89 64'],
  [127, '89 7f'],
  [128, '8b 80 00'],
  [-128, '89 80'],
  [-129, '8b 7f ff'],
  [32_768, '8d 00 80 00 00'],
  [-32_769, '8d ff 7f ff ff'],
  [731.25, '91 00 d0 36 44'],
  [1.5, '91 00 00 c0 3f'],
  [-1.5, '91 00 00 c0 bf'],
  [1e10, '8f 00 e4 0b 54 02 00 00 00'],
  [2 ** 53, '8f 00 00 00 00 00 00 20 00'],
  [-(2 ** 63), '8f 00 00 00 00 00 00 00 80'],
  [2 ** 63, '91 00 00 00 5f'],
  [0.1, '93 9a 99 99 99 99 99 b9 3f'],
  [15.99, '93 7b 14 ae 47 e1 fa 2f 40'],
  [2 ** 53 - 1, '93 ff ff ff ff ff ff 3f 43'],
  [Infinity, '93 00 00 00 00 00 00 f0 7f'],
  [-Infinity, '93 00 00 00 00 00 00 f0 ff'],
  [NaN, '93 00 00 00 00 00 00 f8 ff'],
  [5e-324, '93 01 00 00 00 00 00 00 00'],
  [-0, '91 00 00 00 80'], // .NET writes 81, which has no sign
])('the double %d is written and read to the bit', (value, wire) => {
  const writer = new BinaryXmlWriter();
  writer.double(value, END);
  expect(dump(writer.out.toBytes())).toBe(dump(octets(wire)));

  const reader = readerAt(wire);
  reader.read();
  expect(reader.text.number()).toBe(value);
});

test.each([
  ['0.1', '92 9a 99 99 99 99 99 b9 3f'],
  ['0.1', '90 cd cc cc 3d'],
  ['-0', '90 00 00 00 80'],
  ['-0', '92 00 00 00 00 00 00 00 80'],
  ['INF', '90 00 00 80 7f'],
  ['-INF', '92 00 00 00 00 00 00 f0 ff'],
  ['NaN', '90 00 00 c0 ff'],
  ['1E+21', '92 50 ef e2 d6 e4 1a 4b 44'],
  ['16777216', '90 00 00 80 4b'],
])('as text a number is %s', (text, wire) => {
  expect(textOf(`${wire} 01`)).toBe(text);
});

test.each([
  ['a NaN of JavaScript', '93 00 00 00 00 00 00 f8 7f', NaN],
  ['a double as Int8', '89 64', 100],
  ['a double as UInt64', 'b3 00 00 00 00 00 00 00 80', 2 ** 63],
])('%s is a number', (_fact, wire, value) => {
  const reader = readerAt(wire);
  reader.read();
  expect(reader.text.number()).toBe(value);
});

test.each([
  ['number', '98 01 "5"'],
  ['integer', '92 00 00 00 00 00 00 00 40'],
  ['boolean', '98 04 "true"'],
  ['dateTime', '98 01 "x"'],
  ['duration', '98 01 "x"'],
  ['octets', '98 04 "AQID"'],
] as const)('%s() leaves records of another sort to their text', (method, wire) => {
  const reader = readerAt(`${wire} 01`);
  reader.read();
  expect(reader.text[method]()).toBeUndefined();
});

test('bytes that were read lie in the memory of the document: who keeps them copies them', () => {
  const memory = Buffer.from(octets('40 01 "e" 9f 03 01 02 03'));
  const reader = new BinaryXmlReader(DEFAULT_LIMITS);
  reader.reset(memory, 0, memory.length);
  while (reader.kind !== 'text') reader.read();
  const found = reader.text.octets();
  expect([...(found ?? [])]).toEqual([1, 2, 3]);
  expect(found?.buffer).toBe(memory.buffer);
});
