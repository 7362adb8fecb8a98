// Files of credentials that are no good, given to the real commands: a sentence that names file and option, a
// status, and no stack.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { output } from '../../scripts/run.ts';
import { inOptions } from '../../shared/command-line/in-options.ts';
import { CLIENT, PORT_SHARING, privateDirectory, runCommand, SERVICE } from '../helpers/command.ts';
import { makeCertificates } from '../transport/tls/secured.ts';

const { directory, server, ca } = makeCertificates();
const at = (name: string): string => path.join(directory, name);
const openssl = (...words: readonly string[]): Promise<string> => output(['openssl', ...words]);
mkdirSync(at('folder'));
writeFileSync(at('empty'), '');
writeFileSync(at('comments'), '# users\n\n# dave:SECRETMARKER\n');
writeFileSync(at('text'), 'SECRETMARKER\n');
writeFileSync(at('torn.pem'), '-----BEGIN CERTIFICATE-----\nU0VD\n-----END CERTIFICATE-----\n');
writeFileSync(at('no-keys'), Uint8Array.of(5, 2));
await openssl('x509', '-in', server.certificate, '-outform', 'DER', '-out', at('certificate.der'));
await openssl('pkey', '-in', server.key, '-outform', 'DER', '-out', at('key.der'));
await openssl('pkey', '-in', server.key, '-aes256', '-passout', 'pass:x', '-out', at('locked.key'));

const SERVE = ['--no-port-sharing', '--port', '0'];
const TLS = ['--security', 'tls'];
const CALL = ['--port', '1'];
const OWN = ['--certificate', server.certificate];
const KEY = ['--key', server.key];

/** What precedes the option whose file is no good, and what follows it. */
const OF_OPTION: Readonly<Record<string, readonly [string, string[], string[]]>> = {
  'service --certificate': [SERVICE, [...SERVE, ...TLS, ...KEY, '--certificate'], []],
  'service --key': [SERVICE, [...SERVE, ...TLS, ...OWN, '--key'], []],
  'service --client-ca': [SERVICE, [...SERVE, ...TLS, ...OWN, ...KEY, '--client-ca'], []],
  'service --keytab': [SERVICE, [...SERVE, '--security', 'windows', '--keytab'], []],
  'service --accounts': [SERVICE, [...SERVE, '--security', 'windows', '--accounts'], []],
  'service --users': [SERVICE, [...SERVE, '--security', 'username', ...OWN, ...KEY, '--users'], []],
  'client --ca': [CLIENT, [...CALL, ...TLS, '--ca'], ['1']],
  'client --certificate': [CLIENT, [...CALL, ...TLS, '--ca', ca, ...KEY, '--certificate'], ['1']],
  'client --key': [CLIENT, [...CALL, ...TLS, '--ca', ca, ...OWN, '--key'], ['1']],
  'client --password-file': [
    CLIENT,
    [...CALL, '--security', 'username', '--user', 'dave', '--ca', ca, '--password-file'],
    ['1'],
  ],
  'import --ca': [PORT_SHARING, ['import', ...TLS, '--ca'], ['net.tcp://localhost:1/x/mex']],
};

const IN_PEM = 'it has to be a certificate in PEM';
const KEY_IN_PEM = 'it has to be a private key in PEM';
const NOT_OF = `it is not the key of the certificate "${server.certificate}" (--certificate)`;
const NO_HASH = 'line 1 is not of the form name:hash';
const NOBODY = 'it names nobody';

test.concurrent.for<[option: string, file: string, says: string, status?: number]>([
  ...Object.keys(OF_OPTION).flatMap((option): [string, string, string, number][] => {
    const status = option.endsWith('password-file') ? 74 : 64;
    return [
      [option, 'nowhere', 'ENOENT', status],
      [option, 'folder', 'EISDIR', status],
    ];
  }),
  ['service --certificate', 'empty', 'cannot be used: it is empty'],
  ['service --certificate', 'text', IN_PEM],
  ['service --certificate', 'server.key', IN_PEM],
  ['service --certificate', 'certificate.der', `${IN_PEM}, not in DER`],
  ['service --certificate', 'torn.pem', 'its certificate 1 is broken'],
  ['service --key', 'empty', 'it is empty'],
  ['service --key', 'text', KEY_IN_PEM],
  ['service --key', 'server.pem', KEY_IN_PEM],
  ['service --key', 'key.der', `${KEY_IN_PEM}, not in DER`],
  ['service --key', 'locked.key', 'it is encrypted: give one that is not'],
  ['service --key', 'alice.key', NOT_OF],
  ['service --client-ca', 'empty', 'it is empty'],
  ['service --client-ca', 'text', IN_PEM],
  ['service --client-ca', 'certificate.der', `${IN_PEM}, not in DER`],
  ['service --keytab', 'empty', 'cannot be used: it is empty'],
  ['service --keytab', 'no-keys', 'it has no keys'],
  ['service --keytab', 'server.pem', 'does not begin with 05 02'],
  ...['service --accounts', 'service --users'].flatMap((option): [string, string, string][] => [
    [option, 'empty', NOBODY],
    [option, 'comments', NOBODY],
    [option, 'text', NO_HASH],
    [option, 'certificate.der', NO_HASH],
  ]),
  ['client --ca', 'empty', 'it is empty'],
  ['client --ca', 'text', IN_PEM],
  ['client --ca', 'certificate.der', `${IN_PEM}, not in DER`],
  ['client --certificate', 'text', IN_PEM],
  ['client --key', 'locked.key', 'it is encrypted'],
  ['client --key', 'alice.key', NOT_OF],
  ['client --password-file', 'empty', 'has no first line'],
  ['import --ca', 'text', IN_PEM],
])('%s %s: %s', async ([option, file, says, status = 64]) => {
  const [command, before, after] = OF_OPTION[option] ?? [SERVICE, [], []];
  const ended = await runCommand(command, [...before, at(file), ...after], {
    directory: privateDirectory(),
  });
  expect(ended).toMatchObject({ status, stdout: '' });
  expect(ended.stderr).toContain(says);
  expect(ended.stderr).toContain(at(file));
  // The option says which file is meant; that of a password names none, because its error has another reason.
  if (!option.endsWith('password-file'))
    expect(ended.stderr).toContain(option.replace(/^\w+ /, ''));
  expect(ended.stderr).not.toMatch(/\n {4}at |SECRETMARKER|credentials\.|routines::/);
});

test('names of credentials become options, and nothing else does', () => {
  const text = 'credentials.ca, credentials.clientCa, credentials.userName; credentials.crl of x';
  expect(inOptions(text)).toBe('--ca, --client-ca, --user; credentials.crl of x');
});
