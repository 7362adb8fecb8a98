import { expect, test } from 'vitest';
import { concat, utf8 } from '../../../../shared/security/bytes.ts';
import { offerKerberos } from '../../../../shared/security/negotiate/kerberos/acceptor.ts';
import type { KeytabEntry } from '../../../../shared/security/negotiate/kerberos/keytab.ts';
import type { MechanismStep, Protection } from '../../../../shared/security/negotiate/mechanism.ts';
import { ReplayCache } from '../../../../shared/security/replay-cache.ts';
import { expectHarmless, HOSTILE } from '../../../helpers/hostile-text.ts';
import { hex } from '../../../helpers/octets.ts';
import { contextOf, firstToken, keytab, NOW, type TokenOptions } from './tickets.ts';

interface Ours {
  readonly keys?: readonly KeytabEntry[];
  readonly protection?: Protection;
  readonly replays?: ReplayCache;
  readonly clockSkewMs?: number;
}

function accept(token: Uint8Array, ours: Ours = {}): MechanismStep {
  const { keys = [17, 18, 19, 20].map((type) => keytab(type)), ...rest } = ours;
  const options = {
    keys: () => keys,
    replays: new ReplayCache(),
    protection: 'seal',
    ...rest,
  } as const;
  return offerKerberos(options).start().step(token, NOW);
}

function established(token: Uint8Array, ours?: Ours): Extract<MechanismStep, { is: 'complete' }> {
  const step = accept(token, ours);
  if (step.is !== 'complete') throw new Error('it is not complete');
  return step;
}

test.for([17, 18, 19, 20])('type %d: a ticket lets alice in, and tokens go both ways', (type) => {
  for (const hasSubkey of [true, false]) {
    const ours = established(firstToken({ type, hasSubkey }));
    expect(ours.peer).toEqual({ kind: 'kerberos', name: 'alice@TEST.LOCAL' });
    const theirs = contextOf(ours.token ?? new Uint8Array(0), type);
    for (const text of ['', 'a', 'sixteen bytes ..', 'more than that ...']) {
      expect(hex(ours.context.unwrap(theirs.wrap(utf8(text))))).toBe(hex(utf8(text)));
      expect(hex(theirs.unwrap(ours.context.wrap(utf8(text))))).toBe(hex(utf8(text)));
      ours.context.verify(utf8(text), theirs.sign(utf8(text)));
      theirs.verify(utf8(text), ours.context.sign(utf8(text)));
    }
  }
});

const MINUTE = 60_000;

// What the client sends, what we have => what we say of it; undefined: it is let in.
test.for<[string, TokenOptions, Ours, string | undefined]>([
  ['a key without a version', { version: undefined }, {}, undefined],
  ['the service in capitals', { service: 'HOST/LOCALHOST' }, {}, undefined],
  ['the newest of two keys', { version: 2 }, { keys: [keytab(18, 1), keytab(18, 2)] }, undefined],
  [
    'another service',
    { service: 'host/other' },
    {},
    'host/other@TEST.LOCAL, which is not in the keytab',
  ],
  [
    'another realm',
    { realm: 'OTHER.LOCAL' },
    {},
    'host/localhost@OTHER.LOCAL, which is not in the keytab',
  ],
  [
    'an older key',
    { version: 1 },
    { keys: [keytab(18, 2)] },
    'version 1 of the key, the keytab has 2: make the keytab anew',
  ],
  [
    'a type that the keytab lacks',
    { type: 20 },
    { keys: [keytab(18)] },
    'no key of type 20 (aes256-cts-hmac-sha384-192)',
  ],
  [
    'another key',
    {},
    { keys: [{ ...keytab(18), key: new Uint8Array(32) }] },
    'encrypted with another key',
  ],
  [
    'a key of a wrong length',
    {},
    { keys: [{ ...keytab(18), key: new Uint8Array(16) }] },
    'has a wrong length',
  ],
  ['a ticket just about to expire', { ends: NOW - 5 * MINUTE }, {}, undefined],
  ['an expired one', { ends: NOW - 5 * MINUTE - 1_000 }, {}, 'its ticket has expired'],
  ['one that begins soon', { starts: NOW + 5 * MINUTE }, {}, undefined],
  [
    'one that begins later',
    { starts: NOW + 5 * MINUTE + 1_000 },
    {},
    'its ticket is not valid yet',
  ],
  ['one that must be validated', { ticketFlags: 0x01 }, {}, 'its ticket is not valid yet'],
  ['a clock that is behind', { time: NOW - 5 * MINUTE }, {}, undefined],
  ['a clock that is too far behind', { time: NOW - 301_000 }, {}, 'its clock differs by -301 s'],
  ['a clock that is too far ahead', { time: NOW + 301_000 }, {}, 'its clock differs by 301 s'],
  ['a clock within a smaller skew', { time: NOW - 2_000 }, { clockSkewMs: 2_000 }, undefined],
  ['a clock without it', { time: NOW - 3_000 }, { clockSkewMs: 2_000 }, 'at most 2 s are allowed'],
  ['an authenticator of somebody else', { author: ['mallory'] }, {}, 'made by somebody else'],
  ['no mutual authentication', { options: 0 }, {}, 'mutual authentication'],
  ['none in GSSAPI either', { flags: 0x30 }, {}, 'mutual authentication'],
  ['a ticket for a user', { options: 0x60 }, {}, 'for a user, not for a service'],
  ['three tokens', { flags: 0x1032 }, {}, 'the three tokens of DCE'],
  // Whether what is sent is sealed is seen with each token.
  ['signing alone', { flags: 0x22 }, {}, undefined],
  ['neither', { flags: 0x02 }, {}, 'neither signing nor encryption'],
  ['no checksum of GSSAPI', { checksumType: 7 }, {}, 'no checksum of GSSAPI'],
])('%s', ([, theirs, ours, wanted]) => {
  const token = firstToken(theirs);
  if (wanted === undefined) expect(accept(token, ours).is).toBe('complete');
  else expect(() => accept(token, ours)).toThrow(wanted);
});

test.for([
  [['alice'], 'alice@TEST.LOCAL'],
  [['alice', 'admin'], 'alice/admin@TEST.LOCAL'],
  [['alice@EXAMPLE.ORG'], 'alice\\@EXAMPLE.ORG@TEST.LOCAL'],
  [['a/b', 'c\\d'], 'a\\/b/c\\\\d@TEST.LOCAL'],
  [['a\0b\n'], 'a\\0b\\n@TEST.LOCAL'],
] as const)('%j is called %s', ([client, name]) => {
  expect(established(firstToken({ client })).peer?.name).toBe(name);
});

test('an authenticator is good once, whatever is around it', () => {
  const replays = new ReplayCache();
  const token = firstToken();
  expect(accept(token, { replays }).is).toBe('complete');
  expect(() => accept(token, { replays })).toThrow('it was used before');
  expect(accept(firstToken(), { replays }).is).toBe('complete');
});

test('each connection has a key of its own, even for the same authenticator', () => {
  const token = firstToken();
  const [one, other] = [established(token), established(token)];
  const theirs = contextOf(one.token ?? new Uint8Array(0), 18);
  expect(() => other.context.unwrap(theirs.wrap(utf8('x')))).toThrow('changed');
});

test('a changed byte anywhere in what the client vouches for is found', () => {
  const token = firstToken();
  const harmless: number[] = [];
  for (let at = 0; at < token.length; at++) {
    const changed = token.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x20;
    try {
      accept(changed);
      harmless.push(at);
    } catch (error) {
      expect(error).toMatchObject({ name: 'NetTcpError' });
    }
  }
  // Not protected by anything in Kerberos: versions of messages and types of names, and the case of a name.
  const shown = concat(...harmless.map((at) => token.subarray(at, at + 1)));
  expect(
    Buffer.from(shown)
      .toString('latin1')
      .replaceAll(/[^ -~]/g, ''),
  ).toBe('hostlocalhost');
});

test.for<[string, TokenOptions, Ours?]>([
  ['a service', { service: HOSTILE }],
  ['a realm', { realm: HOSTILE }],
  ['a service without end', { service: 'x'.repeat(10_000) }],
  ['a type that the keytab has not', { type: 17 }, { keys: [keytab(18)] }],
])('%s is told on one line that no terminal obeys', ([, options, ours]) => {
  let told = 'it is let in';
  try {
    accept(firstToken(options), ours);
  } catch (error) {
    told = (error as Error).message;
  }
  expect(told).toMatch(/ticket for|is for|no key of type/);
  expect(told.length).toBeLessThan(1_000);
  expectHarmless(told);
  expect(told).not.toContain('\n');
});
