import { expect, test } from 'vitest';
import { parseKeytab } from '../../../../shared/security/negotiate/kerberos/keytab.ts';
import { hex, octets } from '../../../helpers/octets.ts';

/** An entry as MIT's ktutil writes it: host/localhost@TEST.LOCAL, version 3, type 17. */
const BODY = `0002 000a 544553542e4c4f43414c 0004 686f7374 0009 6c6f63616c686f7374
  00000001 00000000 03 0011 0010 000102030405060708090a0b0c0d0e0f`;
const size = (digits: string): string => octets(digits).length.toString(16).padStart(8, '0');
const entry = (body: string): string => `${size(body)} ${body}`;
const parse = (digits: string): string[] =>
  parseKeytab(octets(digits), 'service.keytab').map(
    ({ name, realm, version, encryption, key }) =>
      `${name}@${realm} v${version} type ${encryption} ${hex(key)}`,
  );

const KEY = '000102030405060708090a0b0c0d0e0f';

test.for<[string, string, string[]]>([
  ['one key', `0502 ${entry(BODY)}`, [`host/localhost@TEST.LOCAL v3 type 17 ${KEY}`]],
  [
    'a version of 32 bits',
    `0502 ${entry(`${BODY} 00000203`)}`,
    [`host/localhost@TEST.LOCAL v515 type 17 ${KEY}`],
  ],
  [
    'zeros in its place',
    `0502 ${entry(`${BODY} 00000000`)}`,
    [`host/localhost@TEST.LOCAL v3 type 17 ${KEY}`],
  ],
  [
    'a hole between two',
    `0502 ${entry(BODY)} fffffffc 00000000 ${entry(BODY)}`,
    [`host/localhost@TEST.LOCAL v3 type 17 ${KEY}`, `host/localhost@TEST.LOCAL v3 type 17 ${KEY}`],
  ],
  [
    'zeros after the last',
    `0502 ${entry(BODY)} 00000000 00`,
    [`host/localhost@TEST.LOCAL v3 type 17 ${KEY}`],
  ],
])('%s', ([, digits, wanted]) => {
  expect(parse(digits)).toEqual(wanted);
});

test.for([
  ['nothing', '', 'it is empty'],
  ['the older format', `0501 ${entry(BODY)}`, 'it does not begin with 05 02'],
  ['a certificate', '2d2d2d2d2d424547494e', 'it does not begin with 05 02'],
  ['no keys', '0502', 'it has no keys'],
  ['a size that is too large', `0502 7fffffff ${BODY}`, 'an entry is cut short'],
  ['a hole that is too large', '0502 80000001 00', 'an entry is cut short'],
  ['a text that is too long', '0502 00000008 0001 ffff 41424344', 'an entry is cut short'],
])('%s is refused, with the file and why', ([, digits = '', why = '']) => {
  expect(() => parse(digits)).toThrow(`service.keytab cannot be used: ${why}`);
});

test('cut short anywhere, it is refused with a sentence', () => {
  const whole = octets(`0502 ${entry(BODY)}`);
  for (let end = 0; end < whole.length; end++) {
    expect(() => parseKeytab(whole.subarray(0, end), 'f')).toThrow('f cannot be used');
  }
});
