import { expect, test } from 'vitest';
import { utf8 } from '../../../shared/security/bytes.ts';
import { ContextTokens } from '../../../shared/security/message-credentials/context-tokens.ts';
import {
  checkTimestampSignature,
  signTimestamp,
} from '../../../shared/security/message-credentials/timestamp-signature.ts';
import {
  checkTimestamp,
  makeTimestamp,
  parseTime,
  type Timestamp,
} from '../../../shared/security/message-credentials/timestamp.ts';
import type { UserNameToken } from '../../../shared/encoding/message-security.ts';
import { checkUsernameToken } from '../../../shared/security/message-credentials/username-token.ts';
import { PasswordAttempts } from '../../../shared/security/password-attempts.ts';
import { ReplayCache } from '../../../shared/security/replay-cache.ts';
import { octets } from '../../helpers/octets.ts';

const NOW = Date.UTC(2026, 10, 25, 13, 0, 0);
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();

// Created and expires, in seconds from now => why it is refused.
test.for<[string, number, number | undefined, string | undefined]>([
  ['a new one', 0, 300, undefined],
  ['one without an end', 0, undefined, undefined],
  ['one of a clock ahead', 300, 600, undefined],
  ['one of a clock too far ahead', 301, 601, 'created in the future'],
  ['one that has just expired', -600, -300, undefined],
  ['one that expired longer ago', -601, -301, 'it has expired'],
  ['one without an end that is old', -601, undefined, 'it has expired'],
  ['an old one that says it is good for long', -601, 3_600, 'it is too old'],
  ['one that ends before it begins', 10, 0, 'before it was created'],
])('timestamp: %s', ([, created, expires, why]) => {
  const timestamp = {
    created: at(created),
    expires: expires === undefined ? undefined : at(expires),
  };
  if (why === undefined) checkTimestamp(timestamp, NOW);
  else {
    expect(() => checkTimestamp(timestamp, NOW)).toThrow(why);
    expect(() => checkTimestamp(timestamp, NOW)).toThrow(
      expect.objectContaining({ code: 'MessageSecurity' }),
    );
  }
});

test.for([
  ['2026-11-25T13:00:00Z', 0],
  ['2026-11-25T13:00:00.825Z', 825],
  ['2026-11-25T13:00:00.8259999Z', 825],
  ['2026-11-25T14:00:00+01:00', 0],
  ['2026-11-25T13:00:00', Number.NaN],
  ['2026-11-25', Number.NaN],
  ['2026-13-25T13:00:00Z', Number.NaN],
  ['now', Number.NaN],
] as const)('time %s', ([text, milliseconds]) => {
  if (Number.isNaN(milliseconds))
    expect(() => parseTime(text)).toThrow('one of its times cannot be read');
  else expect(parseTime(text)).toBe(NOW + milliseconds);
});

test('a timestamp of ours is one that we take', () => {
  const timestamp = makeTimestamp(NOW);
  expect(timestamp).toEqual({ created: at(0), expires: at(300) });
  checkTimestamp(timestamp, NOW + 300_000);
});

const TOKEN: UserNameToken = {
  name: 'dave',
  password: 'secret-dave',
  passwordType: undefined,
  nonce: undefined,
  created: undefined,
};
const nonce = utf8('sixteen bytes ..');
const TEXT =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText';

async function present(
  token: Partial<UserNameToken>,
  nonces = new ReplayCache(),
  now = NOW,
): Promise<void> {
  const validate = (name: string, password: string): boolean =>
    name === 'dave' && password === 'secret-dave';
  const attempts = new PasswordAttempts().from('10.0.0.1');
  await checkUsernameToken({ ...TOKEN, ...token }, nonces, { validate, attempts, now: () => now });
}

test.for<[string, Partial<UserNameToken>, string | undefined]>([
  ['as WCF sends it', {}, undefined],
  ['that says its password is text', { passwordType: TEXT }, undefined],
  ['with a nonce', { nonce, created: at(0) }, undefined],
  ['with a wrong password', { password: 'guess' }, 'could not be validated'],
  ['without a password', { password: undefined }, 'it has no password'],
  ['with a name that is nearly too long', { name: 'x'.repeat(1_024) }, 'could not be validated'],
  ['with a name without end', { name: 'x'.repeat(1_025) }, 'its name has 1025 characters'],
  ['with a digest', { passwordType: TEXT.replace('Text', 'Digest') }, 'not sent as text'],
  ['with a nonce of nobody knows when', { nonce }, 'not when that was made'],
  ['with an empty nonce', { nonce: octets(''), created: at(0) }, 'its nonce has 0 bytes'],
  ['with a long nonce', { nonce: new Uint8Array(65), created: at(0) }, 'its nonce has 65 bytes'],
  ['that is old', { created: at(-601) }, 'it has expired'],
])('user name token %s', async ([, token, why]) => {
  if (why === undefined) await present(token);
  else await expect(present(token)).rejects.toThrow(why);
});

test('a nonce is good once, as long as its token is', async () => {
  const nonces = new ReplayCache();
  const token = { nonce, created: at(0) };
  await present(token, nonces);
  await expect(present(token, nonces)).rejects.toThrow('it was used before');
  await expect(present(token, nonces, NOW + 599_000)).rejects.toThrow('it was used before');
  await expect(present(token, nonces, NOW + 601_000)).rejects.toThrow('it has expired');
  await present({ nonce, created: at(1) }, nonces);
});

test('any change of a signed timestamp, its id or key is found', () => {
  const key = new Uint8Array(32).fill(7);
  const timestamp = makeTimestamp(NOW);
  const signature = signTimestamp(timestamp, '_0', key);
  checkTimestampSignature(timestamp, '_0', key, signature);
  const wrong: [Timestamp, string, Uint8Array, typeof signature][] = [
    [{ ...timestamp, created: at(1) }, '_0', key, signature],
    [{ ...timestamp, expires: undefined }, '_0', key, signature],
    [timestamp, '_1', key, signature],
    [timestamp, '_0', new Uint8Array(32), signature],
    [timestamp, '_0', key, { ...signature, digestValue: 'AAAA' }],
    [timestamp, '_0', key, { ...signature, signatureValue: '' }],
  ];
  for (const [one, id, other, given] of wrong) {
    expect(() => checkTimestampSignature(one, id, other, given)).toThrow(
      expect.objectContaining({ code: 'MessageSecurity' }),
    );
  }
});

const LIMITS = {
  maxContextTokens: 3,
  maxContextTokensPerCaller: 2,
  contextTokenLifetimeMs: 1_000,
  contextTokenIdleMs: 100,
};
const key = new Uint8Array(32);
const dave = { kind: 'username', name: 'dave' } as const;
const other = (name: string) => ({ kind: 'username', name }) as const;

test('a context token is good until it is cancelled, expires or is not used', () => {
  let at = 0;
  const tokens = new ContextTokens(LIMITS, { now: () => NOW, elapsed: () => at });
  const issued = tokens.issue({ identifier: 'a', key, caller: dave });
  expect(issued).toEqual({ identifier: 'a', key, caller: dave, expires: 1_000 });
  for (at = 100; at <= 1_000; at += 100) expect(tokens.use('a')).toBe(issued);
  at = 1_001;
  expect(tokens.use('a')).toBeUndefined();
  tokens.issue({ identifier: 'b', key, caller: dave });
  at += 101;
  expect(tokens.use('b')).toBeUndefined();
  tokens.issue({ identifier: 'c', key, caller: dave });
  tokens.cancel('c');
  tokens.cancel('c');
  expect(tokens.use('c')).toBeUndefined();
  expect(tokens.size).toBe(0);
});

test('of one caller the token that was not used for longest makes room', () => {
  let at = 0;
  const tokens = new ContextTokens(LIMITS, { now: () => NOW, elapsed: () => at });
  for (const identifier of ['a', 'b']) tokens.issue({ identifier, key, caller: dave });
  at = 1;
  tokens.use('a');
  at = 2;
  tokens.issue({ identifier: 'c', key, caller: dave });
  expect(['a', 'b', 'c'].map((one) => tokens.use(one)?.identifier)).toEqual(['a', undefined, 'c']);
});

test('nobody takes the place of another, but what is not used any more makes room', () => {
  let at = 0;
  const tokens = new ContextTokens(LIMITS, { now: () => NOW, elapsed: () => at });
  for (const name of ['a', 'b', 'c']) tokens.issue({ identifier: name, key, caller: other(name) });
  const next = { identifier: 'd', key, caller: other('d') };
  at = 100;
  expect(() => tokens.issue(next)).toThrow(expect.objectContaining({ code: 'ServerTooBusy' }));
  at = 101;
  tokens.issue(next);
  expect(tokens.size).toBe(1);
});

test('the token that another one renews is cancelled with it', () => {
  const at = 0;
  const tokens = new ContextTokens(LIMITS, { now: () => NOW, elapsed: () => at });
  tokens.issue({ identifier: 'a', key, caller: dave });
  tokens.issue({ identifier: 'b', key, caller: dave, renews: 'a' });
  expect(tokens.use('a')).toBeDefined();
  tokens.cancel('b');
  expect(tokens.size).toBe(0);
});
