// The system's Kerberos, with a KDC of its own on loopback where one can be had.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { offerKerberos } from '../../../shared/security/negotiate/kerberos/acceptor.ts';
import {
  type KeytabEntry,
  parseKeytab,
} from '../../../shared/security/negotiate/kerberos/keytab.ts';
import { spnegoAcceptor } from '../../../shared/security/negotiate/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../shared/security/negotiate/spnego-initiator.ts';
import { Oid } from '../../../shared/security/negotiate/spnego-tokens.ts';
import { ReplayCache } from '../../../shared/security/replay-cache.ts';
import { negotiate } from '../../../shared/transport/negotiate/handshake.ts';
import {
  kerberosInitiator,
  type KerberosInitiatorOptions,
} from '../../../shared/transport/negotiate/kerberos-initiator.ts';
import { octets } from '../../helpers/octets.ts';
import { socketPair } from '../../helpers/network/socket-pair.ts';
import { type Realm, realmIsMissing, startRealm } from '../../interop/secured/realm.ts';
import { sleep } from '../../../shared/time.ts';

const NAMES = ['KRB5_CONFIG', 'KRB5CCNAME'] as const;
const NOTHING = octets('');

/** The library reads them of the process. */
function useSettings(env: NodeJS.ProcessEnv): void {
  for (const name of NAMES) process.env[name] = env[name];
}

const missing = realmIsMissing();
if (missing !== undefined) console.log(`skipped: Kerberos with a KDC: ${missing}`);

describe.skipIf(missing !== undefined)('with a KDC', () => {
  let realm: Realm;
  let keys: readonly KeytabEntry[];

  beforeAll(async () => {
    realm = await startRealm();
    await realm.addService('host/localhost', 'aes256-cts-hmac-sha1-96');
    await realm.addService('calc/localhost', 'aes128-cts-hmac-sha256-128');
    await realm.logIn('alice', 'secret-alice');
    keys = parseKeytab(await realm.keytab('host/localhost', 'calc/localhost'), 'test');
    useSettings(realm.env);
  });
  afterAll(() => realm.stop());

  async function talk(options: KerberosInitiatorOptions): Promise<string> {
    const initiator = await kerberosInitiator(options);
    const [one, two] = await socketPair();
    try {
      const kerberos = {
        keys: () => keys,
        replays: new ReplayCache(),
        protection: 'seal',
      } as const;
      const [client, service] = await Promise.all([
        negotiate(one, NOTHING, 'initiator', spnegoInitiator(Oid.Kerberos, initiator.mechanism)),
        negotiate(two, NOTHING, 'acceptor', spnegoAcceptor([offerKerberos(kerberos)])),
      ]);
      client.stream.write('ping');
      expect(String((await once(service.stream, 'data'))[0])).toBe('ping');
      service.stream.write('pong');
      expect(String((await once(client.stream, 'data'))[0])).toBe('pong');
      return service.peer?.name ?? '';
    } finally {
      initiator.release();
    }
  }

  test.for<[string, KerberosInitiatorOptions]>([
    ['who has logged in', { servicePrincipalName: 'host/localhost' }],
    ['by the name as it stands', { servicePrincipalName: 'calc/localhost@TEST.LOCAL' }],
    [
      'with a password',
      {
        servicePrincipalName: 'host/localhost',
        login: { userName: 'alice@TEST.LOCAL', password: 'secret-alice' },
      },
    ],
  ])('alice is let in: %s', async ([, options]) => {
    expect(await talk(options)).toBe('alice@TEST.LOCAL');
  });

  test('many at a time share one ticket', async () => {
    const all = Array.from({ length: 20 }, () => talk({ servicePrincipalName: 'host/localhost' }));
    expect(new Set(await Promise.all(all))).toEqual(new Set(['alice@TEST.LOCAL']));
  });

  const login = { userName: 'alice@TEST.LOCAL', password: 'marker-of-a-password' };
  test.for<[string, KerberosInitiatorOptions, RegExp]>([
    [
      'a name that nobody has',
      { servicePrincipalName: 'none/localhost' },
      /none\/localhost: .*give the service’s as servicePrincipalName/,
    ],
    [
      'a wrong password',
      { servicePrincipalName: 'host/localhost', login },
      /The password is wrong\.$/,
    ],
    [
      'a user who does not exist',
      { servicePrincipalName: 'host/localhost', login: { ...login, userName: 'zoe@TEST.LOCAL' } },
      /The realm does not know zoe@TEST.LOCAL\.$/,
    ],
  ])('%s: no ticket, and what to do', async ([, options, why]) => {
    const outcome = await kerberosInitiator(options).catch((error: unknown) => error);
    expect(outcome).toMatchObject({
      code: 'SecurityNegotiation',
      message: expect.stringMatching(why),
    });
    expect(JSON.stringify(outcome, Object.getOwnPropertyNames(outcome))).not.toContain('marker');
  });

  test('who has not logged in is told to', async () => {
    useSettings({ ...realm.env, KRB5CCNAME: 'FILE:/nonexistent/cache' });
    onTestFinished(() => useSettings(realm.env));
    await expect(kerberosInitiator({ servicePrincipalName: 'host/localhost' })).rejects.toThrow(
      'Log in (kinit), or give userName and password.',
    );
  });

  test('who has a ticket that has expired is told to log in again', async () => {
    useSettings(await realm.expiredTicket('alice', 'secret-alice'));
    onTestFinished(() => useSettings(realm.env));
    const asked = kerberosInitiator({ servicePrincipalName: 'host/localhost' });
    await expect(asked).rejects.toMatchObject({
      code: 'SecurityNegotiation',
      message: expect.stringMatching(/^There is no Kerberos ticket for host\/localhost: .*Log in/),
    });
  });

  test('a caller who gives up before its turn asks no KDC', async () => {
    await expect(
      kerberosInitiator({ servicePrincipalName: 'host/localhost' }, () => false),
    ).rejects.toThrow('it is no longer wanted');
  });
});

test.skipIf(process.platform !== 'linux')('a KDC that says nothing holds nobody up', async () => {
  const directory = temporaryDirectory();
  const kdc = createServer(() => {}).listen(0, '127.0.0.1');
  await once(kdc, 'listening');
  const { port } = kdc.address() as AddressInfo;
  const settings = join(directory, 'krb5.conf');
  writeFileSync(
    settings,
    `[libdefaults]
  default_realm = SILENT.LOCAL
  dns_lookup_kdc = false
  udp_preference_limit = 1
[realms]
  SILENT.LOCAL = {
    kdc = 127.0.0.1:${port}
  }
`,
  );
  onTestFinished(() => {
    kdc.close();
    removeDirectory(directory);
  });
  useSettings({ KRB5_CONFIG: settings, KRB5CCNAME: 'MEMORY:silent' });
  const login = { userName: 'alice@SILENT.LOCAL', password: 'secret' };
  const asked = once(kdc, 'connection');
  const ticket = kerberosInitiator({ servicePrincipalName: 'host/localhost', login });
  const isOver = ticket.then(
    () => 'over',
    () => 'over',
  );
  // Called on Node's own thread, the library would give up before we see that it asks.
  const [socket] = await Promise.race([asked, isOver]);
  expect(socket).toBeInstanceOf(Socket);
  await expectGoesOn();
  // The library would try for 25 s; a KDC that goes away ends that.
  kdc.close();
  kdc.on('connection', (again) => again.destroy());
  socket.destroy();
  await expect(ticket).rejects.toThrow('Look at the realm’s kdc in krb5.conf');
});

/**
 * The event loop is held up for a twentieth of the time at most. A busy machine may stop the whole process for as
 * long, so that one second of some has to be as it should.
 */
async function expectGoesOn(): Promise<void> {
  const parts: number[] = [];
  while (parts.length < 5) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const begun = performance.now();
    delay.enable();
    await sleep(1_000);
    delay.disable();
    const part = delay.max / 1e6 / (performance.now() - begun);
    if (part <= 1 / 20) return;
    parts.push(part);
  }
  expect.fail(`the longest delays are these parts of the waits: ${parts.join(', ')}`);
}
