import { expect, test } from 'vitest';
import { concat, utf8, viewOf } from '../../../../shared/security/bytes.ts';
import { KerberosContext } from '../../../../shared/security/negotiate/kerberos/context.ts';
import { requireEncryptionType } from '../../../../shared/security/negotiate/kerberos/encryption.ts';
import type { Protection } from '../../../../shared/security/negotiate/mechanism.ts';
import { hex } from '../../../helpers/octets.ts';

const DATA = utf8('the first message');

function pair(
  type: number,
  protection: Protection,
  ours: Protection = protection,
): [KerberosContext, KerberosContext] {
  const encryption = requireEncryptionType(type, 'test');
  const key = new Uint8Array(encryption.keyBytes).fill(3);
  const common = { encryption, key, sendSequence: 7, receiveSequence: 7 };
  return [
    new KerberosContext({ ...common, isAcceptor: false, protection }),
    new KerberosContext({ ...common, isAcceptor: true, protection: ours }),
  ];
}

/** As Windows does: what follows the header is rotated to the right by that many bytes. */
function turned(token: Uint8Array, count: number): Uint8Array {
  const [header, body] = [token.slice(0, 16), token.slice(16)];
  viewOf(header).setUint16(6, count);
  const turn = count % body.length;
  const cut = body.length - turn;
  return concat(header, body.subarray(cut), body.subarray(0, cut));
}

test.for([17, 18, 19, 20])('type %d: a token may be rotated by any number of bytes', (type) => {
  for (const protection of ['seal', 'sign'] as const) {
    for (const count of [0, 1, 12, 16, 28, 44, 60, 61, 200, 65_535]) {
      const [theirs, ours] = pair(type, protection);
      expect(hex(ours.unwrap(turned(theirs.wrap(DATA), count)))).toBe(hex(DATA));
    }
  }
});

test('the layout of tokens', () => {
  const [theirs, ours] = pair(18, 'seal');
  expect(hex(theirs.wrap(DATA).subarray(0, 16))).toBe('050406ff000000000000000000000007');
  expect(hex(ours.wrap(DATA).subarray(0, 16))).toBe('050407ff000000000000000000000007');
  expect(ours.wrap(DATA).length).toBe(16 + 16 + DATA.length + 16 + 12);
  expect(hex(theirs.sign(DATA).subarray(0, 16))).toBe('040404ffffffffff0000000000000008');
  const [signer] = pair(20, 'sign');
  const token = signer.wrap(DATA);
  expect(hex(token.subarray(0, 16))).toBe('050404ff001800000000000000000007');
  expect(hex(token.subarray(16, -24))).toBe(hex(DATA));
});

test.for(['seal', 'sign'] as const)('%s: a changed byte anywhere is found', (protection) => {
  const token = pair(18, protection)[0].wrap(DATA);
  for (let at = 0; at < token.length; at++) {
    const changed = token.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => pair(18, protection)[1].unwrap(changed), `byte ${at}`).toThrow('Kerberos');
  }
  for (let end = 0; end < token.length; end++) {
    expect(() => pair(18, protection)[1].unwrap(token.subarray(0, end))).toThrow('Kerberos');
  }
});

test.for<[string, (tokens: readonly [Uint8Array, Uint8Array]) => readonly Uint8Array[]]>([
  ['repeated', ([one]) => [one, one]],
  ['left out', ([, two]) => [two]],
  ['in another order', ([one, two]) => [two, one]],
])('a token that is %s is refused', ([, order]) => {
  const [theirs, ours] = pair(18, 'seal');
  const tokens = order([theirs.wrap(DATA), theirs.wrap(DATA)]);
  expect(() => tokens.forEach((token) => ours.unwrap(token))).toThrow('not the next one');
});

test('what we sent ourselves is refused', () => {
  const [, ours] = pair(18, 'seal');
  expect(() => ours.unwrap(ours.wrap(DATA))).toThrow('not sent by the peer');
});

test('a token that is only signed is refused where sealing is agreed upon', () => {
  const [theirs, ours] = pair(18, 'sign', 'seal');
  expect(() => ours.unwrap(theirs.wrap(DATA))).toThrow('signed, but not sealed');
});

test('where signing is enough, we answer as the peer does', () => {
  const [sealing, ours] = pair(18, 'seal', 'sign');
  ours.unwrap(sealing.wrap(DATA));
  expect(ours.wrap(DATA)[2]).toBe(7);
  const [signing, other] = pair(18, 'sign', 'sign');
  other.unwrap(signing.wrap(DATA));
  expect(other.wrap(DATA)[2]).toBe(5);
});

test('a signature is of one text, in its turn, and of the peer', () => {
  const [theirs, ours] = pair(18, 'seal');
  const signature = theirs.sign(DATA);
  expect(() => ours.verify(utf8('another message'), signature)).toThrow('it was changed');
  ours.verify(DATA, signature);
  expect(() => ours.verify(DATA, signature)).toThrow('not the next one');
  const [, own] = pair(18, 'seal');
  expect(() => own.verify(DATA, own.sign(DATA))).toThrow('not sent by the peer');
});

test('sequence numbers pass 2^32', () => {
  const encryption = requireEncryptionType(18, 'test');
  const key = new Uint8Array(32);
  const last = {
    encryption,
    key,
    protection: 'seal',
    sendSequence: 0xffff_ffff,
    receiveSequence: 0xffff_ffff,
  } as const;
  const theirs = new KerberosContext({ ...last, isAcceptor: false });
  const ours = new KerberosContext({ ...last, isAcceptor: true });
  ours.unwrap(theirs.wrap(DATA));
  const next = theirs.wrap(DATA);
  expect(hex(next.subarray(8, 16))).toBe('0000000100000000');
  expect(hex(ours.unwrap(next))).toBe(hex(DATA));
});
