import { expect, test } from 'vitest';
import { accountValue, findAccount, parseAccounts } from '../../shared/security/accounts.ts';
import { namesOf, withName, writeNameFile } from '../../shared/security/name-file.ts';
import { ntHash } from '../../shared/security/negotiate/ntlm/hashes.ts';
import { PasswordAttempts } from '../../shared/security/password-attempts.ts';
import { hashPassword, isPassword } from '../../shared/security/password-hash.ts';
import { authenticateUser, parseUsers, validateAgainst } from '../../shared/security/users.ts';
import { hex, octets } from '../helpers/octets.ts';

// RFC 7914 12: "pleaseletmein", "SodiumChloride", N 16384, r 8, p 1.
const RFC_7914 =
  'scrypt$16384$8$1$536f6469756d43686c6f72696465$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
const HASH = `nt$${hex(ntHash('secret'))}`;

test('scrypt is that of RFC 7914', async () => {
  expect(await isPassword('pleaseletmein', RFC_7914)).toBe(true);
  expect(await isPassword('pleaseletmeim', RFC_7914)).toBe(false);
});

test('a password has a different hash each time, and matches each', async () => {
  const [one, other] = [await hashPassword('çarol'), await hashPassword('çarol')];
  expect(one).not.toBe(other);
  expect([await isPassword('çarol', one), await isPassword('çarol', other)]).toEqual([true, true]);
  expect(await isPassword('carol', one)).toBe(false);
});

test('a user who does not exist has no password, not even the empty one', async () => {
  expect(await isPassword('', undefined)).toBe(false);
});

test.for([
  'plain',
  RFC_7914.replace('16384', '16383'),
  RFC_7914.replace('16384', '99999999'),
  RFC_7914.replace('$8$', '$99$'),
  RFC_7914.replace('$8$', '$0$'),
  RFC_7914.slice(0, -1),
  `${RFC_7914} `,
  'scrypt$16384$8$1$$',
])('a file whose hash is "%s" is refused, without the hash', (hash) => {
  const run = (): unknown => parseUsers(`# users\ndave:${hash}\n`, 'users');
  expect(run).toThrow(
    'users cannot be used: line 2: the hash is not one that "net-tcp-port-sharing user add" makes.',
  );
});

test.for([
  ['no colon', 'dave', 'line 1 is not of the form name:hash'],
  ['no name', `:${HASH}`, 'line 1: a name must not be empty'],
  [
    'a space around it',
    ` dave:${HASH}`,
    'line 1: a name must not be empty, nor begin or end with a space',
  ],
  ['a name twice', `dave:${HASH}\n\nDave:${HASH}`, 'line 3 names "Dave" again'],
  ['a name that is too long', `${'x'.repeat(257)}:${HASH}`, 'at most 256 characters'],
  ['a control character', `da\u0007ve:${HASH}`, 'nor control characters'],
  [
    'a hash of scrypt among accounts',
    `dave:${RFC_7914}`,
    '"net-tcp-port-sharing user add --accounts" makes',
  ],
] as const)('accounts with %s are refused', ([, text, why]) => {
  expect(() => parseAccounts(text, 'accounts')).toThrow(why);
});

test('a name is added or changed, and all else stays as it is', () => {
  const text = `# ours\r\ndave:${HASH}\n\nErin Smith:${HASH}`;
  const file = parseAccounts(text, 'accounts');
  const value = accountValue(ntHash('other'));
  expect(writeNameFile(file)).toBe(`# ours\ndave:${HASH}\n\nErin Smith:${HASH}\n`);
  expect(writeNameFile(withName(file, 'DAVE', value))).toBe(
    `# ours\nDAVE:${value}\n\nErin Smith:${HASH}\n`,
  );
  expect(writeNameFile(withName(file, 'A\\b', value))).toBe(
    `${writeNameFile(file)}A\\b:${value}\n`,
  );
  expect(namesOf(parseAccounts('', 'accounts')).size).toBe(0);
});

test.for(['', 'a:b', '#a', ' a', 'a\n'])('"%s" cannot be a name', (name) => {
  expect(() => withName({ lines: [] }, name, HASH)).toThrow(
    expect.objectContaining({ code: 'Usage' }),
  );
});

// What the file has, user and domain as the client says them => the account.
test.for<[string, string, string, string | undefined]>([
  ['EXAMPLE\\carol', 'carol', 'EXAMPLE', 'EXAMPLE\\carol'],
  ['EXAMPLE\\carol', 'Carol', 'example', 'EXAMPLE\\carol'],
  ['EXAMPLE\\carol', 'carol', '', undefined],
  ['EXAMPLE\\carol', 'carol', 'OTHER', undefined],
  ['carol', 'carol', '', 'carol'],
  ['carol', 'carol', 'WORKSTATION', 'carol'],
  ['carol@example.org', 'carol@example.org', '', 'carol@example.org'],
  ['EXAMPLE\\carol', 'EXAMPLE\\carol', '', 'EXAMPLE\\carol'],
])('account %s for user %s of %s', ([name, user, domain, wanted]) => {
  const found = findAccount(parseAccounts(`${name}:${HASH}`, 'accounts'), user, domain);
  expect(found?.name).toBe(wanted);
  if (found !== undefined) expect(hex(found.hash)).toBe(hex(octets(HASH.slice(3))));
});

test('one sentence for a wrong password, a name that nobody has and one that must wait', async () => {
  const users = parseUsers(`dave:${RFC_7914}`, 'users');
  const attempts = new PasswordAttempts({ free: 1 }).from('10.0.0.1');
  const check = { validate: validateAgainst(() => users), attempts, now: () => 0 };
  const said = async (name: string, password: string): Promise<string> => {
    try {
      await authenticateUser(name, password, check);
      return 'let in';
    } catch (error) {
      expect(error).toMatchObject({ code: 'SecurityNegotiation' });
      return String(error);
    }
  };
  expect(await said('dave', 'pleaseletmein')).toBe('let in');
  expect(await said('Dave', 'pleaseletmein')).toBe('let in');
  const outcomes = [
    await said('dave', 'guess'),
    await said('mallory', 'guess'),
    await said('dave', 'pleaseletmein'),
  ];
  expect(new Set(outcomes).size).toBe(1);
  expect(outcomes[0]).toContain(
    'At least one security token in the message could not be validated.',
  );
});
