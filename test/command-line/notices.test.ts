// What commands say of credentials while they go on: options and files are named, as in errors.
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { hashPassword } from '../../shared/security/password-hash.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeCertificates } from '../transport/tls/secured.ts';

const pki = makeCertificates();
const OWN = ['--certificate', pki.server.certificate, '--key', pki.server.key];
const OLD = ['--certificate', pki.expired.certificate, '--key', pki.expired.key];
const TLS = ['--security', 'tls'];
const ALONE = ['--no-port-sharing', '--port', '0'];
const hasExpired = `"${pki.expired.certificate}" (--certificate) has expired on `;

test('a file of users that is cut to nothing is told of by its option, and the old users stay', async () => {
  const users = path.join(pki.directory, 'users');
  const password = path.join(pki.directory, 'password');
  writeFileSync(users, `dave:${await hashPassword('secret-dave')}\n`);
  writeFileSync(password, 'secret-dave\n');
  const words = [...ALONE, '--security', 'username', ...OWN, '--users', users];
  const { service, port, number } = await startService(undefined, words);
  truncateSync(users);
  await eventually(() => expect(service.stderr).toContain('What was read before stays in use'));
  const [line = ''] = service.stderr.trim().split('\n');
  const { event, message } = JSON.parse(line) as { event: string; message: string };
  expect(event).toBe('warning');
  expect(message).toMatch(/\(--users\) cannot be used: it names nobody, .*user add/);
  expect(message).not.toContain('credentials.');
  const asDave = ['--security', 'username', '--user', 'dave', '--password-file', password];
  const call = ['--port', port, ...asDave, '--ca', pki.ca, number, 'add', '1', '2'];
  expect(await runCommand(CLIENT, call)).toMatchObject({ status: 0, stderr: '' });
});

test.concurrent.for<[string, string, readonly string[]]>([
  ['service', SERVICE, [...ALONE, ...TLS, ...OLD]],
  ['client', CLIENT, ['--port', '1', ...TLS, ...OLD, '1', 'add', '1', '2']],
  ['import', PORT_SHARING, ['import', ...TLS, ...OLD, 'net.tcp://localhost:1/x/mex']],
])(
  '%s: a certificate that has expired is told of by its option',
  async ([name, command, words]) => {
    const directory = privateDirectory();
    const stderr =
      name === 'service'
        ? (await startService(directory, words)).service
        : await runCommand(command, words, { directory });
    await eventually(() => expect(stderr.stderr.replaceAll('\\"', '"')).toContain(hasExpired));
    expect(stderr.stderr).not.toContain('credentials.');
  },
);
