import { expect, test } from 'vitest';
import { accessDenied, allowNamed } from '../../shared/security/authorize.ts';
import { ANONYMOUS, type Caller } from '../../shared/security/caller.ts';

const THUMBPRINT = '7EA5A522744EA62DB4CE536DE81BF14F654B7A94';
const alice: Caller = { kind: 'kerberos', name: 'alice@EXAMPLE.ORG' };
const carol: Caller = { kind: 'ntlm', name: 'EXAMPLE\\carol' };
const dave: Caller = { kind: 'username', name: 'dave' };
const certificate: Caller = {
  kind: 'certificate',
  name: `CN=alice, O="A; B"; ${THUMBPRINT}`,
  certificate: new Uint8Array(0),
};

// Who is named, who calls => whether they may.
test.for<[string, Caller, boolean]>([
  ['alice@EXAMPLE.ORG', alice, true],
  ['Alice@EXAMPLE.ORG', alice, false],
  ['alice@example.org', alice, false],
  ['alice', alice, false],
  ['EXAMPLE\\carol', carol, true],
  ['example\\CAROL', carol, true],
  ['carol', carol, false],
  ['dave', dave, true],
  ['DAVE', dave, true],
  ['', ANONYMOUS, false],
  [certificate.name, certificate, true],
  [THUMBPRINT, certificate, true],
  [THUMBPRINT.toLowerCase(), certificate, true],
  ['CN=alice, O="A; B"', certificate, false],
])('"%s" allows %o: %s', ([name, caller, wanted]) => {
  expect(allowNamed([name])(caller)).toBe(wanted);
});

test('nobody is on an empty list', () => {
  for (const caller of [alice, carol, dave, certificate, ANONYMOUS]) {
    expect(allowNamed([])(caller)).toBe(false);
  }
});

test('a caller who may not is told what WCF says', () => {
  expect(accessDenied()).toMatchObject({
    code: 'SecurityAccessDenied',
    message: 'Access is denied.',
  });
});
