// Against the vectors of RFC 3961, 3962 and 8009, and those of MIT's own tests.
import { expect, test } from 'vitest';
import { NetTcpError } from '../../../../shared/errors.ts';
import {
  decryptStealing,
  encryptStealing,
} from '../../../../shared/security/negotiate/kerberos/cipher-text-stealing.ts';
import {
  encryptionType,
  requireEncryptionType,
  UsageKey,
} from '../../../../shared/security/negotiate/kerberos/encryption.ts';
import { nFold } from '../../../../shared/security/negotiate/kerberos/n-fold.ts';
import { utf8 } from '../../../../shared/security/bytes.ts';
import { hex, octets } from '../../../helpers/octets.ts';

function key(type: number, digits: string, usage: number): UsageKey {
  return new UsageKey(requireEncryptionType(type, 'test'), octets(digits), usage);
}

// RFC 3961 A.1
test.for([
  ['012345', 64, 'be072631276b1955'],
  ['password', 56, '78a07b6caf85fa'],
  ['Rough Consensus, and Running Code', 64, 'bb6ed30870b7f0e0'],
  ['password', 168, '59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e'],
  [
    'MASSACHVSETTS INSTITVTE OF TECHNOLOGY',
    192,
    'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b',
  ],
  ['Q', 168, '518a54a2 15a8452a 518a54a2 15a8452a 518a54a2 15'],
  ['ba', 168, 'fb25d531 ae897449 9f52fd92 ea9857c4 ba24cf29 7e'],
  ['kerberos', 64, '6b65726265726f73'],
  ['kerberos', 128, '6b65726265726f737b9b5b2b93132b93'],
  ['kerberos', 168, '8372c236344e5f1550cd0747e15d62ca7a5a3bcea4'],
  ['kerberos', 256, '6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4'],
] as const)('n-fold of "%s" to %d bits', ([text, bits, folded]) => {
  expect(hex(nFold(utf8(text), bits / 8))).toBe(folded.replaceAll(' ', ''));
});

// RFC 3962 B
const CHICKEN = utf8("I would like the General Gau's Chicken, please, and wonton soup.");
test.for([
  [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
  [31, 'fc00783e0efdb2c1d445d4c8eff7ed22 97687268d6ecccc0c07b25e25ecfe5'],
  [32, '39312523a78662d5be7fcbcc98ebf5a8 97687268d6ecccc0c07b25e25ecfe584'],
  [
    47,
    '97687268d6ecccc0c07b25e25ecfe584 b3fffd940c16a18c1b5549d2f838029e 39312523a78662d5be7fcbcc98ebf5',
  ],
  [
    48,
    '97687268d6ecccc0c07b25e25ecfe584 9dad8bbb96c4cdc03bc103e1a194bbd8 39312523a78662d5be7fcbcc98ebf5a8',
  ],
  [
    64,
    '97687268d6ecccc0c07b25e25ecfe584 39312523a78662d5be7fcbcc98ebf5a8 4807efe836ee89a526730dbc2f7bc840 9dad8bbb96c4cdc03bc103e1a194bbd8',
  ],
] as const)('AES-CTS of %d bytes, there and back', ([length, cipher]) => {
  const aes = utf8('chicken teriyaki');
  const plain = CHICKEN.subarray(0, length);
  expect(hex(encryptStealing(aes, plain))).toBe(cipher.replaceAll(' ', ''));
  expect(hex(decryptStealing(aes, octets(cipher)))).toBe(hex(plain));
});

const AES128_SHA2 = '3705d96080c17728a0e800eab6e0d23c';
const AES256_SHA2 = '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52';
const COUNTING = '000102030405060708090a0b0c0d0e0f1011121314';

// RFC 8009 A; plain text, confounder, result.
test.for([
  [
    19,
    AES128_SHA2,
    '',
    '7e5895eaf2672435bad817f545a37148',
    'ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718',
  ],
  [
    19,
    AES128_SHA2,
    '000102030405',
    '7bca285e2fd4130fb55b1a5c83bc5b24',
    '84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c',
  ],
  [
    19,
    AES128_SHA2,
    '000102030405060708090a0b0c0d0e0f',
    '56ab21713ff62c0a1457200f6fa9948f',
    '3517d640f50ddc8ad3628722b3569d2ae07493fa8263254080ea65c1008e8fc295fb4852e7d83e1e7c48c37eebe6b0d3',
  ],
  [
    19,
    AES128_SHA2,
    COUNTING,
    'a7a4e29a4728ce10664fb64e49ad3fac',
    '720f73b18d9859cd6ccb4346115cd336c70f58edc0c4437c5573544c31c813bce1e6d072c186b39a413c2f92ca9b8334a287ffcbfc',
  ],
  [
    20,
    AES256_SHA2,
    '',
    'f764e9fa15c276478b2c7d0c4e5f58e4',
    '41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c',
  ],
  [
    20,
    AES256_SHA2,
    '000102030405',
    'b80d3251c1f6471494256ffe712d0b9a',
    '4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2',
  ],
  [
    20,
    AES256_SHA2,
    '000102030405060708090a0b0c0d0e0f',
    '53bf8a0d105265d4e276428624ce5e63',
    'bc47ffec7998eb91e8115cf8d19dac4bbbe2e163e87dd37f49beca92027764f68cf51f14d798c2273f35df574d1f932e40c4ff255b36a266',
  ],
  [
    20,
    AES256_SHA2,
    COUNTING,
    '763e65367e864f02f55153c7e3b58af1',
    '40013e2df58e8751957d2878bcd2d6fe101ccfd556cb1eae79db3c3ee86429f2b2a602ac86fef6ecb647d6295fae077a1feb517508d2c16b4192e01f62',
  ],
] as const)('type %d: encryption of "%3$s"', ([type, base, plain, confounder, cipher]) => {
  const usage = key(type, base, 2);
  expect(hex(usage.encrypt(octets(plain), octets(confounder)))).toBe(cipher);
  expect(hex(usage.decrypt(octets(cipher)))).toBe(plain);
});

// What MIT's library encrypted, with confounders of its own; key, usage, cipher, plain text.
test.for([
  [
    17,
    '5a5c0f0ba54f3828b2195e66ca24a289',
    0,
    '49ff8e11c173d9583a3254fbe7b1f1df36c538e8416784a1672e6676',
    '',
  ],
  [
    17,
    '98450e3f3baa13f5c99beb936981b06f',
    1,
    'f86742f537b35dc2174a4dbaa920faf9042090b065e1ebb1cad9a65394',
    '1',
  ],
  [
    17,
    '9062430c8cda3388922e6d6a509f5b7a',
    2,
    '68fb9679601f45c78857b2bf820fd6e53eca8d42fd4b1d7024a09205abb7cd2ec26c355d2f',
    '9 bytesss',
  ],
  [
    17,
    '033ee6502c54fd23e27791e987983827',
    3,
    'ec366d0327a933bf49330e650e49bc6b974637fe80bf532fe51795b4809718e6194724db948d1fd637',
    '13 bytes byte',
  ],
  [
    17,
    'dceeb70b3de76562e689226c76429148',
    4,
    'c96081032d5d8eeb7e32b4089f789d0faa481dea74c0f97cbf3146ddfcf8e800156ecb532fc203e30ff600b63b350939fece510f02d7ff1e7bac',
    '30 bytes bytes bytes bytes byt',
  ],
  [
    18,
    '17f275f2954f2ed1f90c377ba7f4d6a369aa0136e0bf0c927ad6133c693759a9',
    0,
    'e5094c55ee7b38262e2b044280b069379a95bf95bd8376fb3281b435',
    '',
  ],
  [
    18,
    'b9477e1ff0329c0050e20ce6c72d2dff27e8fe541ab0954429a9cb5b4f7b1e2a',
    1,
    '406150b97aeb76d43b36b62cc1ecdfbe6f40e95755e0beb5c27825f3a4',
    '1',
  ],
  [
    18,
    'b1ae4cd8462aff1677053cc9279aac30b796fb81ce21474dd3ddbcfea4ec76d7',
    2,
    '09957aa25fcaf88f7b39e4406e633012d5fea21853f6478da7065caef41fd454a40824eec5',
    '9 bytesss',
  ],
  [
    18,
    'e5a72be9b7926c1225bafef9c1872e7ba4cdb2b17893d84abd90acdd8764d966',
    3,
    'd8f1aafeec84587cc3e700a774e56651a6d693e174ec4473b5e6d96f80297a653fb818ad893e719f96',
    '13 bytes byte',
  ],
  [
    18,
    'f1c795e9248a09338d82c3f8d5b567040b0110736845041347235b1404231398',
    4,
    'd1137a4d634cfece924dbc3bf6790648bd5cff7de0e7b99460211d0daef3d79a295c688858f3b34b9cbd6eebae81daf6b734d4d498b6714f1c1d',
    '30 bytes bytes bytes bytes byt',
  ],
] as const)(
  'type %d: decryption of what MIT encrypted with %s',
  ([type, base, usage, cipher, plain]) => {
    expect(hex(key(type, base, usage).decrypt(octets(cipher)))).toBe(hex(utf8(plain)));
  },
);

test.for([
  [
    17,
    '9062430c8cda3388922e6d6a509f5b7a',
    3,
    hex(utf8('eight nine ten eleven twelve thirteen')),
    '01a4b088d45628f6946614e3',
  ],
  [
    18,
    'b1ae4cd8462aff1677053cc9279aac30b796fb81ce21474dd3ddbcfea4ec76d7',
    4,
    hex(utf8('fourteen')),
    'e08739e3279e2903ec8e3836',
  ],
  [19, AES128_SHA2, 2, COUNTING, 'd78367186643d67b411cba9139fc1dee'],
  [20, AES256_SHA2, 2, COUNTING, '45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a'],
] as const)('type %d: checksum with %s', ([type, base, usage, data, checksum]) => {
  expect(hex(key(type, base, usage).checksum(octets(data)))).toBe(checksum);
});

test.for([17, 18, 19, 20])('type %d: a byte more, less or changed anywhere is found', (type) => {
  const { keyBytes = 0 } = encryptionType(type) ?? {};
  for (const length of [0, 1, 15, 16, 17, 40]) {
    const usage = key(type, '42'.repeat(keyBytes), 24);
    const plain = new Uint8Array(length).fill(7);
    const cipher = usage.encrypt(plain);
    expect(hex(usage.decrypt(cipher))).toBe(hex(plain));
    expect(() => usage.decrypt(cipher.subarray(1))).toThrow(NetTcpError);
    expect(() => usage.decrypt(cipher.subarray(0, -1))).toThrow(NetTcpError);
    expect(() => usage.decrypt(Uint8Array.of(...cipher, 0))).toThrow(NetTcpError);
    for (let at = 0; at < cipher.length; at++) {
      const changed = cipher.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => usage.decrypt(changed), `byte ${at}`).toThrow(NetTcpError);
    }
  }
});

test.for([
  [23, 'arcfour-hmac (RC4)'],
  [3, 'des-cbc-md5'],
  [99, 'unknown'],
] as const)('type %d (%s) is refused with a sentence', ([type, name]) => {
  expect(() => requireEncryptionType(type, 'ticket for a@B')).toThrow(
    `The ticket for a@B uses Kerberos encryption type ${type} (${name}), which is not accepted`,
  );
});
