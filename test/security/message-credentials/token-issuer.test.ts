// Tokens for user names: who gets one, and what a message with one has to show.
import { afterEach, expect, test } from 'vitest';
import type { SecurityHeader, UserNameToken } from '../../../shared/encoding/message-security.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/limits.ts';
import {
  ClientToken,
  TokenAsker,
} from '../../../shared/security/message-credentials/client-token.ts';
import {
  TokenIssuer,
  type TokenSession,
} from '../../../shared/security/message-credentials/token-issuer.ts';

const DAVE = { userName: 'dave', password: 'secret-dave' };
let now = Date.UTC(2026, 10, 25);
/** By how much the clock was set since. */
let setBy = 0;
const clocks = { now: () => now + setBy, elapsed: () => now };

afterEach(() => void (setBy = 0));

interface Setting {
  readonly issuer: TokenIssuer;
  /** Passwords that were looked at. */
  readonly looked: string[];
}

function setting(limits: Partial<Limits> = {}): Setting {
  const looked: string[] = [];
  const validate = (name: string, password: string): Promise<boolean> => {
    looked.push(password);
    return Promise.resolve(password === `secret-${name}`);
  };
  const issuer = new TokenIssuer({ ...DEFAULT_LIMITS, ...limits }, validate, undefined, clocks);
  return { issuer, looked };
}

async function ask(session: TokenSession, credential = DAVE): Promise<ClientToken> {
  const asker = new TokenAsker(credential, clocks);
  return asker.take(await session.issue(asker.header(), asker.request));
}

test('a token is asked for on one connection, and used on others', async () => {
  const { issuer } = setting();
  const token = await ask(issuer.session('10.0.0.1'));
  for (const source of ['10.0.0.1', '10.0.0.2']) {
    const session = issuer.session(source);
    expect(session.caller.kind).toBe('anonymous');
    expect(session.check(token.header())).toBeUndefined();
    expect(session.caller).toEqual({ kind: 'username', name: 'dave' });
    token.check(session.header());
  }
});

test('a cancelled token belongs to nobody', async () => {
  const { issuer } = setting();
  const session = issuer.session('10.0.0.1');
  const token = await ask(session);
  session.check(token.header());
  session.cancel(token.cancellation);
  expect(issuer.session('10.0.0.1').check(token.header())).toBe('BadContextToken');
  session.cancel(token.cancellation);
});

test('nobody cancels the token of another, nor uses it in his session', async () => {
  const { issuer } = setting();
  const session = issuer.session('10.0.0.1');
  const token = await ask(session);
  const erins = await ask(session, { userName: 'erin', password: 'secret-erin' });
  session.check(erins.header());
  expect(session.check(token.header())).toBe('InvalidSecurity');
  expect(() => session.cancel(token.cancellation)).toThrow('not the caller’s');
  expect(issuer.session('10.0.0.1').check(token.header())).toBeUndefined();
});

const later = (seconds: number): string => new Date(now + seconds * 1_000).toISOString();
type Change = (header: SecurityHeader) => SecurityHeader;
const stamped = (header: SecurityHeader, expires: string): SecurityHeader => ({
  ...header,
  timestamp: { id: '_0', created: header.timestamp?.created ?? '', expires },
});

test.for<[string, Change]>([
  ['no header', () => ({})],
  ['no signature', (header) => ({ ...header, signature: undefined })],
  ['no timestamp', (header) => ({ ...header, timestamp: undefined })],
  ['a timestamp that lives longer', (header) => stamped(header, later(3_600))],
  [
    'a timestamp with another id',
    (header) => ({ ...header, timestamp: header.timestamp && { ...header.timestamp, id: '_1' } }),
  ],
  [
    'the signature of another',
    (header) => ({
      ...header,
      signature: new ClientToken(
        { identifier: '', entropy: new Uint8Array(), created: later(0), expires: later(1) },
        new Uint8Array(32),
        clocks,
      ).header().signature,
    }),
  ],
])('a message with %s is refused', async ([, change]) => {
  const { issuer } = setting();
  const session = issuer.session('10.0.0.1');
  const token = await ask(session);
  expect(session.check(change(token.header()))).toBe('InvalidSecurity');
  expect(session.caller.kind).toBe('anonymous');
});

test('an old message is refused, though it was signed', async () => {
  const { issuer } = setting();
  const session = issuer.session('10.0.0.1');
  const header = (await ask(session)).header();
  expect(session.check(header)).toBeUndefined();
  now += 601_000;
  expect(session.check(header)).toBe('InvalidSecurity');
});

test('a token ages before it expires, and is unknown then', async () => {
  const { issuer } = setting({ contextTokenLifetimeMs: 3_000 });
  const session = issuer.session('10.0.0.1');
  const token = await ask(session);
  now += 1_999;
  expect(token.isAging).toBe(false);
  now += 1;
  expect(token.isAging).toBe(true);
  expect(session.check(token.header())).toBeUndefined();
  now += 1_001;
  expect(session.check(token.header())).toBe('BadContextToken');
});

const HOUR_MS = 3_600_000;

test.for([-12, -1, 1, 12])(
  'a clock that is set by %i h makes no token older or younger',
  async (hours) => {
    const { issuer } = setting({ contextTokenLifetimeMs: 3_000 });
    const session = issuer.session('10.0.0.1');
    const token = await ask(session);
    setBy += hours * HOUR_MS;
    now += 1_999;
    expect(token.isAging).toBe(false);
    expect(session.check(token.header())).toBeUndefined();
    now += 1_002;
    expect(token.isAging).toBe(true);
    expect(session.check(token.header())).toBe('BadContextToken');
  },
);

const userName =
  (change: Partial<UserNameToken>): Change =>
  (header) => ({
    ...header,
    userName: header.userName && { ...header.userName, ...change },
  });

test.for<[string, Change, Uint8Array | undefined, string]>([
  ['a wrong password', userName({ password: 'guess' }), new Uint8Array(32), 'SecurityNegotiation'],
  [
    'no user',
    (header) => ({ ...header, userName: undefined }),
    new Uint8Array(32),
    'MessageSecurity',
  ],
  [
    'no timestamp',
    (header) => ({ ...header, timestamp: undefined }),
    new Uint8Array(32),
    'MessageSecurity',
  ],
  [
    'an old timestamp',
    (header) => ({ ...header, timestamp: { id: '', created: later(-900), expires: later(-600) } }),
    new Uint8Array(32),
    'MessageSecurity',
  ],
  [
    'a header that is none',
    () => ({ problem: 'it is none' }),
    new Uint8Array(32),
    'MessageSecurity',
  ],
  ['no entropy', (header) => header, undefined, 'MessageSecurity'],
  ['hardly any entropy', (header) => header, new Uint8Array(15), 'MessageSecurity'],
  ['too much entropy', (header) => header, new Uint8Array(129), 'MessageSecurity'],
])('there is no token for %s', async ([, change, entropy, code]) => {
  const { issuer } = setting();
  const asked = change(new TokenAsker(DAVE, clocks).header());
  await expect(issuer.session('10.0.0.1').issue(asked, { entropy })).rejects.toMatchObject({
    code,
  });
  expect(issuer.tokens.size).toBe(0);
});

test('a thousand guesses in one segment are one', async () => {
  const { issuer, looked } = setting();
  const session = issuer.session('10.0.0.1');
  const guesses = Array.from({ length: 1_000 }, (_, index) =>
    ask(session, { userName: 'dave', password: `guess ${index}` }).catch(() => 'refused'),
  );
  expect(new Set(await Promise.all(guesses))).toEqual(new Set(['refused']));
  expect(looked).toEqual(['guess 0']);
});

test('so many passwords are looked at at a time, from however many connections', async () => {
  const { issuer, looked } = setting({ maxPendingPasswords: 4 });
  const all = Array.from({ length: 10 }, (_, index) =>
    ask(issuer.session(`10.0.0.${index}`), { userName: `u${index}`, password: `secret-u${index}` }),
  );
  const settled = await Promise.allSettled(all);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  expect(settled.at(-1)).toMatchObject({ reason: { code: 'ServerTooBusy' } });
  expect(looked).toHaveLength(4);
  await ask(issuer.session('10.0.0.1'));
});

test('who guesses has to wait, whatever connections he comes by', async () => {
  const { issuer, looked } = setting();
  for (let guess = 0; guess < 20; guess++) {
    const wrong = ask(issuer.session('10.0.0.1'), { userName: 'dave', password: 'guess' });
    await expect(wrong).rejects.toMatchObject({ code: 'SecurityNegotiation' });
  }
  expect(looked.length).toBeLessThan(6);
  await expect(ask(issuer.session('10.0.0.1'))).rejects.toThrow('could not be validated');
  now += 60_000;
  await ask(issuer.session('10.0.0.1'));
});

test('a renewed token is another one of the same caller', async () => {
  const { issuer } = setting();
  const session = issuer.session('10.0.0.1');
  const token = await ask(session);
  const asker = new TokenAsker(DAVE, clocks);
  const request = { ...asker.request, ...token.cancellation };
  const renewed = asker.take(await session.issue(asker.header(), request));
  expect(session.check(token.header())).toBeUndefined();
  expect(session.check(renewed.header())).toBeUndefined();
  session.cancel(renewed.cancellation);
  expect(issuer.tokens.size).toBe(0);
});
