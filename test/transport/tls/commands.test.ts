// `--security tls`, as users of the commands have it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { accountValue } from '../../../shared/security/accounts.ts';
import { ntHash } from '../../../shared/security/negotiate/ntlm/hashes.ts';
import { hashPassword } from '../../../shared/security/password-hash.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../../helpers/command.ts';
import { statusOf } from '../../helpers/status.ts';
import { makeCertificates } from './secured.ts';

const pki = makeCertificates();
const TLS = ['--security', 'tls'];
const SERVER = [...TLS, '--certificate', pki.server.certificate, '--key', pki.server.key];
const ALICE = ['--certificate', pki.alice.certificate, '--key', pki.alice.key];

test.for([
  ['alone', ['--no-port-sharing'], {}],
  ['handed over', [], {}],
  ['relayed', [], { NET_TCP_PORT_SHARING_TRANSFER: 'relay' }],
] as const)('clients call a service %s, over TLS', async ([, words, env]) => {
  const directory = privateDirectory();
  const { number, port } = await startService(directory, ['--port', '0', ...SERVER, ...words], env);
  const call = (...more: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(CLIENT, ['--port', port, ...more, number, 'add', '100', '15.99']);
  for (const more of [[], ['--encoding', 'soap']]) {
    const answered = await call(...TLS, '--ca', pki.ca, ...more);
    expect(answered).toMatchObject({ status: 0, stderr: '' });
    expect(answered.stdout).toContain('115.99');
  }
  const strange = await call(...TLS, '--ca', pki.foreignCa);
  expect(strange).toMatchObject({
    status: 85,
    stderr: expect.stringContaining('--ca'),
  });
  const plain = await call();
  expect(plain).toMatchObject({ status: 76, stderr: expect.stringContaining('--security') });
});

test('a service with --client-ca wants certificates of that CA', async () => {
  const directory = privateDirectory();
  const words = ['--port', '0', ...SERVER, '--client-ca', pki.ca, '--allow', '00'.repeat(20)];
  const { number, port } = await startService(directory, words);
  const call = (...more: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(CLIENT, ['--port', port, ...TLS, '--ca', pki.ca, ...more, number, 'add', '1', '2']);
  expect(await call()).toMatchObject({ status: 85 });
  // She is known, and not among those who may call.
  expect(await call(...ALICE)).toMatchObject({ status: 87 });
});

test('a client that wants security of a service without is told so', async () => {
  const { number, port } = await startService(privateDirectory());
  const secured = await runCommand(CLIENT, ['--port', port, ...TLS, '--ca', pki.ca, number]);
  expect(secured).toMatchObject({ status: 76, stderr: expect.stringContaining('or none') });
});

test('status says what each endpoint wants of its clients', async () => {
  const directory = privateDirectory();
  const users = path.join(directory, 'users');
  const accounts = path.join(directory, 'accounts');
  const name = String.raw`EXAMPLE\dave`;
  writeFileSync(users, `${name}:${await hashPassword('password')}\n`);
  writeFileSync(accounts, `${name}:${accountValue(ntHash('password'))}\n`);
  const { port } = await startService(directory, ['--port', '0']);
  const start = (...args: readonly string[]): ReturnType<typeof startService> =>
    startService(directory, ['--port', port, ...args]);
  await start(...SERVER);
  await start(...SERVER, '--client-ca', pki.ca);
  await start('--security', 'windows', '--accounts', accounts);
  await start('--security', 'username', ...SERVER.slice(2), '--users', users);
  const wanted = ['none', 'tls', 'tls, client certificate', 'windows', 'username'];
  const { registrations } = await statusOf(directory);
  expect(registrations.map(({ security }) => security)).toEqual(wanted);
});

test('status shows no key', async () => {
  const directory = privateDirectory();
  await startService(directory, ['--port', '0', ...SERVER]);
  const { stdout } = await runCommand(PORT_SHARING, ['status', '--json'], { directory });
  expect(stdout).not.toContain('PRIVATE KEY');
  const broken = ['--port', '0', ...TLS, '--certificate', pki.server.key, '--key', pki.server.key];
  const { status, stderr } = await runCommand(SERVICE, broken, { directory });
  expect({ status, isSilent: !stderr.includes('PRIVATE KEY') }).toMatchObject({ isSilent: true });
  expect(status).not.toBe(0);
});
