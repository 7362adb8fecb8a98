import { expect, test } from 'vitest';
import { DerFields, readAll, readElement, readOnly, Tag } from '../../../shared/security/der.ts';
import { element, field, integer, sequence } from '../../../shared/security/negotiate/der-write.ts';
import { hex, octets } from '../../helpers/octets.ts';

test.for([
  [0, '30 00'],
  [127, '30 7f'],
  [128, '30 81 80'],
  [255, '30 81 ff'],
  [256, '30 82 0100'],
  [65_535, '30 82 ffff'],
  [65_536, '30 83 010000'],
] as const)('an element of %d bytes, there and back', ([size, head]) => {
  const written = sequence(new Uint8Array(size));
  expect(hex(written.subarray(0, written.length - size))).toBe(head.replaceAll(' ', ''));
  expect(readOnly(written, Tag.Sequence, 'test').length).toBe(size);
});

test.for([
  ['nothing', '', 'cut short'],
  ['a tag alone', '30', 'cut short'],
  ['a content that is cut short', '30 02 00', 'cut short'],
  ['a length that is cut short', '30 82 01', 'cut short'],
  ['a length without end', '30 80 0000', 'out of range'],
  ['a length of four bytes', '30 84 00000000', 'out of range'],
  ['a tag of two bytes', '3f 81 00 00', 'longer than one byte'],
] as const)('%s is refused', ([, bytes, why]) => {
  expect(() => readElement(octets(bytes), 0, 'token')).toThrow(`The token cannot be read: `);
  expect(() => readElement(octets(bytes), 0, 'token')).toThrow(why);
});

test('a length may be spelled longer than it need be', () => {
  expect(hex(readOnly(octets('04 83 000001 aa'), Tag.OctetString, 'test'))).toBe('aa');
});

test('what follows, and another tag, are refused', () => {
  expect(() => readOnly(octets('04 00 00'), Tag.OctetString, 'test')).toThrow('bytes follow');
  expect(() => readOnly(octets('04 00'), Tag.Sequence, 'test')).toThrow(
    '0x4 stands where 0x30 belongs',
  );
  expect(() => readAll(octets('04 00 05 00'), Tag.OctetString, 'test')).toThrow('0x5 stands');
});

test.for([
  [0, '02 01 00'],
  [127, '02 01 7f'],
  [128, '02 02 0080'],
  [0xffff_ffff, '02 05 00ffffffff'],
] as const)('INTEGER %d, there and back', ([value, bytes]) => {
  expect(hex(integer(value))).toBe(bytes.replaceAll(' ', ''));
  expect(new DerFields(field(3, integer(value)), 'test').integer(3)).toBe(value);
});

test.for([
  ['a negative one', '02 01 ff', -1],
  ['one with a sign of 32 bits', '02 04 80000000', -(2 ** 31)],
] as const)('INTEGER: %s', ([, bytes, value]) => {
  expect(new DerFields(field(0, octets(bytes)), 'test').integer(0)).toBe(value);
});

test('fields come in rising order, once', () => {
  const [one, two] = [field(0, integer(1)), field(1, integer(2))];
  const both = Uint8Array.of(...one, ...two);
  expect(new DerFields(both, 'test').integer(1)).toBe(2);
  expect(new DerFields(one, 'test').optionalInteger(1)).toBeUndefined();
  expect(() => new DerFields(one, 'test').integer(1)).toThrow('field 1 is missing');
  expect(() => new DerFields(Uint8Array.of(...two, ...one), 'test')).toThrow('not in order');
  expect(() => new DerFields(Uint8Array.of(...one, ...one), 'test')).toThrow('not in order');
  expect(() => new DerFields(element(0x02), 'test')).toThrow('not in order');
  expect(() => new DerFields(field(0, octets('02 07 01020304050607')), 'test').integer(0)).toThrow(
    'out of range',
  );
});
