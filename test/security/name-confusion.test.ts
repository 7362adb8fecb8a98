// Names that look like, or could be made into, the name of somebody who may call: the decision for each, by the
// readers of the wire and the list of those allowed.
import { describe, expect, test } from 'vitest';
import { accountValue, findAccount, parseAccounts } from '../../shared/security/accounts.ts';
import { allowNamed } from '../../shared/security/authorize.ts';
import { utf8 } from '../../shared/security/bytes.ts';
import { callerOfCertificate } from '../../shared/security/certificate-caller.ts';
import { offerKerberos } from '../../shared/security/negotiate/kerberos/acceptor.ts';
import {
  element,
  field,
  integer,
  objectIdentifier,
  sequence,
} from '../../shared/security/negotiate/der-write.ts';
import { ntHash } from '../../shared/security/negotiate/ntlm/hashes.ts';
import { PasswordAttempts } from '../../shared/security/password-attempts.ts';
import { hashPassword } from '../../shared/security/password-hash.ts';
import { ReplayCache } from '../../shared/security/replay-cache.ts';
import { parseUsers, validateAgainst } from '../../shared/security/users.ts';
import { firstToken, keytab, NOW } from './negotiate/kerberos/tickets.ts';

/** Who is named, and who calls: whether that is the same. In user names, and in accounts of NTLM. */
const FOLDED: readonly (readonly [what: string, named: string, calls: string, same: boolean])[] = [
  ['itself', 'admin', 'admin', true],
  ['capitals', 'admin', 'ADMIN', true],
  ['capitals beyond ASCII', 'zoë', 'ZOË', true],
  ['a dotless i', 'admin', 'adm\u0131n', false],
  ['a long s', 'boss', 'bo\u017fs', false],
  ['a sign of Kelvin', 'kim', '\u212aim', false],
  ['a sharp s', 'STRASSE', 'straße', false],
  ['a ligature', 'FINN', '\ufb01nn', false],
  ['é in two characters', 'caf\u00e9', 'cafe\u0301', false],
  ['full-width letters', 'admin', '\uff41\uff44\uff4d\uff49\uff4e', false],
  ['a Cyrillic a', 'admin', '\u0430dmin', false],
  ['a dot after it', 'admin', 'admin.', false],
  ['a space after it', 'admin', 'admin ', false],
  ['a NUL after it', 'admin', 'admin\0', false],
  ['a NUL and more', 'admin', 'admin\0.example', false],
  ['a byte order mark', 'admin', '\ufeffadmin', false],
  ['a mark for right to left', 'admin', 'admin\u202e', false],
  ['a space of no width', 'admin', 'ad\u200bmin', false],
  ['a name of Windows for a UPN', 'admin@example.org', 'EXAMPLE\\admin', false],
  ['a UPN for a name of Windows', 'EXAMPLE\\admin', 'admin@EXAMPLE', false],
  ['a name without its domain', 'EXAMPLE\\admin', 'admin', false],
  ['a slash for a backslash', 'EXAMPLE\\admin', 'EXAMPLE/admin', false],
  ['two backslashes', 'EXAMPLE\\admin', 'EXAMPLE\\\\admin', false],
];

describe('user names and NTLM', () => {
  test.for(FOLDED)('%s: "%s" is not confused with "%s"', ([, named, calls, same]) => {
    for (const kind of ['username', 'ntlm'] as const) {
      expect(allowNamed([named])({ kind, name: calls })).toBe(same);
    }
  });

  test.for(FOLDED)('%s, in files', async ([, named, calls, same]) => {
    const accounts = parseAccounts(`${named}:${accountValue(ntHash('secret'))}\n`, 'accounts');
    expect(findAccount(accounts, calls, '') !== undefined).toBe(same);
    const users = parseUsers(`${named}:${await hash}\n`, 'users');
    expect(await validateAgainst(() => users)(calls, 'secret')).toBe(same);
  });

  test.for(FOLDED)('%s: guesses count for one name', ([, named, calls, same]) => {
    const attempts = new PasswordAttempts({ free: 0 });
    attempts.from(undefined).failed(named);
    expect(attempts.from(undefined).mayTry(calls)).toBe(!same);
  });

  test('a domain and a user are those of the account, however they are cut', () => {
    const value = accountValue(ntHash('secret'));
    const file = parseAccounts(`A\\B\\c:${value}\nEXAMPLE\\carol:${value}\n`, 'accounts');
    expect(findAccount(file, 'carol', 'EXAMPLE')?.name).toBe('EXAMPLE\\carol');
    expect(findAccount(file, 'carol', 'EXAMPLE\0')).toBeUndefined();
    expect(findAccount(file, 'carol', 'EXAMPLE.ORG')).toBeUndefined();
    expect(findAccount(file, 'carol', 'EXAMPLE.')).toBeUndefined();
    expect(findAccount(file, 'carol@EXAMPLE', '')).toBeUndefined();
  });
});

const hash = hashPassword('secret');

/** @returns the name that a service sees, or the code of its error */
function kerberosName(client: readonly string[]): string {
  const token = firstToken({ client });
  const options = { keys: () => [keytab()], replays: new ReplayCache() };
  try {
    const step = offerKerberos({ ...options, protection: 'seal' })
      .start()
      .step(token, NOW);
    return step.is === 'complete' ? (step.peer?.name ?? '') : step.is;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('Kerberos', () => {
  // Components of the principal => what the service calls it.
  test.for<[readonly string[], string]>([
    [['alice'], 'alice@TEST.LOCAL'],
    [['Alice'], 'Alice@TEST.LOCAL'],
    [['alice@TEST.LOCAL'], 'alice\\@TEST.LOCAL@TEST.LOCAL'],
    [['alice', 'admin'], 'alice/admin@TEST.LOCAL'],
    [['alice/admin'], 'alice\\/admin@TEST.LOCAL'],
    [['alice\\'], 'alice\\\\@TEST.LOCAL'],
    [['alice\0'], 'alice\\0@TEST.LOCAL'],
    [['alice\\0'], 'alice\\\\0@TEST.LOCAL'],
    [['alice.'], 'alice.@TEST.LOCAL'],
    [['alice', ''], 'alice/@TEST.LOCAL'],
    [['\ufeffalice'], '\ufeffalice@TEST.LOCAL'],
    [['caf\u00e9'], 'caf\u00e9@TEST.LOCAL'],
    [['cafe\u0301'], 'cafe\u0301@TEST.LOCAL'],
  ])('the principal %o is %s, and nobody else', ([client, name]) => {
    expect(kerberosName(client)).toBe(name);
    expect(allowNamed(['alice@TEST.LOCAL'])({ kind: 'kerberos', name })).toBe(
      client.length === 1 && client[0] === 'alice',
    );
  });
});

/** A certificate of a subject whose only part is this common name, in UTF-8 or BMP. */
function certificateOf(commonName: string, tag = 0x0c): Uint8Array {
  const value =
    tag === 0x1e ? Uint8Array.from(Buffer.from(commonName, 'utf16le').swap16()) : utf8(commonName);
  const attribute = sequence(objectIdentifier('550403'), element(tag, value));
  const subject = sequence(element(0x31, attribute));
  const tbs = [field(0, integer(2)), integer(1), sequence(), sequence(), sequence(), subject];
  return sequence(sequence(...tbs));
}

describe('certificates', () => {
  const alice = callerOfCertificate(certificateOf('alice'));
  const thumbprint = alice.name.slice(-40);

  test('alice is allowed by her whole name, or her thumbprint', () => {
    expect(alice.name).toBe(`CN=alice; ${thumbprint}`);
    for (const named of [alice.name, thumbprint, thumbprint.toLowerCase()]) {
      expect(allowNamed([named])(alice)).toBe(true);
    }
    expect(allowNamed(['CN=alice'])(alice)).toBe(false);
  });

  // The thumbprint is the certificate's own: whatever a CA lets somebody be called is nobody else.
  test.for<[string, number?]>([
    ['Alice'],
    ['alice\0'],
    ['alice '],
    ['\ufeffalice'],
    ['alice', 0x1e],
    [`alice; ${thumbprint}`],
    [`alice; ${thumbprint}; `],
    [`; ${thumbprint}`],
    ['alice, O=x'],
    ['\uff41lice'],
  ])('"%s" is not alice', ([commonName, tag]) => {
    const caller = callerOfCertificate(certificateOf(commonName, tag));
    for (const named of [alice.name, thumbprint]) expect(allowNamed([named])(caller)).toBe(false);
  });
});
