// Against the values of RFC 1320, RFC 6229 and [MS-NLMP] 4.2.
import { expect, test } from 'vitest';
import { utf16, utf8 } from '../../../../shared/security/bytes.ts';
import { NtlmContext } from '../../../../shared/security/negotiate/ntlm/context.ts';
import { hmacMd5, ntHash, responseKey } from '../../../../shared/security/negotiate/ntlm/hashes.ts';
import { ntlmInitiator } from '../../../../shared/security/negotiate/ntlm/initiator.ts';
import { md4 } from '../../../../shared/security/negotiate/ntlm/md4.ts';
import { readAuthenticate } from '../../../../shared/security/negotiate/ntlm/messages.ts';
import { Rc4 } from '../../../../shared/security/negotiate/ntlm/rc4.ts';
import { hex, octets } from '../../../helpers/octets.ts';

test.for([
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
  [
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
    '043f8582f241db351ce627e153e7f0e4',
  ],
  ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
] as const)('MD4 of "%s"', ([text, digest]) => {
  expect(hex(md4(utf8(text)))).toBe(digest);
});

test.for([
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8'],
  ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97'],
] as const)('key stream of RC4 with %s, in one piece and in two', ([key, stream]) => {
  expect(hex(new Rc4(octets(key)).transform(new Uint8Array(16)))).toBe(stream);
  const cipher = new Rc4(octets(key));
  const halves = [cipher.transform(new Uint8Array(7)), cipher.transform(new Uint8Array(9))];
  expect(halves.map(hex).join('')).toBe(stream);
});

// [MS-NLMP] 4.2.1: user "User", password "Password", domain "Domain".
const KEY = responseKey(ntHash('Password'), 'User', 'Domain');
const SESSION_KEY = octets('55'.repeat(16));
// 4.2.4.3, without what is only for people.
const CHALLENGE = octets(`
  4e544c4d53535000 02000000 0c000c0038000000 338a8ae2 0123456789abcdef 0000000000000000
  2400240044000000 060070170000000f 530065007200760065007200
  02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000`);

test('4.2.2.1, 4.2.4.1: keys of the account', () => {
  expect(hex(ntHash('Password'))).toBe('a4f49c406510bdcab6824ee7c30fd852');
  expect(hex(KEY)).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
});

test('4.2.4.2: answer and session key', () => {
  const info = CHALLENGE.subarray(68);
  const temp = octets(
    `01010000 00000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000 ${hex(info)} 00000000`,
  );
  const proof = hmacMd5(KEY, octets('0123456789abcdef'), temp);
  expect(hex(proof)).toBe('68cd0ab851e51c96aabc927bebef6a1c');
  const base = hmacMd5(KEY, proof);
  expect(hex(base)).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
  expect(hex(new Rc4(base).transform(SESSION_KEY))).toBe('c5dad2544fc9799094ce1ce90bc9d03e');
});

test('4.2.4.4: sealing', () => {
  const context = new NtlmContext(SESSION_KEY, 'initiator', true);
  expect(hex(context.wrap(utf16('Plaintext')))).toBe(
    '010000007fb38ec5c55d497600000000' + '54e50165bf1936dc996020c1811b0f06fb5f',
  );
});

test('a challenge without a time is refused: its answer would have no MIC', () => {
  const initiator = ntlmInitiator({
    user: 'User',
    domain: 'Domain',
    hash: ntHash('Password'),
    target: 'host/Server',
    workstation: 'COMPUTER',
  });
  const first = initiator.step(undefined, 0);
  if (first.is !== 'in-progress') throw new Error('it ended at once');
  expect(() => first.next.step(CHALLENGE, 0)).toThrow('weaker NTLM');
});

test('names are UTF-16, and lose the NUL that gss-ntlmssp writes after them', () => {
  const head = octets(
    '4e544c4d53535000 03000000 0000000000000000 0000000000000000 02000200 58000000 0a000a00 5a000000',
  );
  const message = new Uint8Array(0x58 + 2 + 10);
  message.set(head);
  message.set(utf16('Dcarl\0'), 0x58);
  expect(readAuthenticate(message)).toMatchObject({ domain: 'D', user: 'carl' });
});
