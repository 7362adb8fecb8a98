// Windows credentials, as users of the library have them: NTLM with accounts of the test's own, Kerberos with a
// KDC on loopback where one can be had.
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import {
  type ClientCredentials,
  NetTcpBinding,
  ServiceHost,
  type ServiceHostOptions,
} from '../../../shared/index.ts';
import { accountValue } from '../../../shared/security/accounts.ts';
import { ntHash } from '../../../shared/security/negotiate/ntlm/hashes.ts';
import { createNegotiateService } from '../../../shared/transport/negotiate/service.ts';
import { eventually } from '../../helpers/eventually.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { type Realm, realmIsMissing, startRealm } from '../../interop/secured/realm.ts';
import { countConnections, factoryFor, openHost } from '../tls/secured.ts';

const WINDOWS = { mode: 'Transport' } as const;
const MARKER = 'marker-of-a-password';
const CAROL = { userName: 'TESTDOM\\carol', password: MARKER };

function accountsFile(password = MARKER): string {
  const file = join(temporaryDirectory(), 'accounts');
  writeFileSync(file, accountsOf(password));
  return file;
}

function accountsOf(password: string): string {
  return `TESTDOM\\carol:${accountValue(ntHash(password))}\n`;
}

const FORMS = [
  { encoding: 'msgpack', transferMode: 'buffered' },
  { encoding: 'soap', transferMode: 'buffered' },
  { encoding: 'soap', transferMode: 'streamed' },
] as const;

/** Calls by four channels, and who the service saw. */
async function talk(
  form: (typeof FORMS)[number],
  options: ServiceHostOptions,
  credentials: ClientCredentials,
): Promise<string> {
  const callers = new Set<string>();
  const [host, address] = await openHost(WINDOWS, {
    ...options,
    authorize({ kind, name }) {
      callers.add(`${kind} ${name}`);
      return true;
    },
  });
  const connections = countConnections();
  const factory = factoryFor(WINDOWS, credentials, form);
  for (let session = 0; session < 4; session++) {
    await using proxy = factory.createChannel(address);
    const calls = Array.from({ length: 20 }, (_, index) => proxy.Add(index, session));
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => index + session));
  }
  // As over TLS, a connection carries session after session, each with a handshake of its own.
  if (form.transferMode === 'buffered') expect(connections()).toBe(1);
  factory.close();
  await host.close();
  return [...callers].join();
}

describe.for(FORMS)('over NTLM, $encoding $transferMode', (form) => {
  test('calls are answered, and the service knows who calls', async () => {
    const credentials = { accounts: accountsFile() };
    expect(await talk(form, { credentials }, CAROL)).toBe('ntlm TESTDOM\\carol');
  });
});

const missing = realmIsMissing();
if (missing !== undefined) console.log(`skipped: Kerberos with a KDC: ${missing}`);

describe.skipIf(missing !== undefined)('over Kerberos', () => {
  let realm: Realm;
  let keytab: Uint8Array;

  beforeAll(async () => {
    realm = await startRealm();
    await realm.addService('host/localhost', 'aes256-cts-hmac-sha1-96');
    await realm.addService('calc/localhost', 'aes256-cts-hmac-sha384-192');
    await realm.addService('other/localhost', 'aes256-cts-hmac-sha1-96');
    await realm.logIn('alice', 'secret-alice');
    keytab = await realm.keytab('host/localhost', 'calc/localhost');
    // The library reads them of the process.
    for (const name of ['KRB5_CONFIG', 'KRB5CCNAME']) process.env[name] = realm.env[name];
  });
  afterAll(() => realm.stop());

  test.for(FORMS)('$encoding $transferMode', async (form) => {
    expect(await talk(form, { credentials: { keytab } }, {})).toBe('kerberos alice@TEST.LOCAL');
  });

  test.for<[string, ClientCredentials]>([
    ['by another name', { servicePrincipalName: 'calc/localhost' }],
    ['with a password', { userName: 'alice@TEST.LOCAL', password: 'secret-alice' }],
  ])('%s', async ([, credentials]) => {
    const [form] = FORMS;
    const options = { credentials: { keytab, accounts: accountsFile() } };
    expect(await talk(form, options, credentials)).toBe('kerberos alice@TEST.LOCAL');
  });

  test.for<[string, ClientCredentials, RegExp]>([
    ['a ticket for another', { servicePrincipalName: 'other/localhost' }, /service rejected/],
    ['a name of nobody', { servicePrincipalName: 'none/x' }, /no Kerberos ticket for none\/x/],
    ['a wrong password', { userName: 'alice@TEST.LOCAL', password: 'x' }, /password is wrong/],
    ['an account of NTLM', CAROL, /service rejected/],
  ])('%s costs one attempt', async ([, credentials, why]) => {
    await costsOneAttempt({ credentials: { keytab } }, credentials, why);
  });
});

/** A refusal is told once, to both sides, and says no secret. */
async function costsOneAttempt(
  options: ServiceHostOptions,
  credentials: ClientCredentials,
  why: RegExp,
): Promise<void> {
  const told: Error[] = [];
  const onConnectionError = (error: Error): void => void told.push(error);
  const [, address] = await openHost(WINDOWS, { ...options, onConnectionError });
  const connections = countConnections();
  const proxy = factoryFor(WINDOWS, credentials).createChannel(address);
  const error: unknown = await proxy.Add(1, 2).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'SecurityNegotiation',
    message: expect.stringMatching(why),
  });
  expect(connections()).toBe(1);
  await eventually(() => expect(told).toHaveLength(1));
  const shown = [error, ...told].map((one) => JSON.stringify(one, everyName(one))).join();
  expect(shown).not.toContain(credentials.password ?? MARKER);
  expect(shown).not.toContain(hex(ntHash(MARKER)));
}

function everyName(value: unknown): string[] {
  return Object.getOwnPropertyNames(value).concat('message', 'stack', 'cause');
}

test.for<[string, ClientCredentials]>([
  ['a wrong password', { ...CAROL, password: 'guess-of-a-password' }],
  ['nobody of that name', { ...CAROL, userName: 'TESTDOM\\mallory' }],
])('%s costs one attempt', async ([, credentials]) => {
  const options = { credentials: { accounts: accountsFile() } };
  await costsOneAttempt(options, credentials, /service rejected the credential/);
});

test('who is not among those allowed is told that access is denied', async () => {
  const credentials = { accounts: accountsFile() };
  const [, address] = await openHost(WINDOWS, { credentials, allow: ['TESTDOM\\dave'] });
  await using proxy = factoryFor(WINDOWS, CAROL).createChannel(address);
  await expect(proxy.Add(1, 2)).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
});

test('accounts are read again, and running sessions go on', async () => {
  const accounts = accountsFile('old');
  const [, address] = await openHost(WINDOWS, { credentials: { accounts } });
  const factory = factoryFor(WINDOWS, { ...CAROL, password: 'old' });
  await using before = factory.createChannel(address);
  expect(await before.Add(1, 2)).toBe(3);
  writeFileSync(`${accounts}.new`, accountsOf('new'));
  renameSync(`${accounts}.new`, accounts);
  await eventually(async () => {
    await using after = factoryFor(WINDOWS, { ...CAROL, password: 'new' }).createChannel(address);
    expect(await after.Add(1, 2)).toBe(3);
  });
  expect(await before.Add(3, 4)).toBe(7);
});

/** Preamble for `address`, then the upgrade request, in the clear. */
function opening(address: string, upgrade = 'application/negotiate'): Buffer {
  const record = (type: number, text: string): Buffer =>
    Buffer.concat([Buffer.of(type, text.length), Buffer.from(text)]);
  return Buffer.concat([
    Buffer.from('0001000102', 'hex'),
    record(2, address),
    Buffer.from('0308', 'hex'),
    record(9, upgrade),
  ]);
}

test.for<[string, Uint8Array, RegExp]>([
  ['silence after the answer', octets(''), /^0a$/],
  ['half a header of a token', octets('1601'), /^0a$/],
  ['half a token', octets('16010002f6 6082'), /^0a$/],
  ['the end of a preamble in the clear', octets('0c'), /^0a1501000008/],
  ['a message in the clear', octets('0c0603010203'), /^0a1501000008/],
])('%s: over by the deadline of the preamble, and no answer', async ([, bytes, answer]) => {
  const preambleTimeoutMs = 700;
  const credentials = { accounts: accountsFile() };
  const [host, address] = await openHost(
    WINDOWS,
    { credentials },
    { limits: { preambleTimeoutMs } },
  );
  const socket = connect(Number(new URL(address.replace('net.tcp', 'http')).port), 'localhost');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const chunks: Uint8Array[] = [];
  socket.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  socket.write(opening(address));
  await once(socket, 'data');
  socket.write(bytes);
  await once(socket, 'close');
  expect(hex(Buffer.concat(chunks))).toMatch(answer);
  await eventually(() => expect(host.connectionCount).toBe(0));
});

test.for<[string, string, string]>([
  ['with a line that is none', accountsOf(MARKER).replace(':', ''), 'line 1 is not of the form'],
  ['cut to nothing', '', 'it names nobody'],
  ['with comments alone', `# ${accountsOf(MARKER)}`, 'it names nobody'],
])(
  'accounts %s leave the old ones in use, and the notice says no secret',
  async ([, text, why]) => {
    const notices: string[] = [];
    const accounts = accountsFile();
    const upgrade = await createNegotiateService({ accounts }, (text) => void notices.push(text));
    onTestFinished(() => upgrade.close?.());
    writeFileSync(accounts, text);
    await eventually(() => expect(notices).toHaveLength(1));
    expect(notices[0]).toContain(`"${accounts}" (credentials.accounts) cannot be used: `);
    expect(notices[0]).toContain(why);
    expect(notices[0]).toContain('. What was read before stays in use.');
    expect(notices[0]).not.toContain(hex(ntHash(MARKER)));
  },
);

test('a host needs to know one way in', () => {
  const binding = new NetTcpBinding({ security: WINDOWS });
  expect(() => new ServiceHost(binding)).toThrow(
    'needs keytab (for Kerberos), accounts (for NTLM)',
  );
});

test.for<[string, ClientCredentials]>([
  ['a name without a password', { userName: 'carol' }],
  ['a password without a name', { password: 'secret' }],
])('%s is refused', ([, credentials]) => {
  expect(() => factoryFor(WINDOWS, credentials)).toThrow('give both or neither');
});
