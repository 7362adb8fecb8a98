// Who is refused is told to whoever runs the service: by name, on one line that no terminal obeys, once in a session,
// and never with a secret.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  ICalculator,
  NetTcpBinding,
  ServiceHost,
  type ServiceHostOptions,
} from '../../shared/index.ts';
import { hashPassword } from '../../shared/security/password-hash.ts';
import { CLIENT, privateDirectory, runCommand, startService } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { expectHarmless, HOSTILE } from '../helpers/hostile-text.ts';
import { factoryFor, makeCertificates, openHost } from './tls/secured.ts';
import { type Kind, kerberosIsMissing, KINDS, makeKind } from './wired-kinds.ts';

vi.setConfig({ testTimeout: 60_000 });
if (kerberosIsMissing !== undefined) console.log(`skipped: Kerberos: ${kerberosIsMissing}`);

const USER_NAME = { mode: 'TransportWithMessageCredential' } as const;
const pki = makeCertificates();

/** A service of one kind that tells what it refuses. */
async function refusing(
  { security, service, close }: Kind,
  options: ServiceHostOptions,
): Promise<{ readonly address: string; readonly told: string[] }> {
  onTestFinished(async () => await close?.());
  const told: string[] = [];
  const onConnectionError = ({ message }: Error): number => told.push(message);
  const [, address] = await openHost(security, {
    credentials: service,
    onConnectionError,
    ...options,
  });
  return { address, told };
}

const DECISIONS: Readonly<Record<string, ServiceHostOptions['authorize']>> = {
  'authorize, at once': () => false,
  'authorize, later': async () => false,
};

test.for(KINDS.flatMap((kind) => Object.keys(DECISIONS).map((how) => [kind, how] as const)))(
  '%s, %s: each call is asked about, and who may not call is told of once in a session',
  async ([name, how]) => {
    const kind = await makeKind(name);
    const authorize = vi.fn(DECISIONS[how]);
    const { address, told } = await refusing(kind, { authorize });
    const encodings = name === 'username' ? (['soap'] as const) : (['msgpack', 'soap'] as const);
    for (const encoding of encodings) {
      told.length = 0;
      authorize.mockClear();
      const proxy = factoryFor(kind.security, kind.client(0), { encoding }).createChannel(address);
      for (let call = 1; call <= 3; call++) {
        const denied = { code: 'SecurityAccessDenied', message: 'Access is denied.' };
        await expect(proxy.Add(1, 2)).rejects.toMatchObject(denied);
        expect(authorize).toHaveBeenCalledTimes(call);
      }
      await proxy.close();
      const who = name === 'tls' ? 'A caller who does not say who he is' : kind.callers.source;
      expect(told).toEqual([expect.stringMatching(/ may not call Add at .*: access is denied\.$/)]);
      if (name === 'tls') expect(told.join()).toContain(who);
      else expect(told.join()).toMatch(/^(?:CN=alice; |DOM\\user-|alice@TEST\.LOCAL |user-\d)/);
    }
  },
);

test('in the clear each call is asked about, too', async () => {
  const authorize = vi.fn(() => false);
  const told: string[] = [];
  const host = new ServiceHost(new NetTcpBinding(), {
    authorize,
    onConnectionError: ({ message }) => told.push(message),
  });
  const Add = (n1: number, n2: number): number => n1 + n2;
  const calculator = { Add, Subtract: Add, Multiply: Add, Divide: Add };
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc');
  await host.open();
  onTestFinished(() => host.abort());
  const proxy = factoryFor({ mode: 'None' }, {}).createChannel(host.addresses[0] ?? '');
  for (const call of [1, 2]) {
    await expect(proxy.Add(1, 2)).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
    expect(authorize).toHaveBeenCalledTimes(call);
  }
  await proxy.close();
  expect(told).toHaveLength(1);
});

describe('a user name', () => {
  test.for<[string, string]>([
    ['that is hostile', HOSTILE.replaceAll(/[:\p{Cc}]/gu, '')],
    ['that is long', 'x'.repeat(250)],
  ])('%s is told on one line that no terminal obeys', async ([, name]) => {
    const users = path.join(pki.directory, `users-${name.length}`);
    writeFileSync(users, `${name.trim()}:${await hashPassword('right')}\n`);
    const told: string[] = [];
    const [, address] = await openHost(USER_NAME, {
      credentials: { ...pki.server, users },
      onConnectionError: ({ message }) => told.push(message),
    });
    const guess = { ca: pki.ca, userName: name.trim(), password: 'MARKER' };
    const call = factoryFor(USER_NAME, guess).createChannel(address).Add(1, 2);
    await expect(call).rejects.toMatchObject({ code: 'MessageSecurity' });
    await eventually(() =>
      expect(told.join()).toContain('user name or the password of the client'),
    );
    for (const line of told) {
      expect(line.length).toBeLessThan(1_000);
      expectHarmless(line);
      expect(line).not.toMatch(/\n|MARKER/);
    }
  });

  test('that is denied is told on such a line', async () => {
    const told: string[] = [];
    const [, address] = await openHost(USER_NAME, {
      credentials: { ...pki.server, validateUserName: () => true },
      allow: ['dave'],
      onConnectionError: ({ message }) => told.push(message),
    });
    const userName = HOSTILE.replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/gu, '');
    const login = { ca: pki.ca, userName, password: 'MARKER' };
    const call = factoryFor(USER_NAME, login).createChannel(address).Add(1, 2);
    await expect(call).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
    expect(told).toEqual([expect.stringContaining('(username), at ')]);
    expectHarmless(told.join());
    expect(told.join()).not.toMatch(/\n|MARKER/);
  });
});

test('the command says who was refused, and not more than so many lines', async () => {
  const directory = privateDirectory();
  const users = path.join(directory, 'users');
  const [right, wrong] = ['right', 'wrong'].map((word) => path.join(directory, word));
  for (const word of ['right', 'wrong']) writeFileSync(path.join(directory, word), `${word}\n`);
  writeFileSync(
    users,
    `dave:${await hashPassword('right')}\nfrank:${await hashPassword('right')}\n`,
  );
  const { certificate, key } = pki.server;
  const words = ['--certificate', certificate, '--key', key, '--users', users, '--allow', 'frank'];
  const started = await startService(directory, [
    '--port',
    '0',
    '--no-port-sharing',
    '--security',
    'username',
    ...words,
  ]);
  const { service, number, port } = started;
  const call = (user: string, file = ''): ReturnType<typeof runCommand> => {
    const login = ['--security', 'username', '--user', user, '--password-file', file];
    return runCommand(CLIENT, ['--port', port, ...login, '--ca', pki.ca, number, 'add', '1', '2']);
  };
  expect(await call('frank', right)).toMatchObject({ status: 0 });
  expect(service.stderr).toBe('');
  expect(await call('dave', right)).toMatchObject({ status: 87 });
  expect(await call('dave', wrong)).toMatchObject({ status: 86 });
  expect(await call('MARKER', wrong)).toMatchObject({ status: 86 });
  await eventually(() => expect(service.stderr.trim().split('\n')).toHaveLength(3));
  const lines = service.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const says = (text: string): unknown => ({
    event: 'warning',
    message: expect.stringContaining(text),
  });
  expect(lines).toEqual([
    says('dave (username), at '),
    says('is refused: dave.'),
    says('so the name is not shown'),
  ]);
  expect(service.stderr).not.toMatch(/MARKER|wrong/);
});
