// Services with security behind a route: the daemon relays what it cannot read.
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type ClientCredentials,
  ICalculator,
  NetTcpBinding,
  type NetTcpBindingOptions,
  ServiceHost,
  type ServiceHostOptions,
} from '../../../../shared/index.ts';
import { accountValue } from '../../../../shared/security/accounts.ts';
import { ntHash } from '../../../../shared/security/negotiate/ntlm/hashes.ts';
import {
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../../../helpers/command.ts';
import {
  countConnections,
  factoryFor,
  makeCertificates,
  TRANSPORT,
} from '../../../transport/tls/secured.ts';

interface Kind {
  readonly security: NonNullable<NetTcpBindingOptions['security']>;
  readonly service: NonNullable<ServiceHostOptions['credentials']>;
  readonly right: ClientCredentials;
  readonly wrong: ClientCredentials;
  /** Whom the service sees. */
  readonly caller: string;
  /** The code for `wrong`. */
  readonly refused: string;
}

const KINDS = ['tls', 'tls, client certificate', 'windows', 'username'] as const;
let kinds: Readonly<Record<(typeof KINDS)[number], Kind>>;
beforeAll(() => {
  const { server, ca, foreignCa, alice, stranger } = makeCertificates();
  const accounts = `DOM\\carol:${accountValue(ntHash('secret'))}\n`;
  const validateUserName = (name: string, word: string): boolean => word === `secret-${name}`;
  kinds = {
    tls: {
      security: TRANSPORT.none,
      service: server,
      right: { ca },
      wrong: { ca: foreignCa },
      caller: 'anonymous ',
      refused: 'SecurityNegotiation',
    },
    'tls, client certificate': {
      security: TRANSPORT.certificate,
      service: { ...server, clientCa: ca },
      right: { ca, ...alice },
      wrong: { ca, ...stranger },
      caller: 'certificate CN=alice',
      refused: 'SecurityNegotiation',
    },
    windows: {
      security: { mode: 'Transport' },
      service: { accounts: new TextEncoder().encode(accounts) },
      right: { userName: 'DOM\\carol', password: 'secret' },
      wrong: { userName: 'DOM\\carol', password: 'guess' },
      caller: 'ntlm DOM\\carol',
      refused: 'SecurityNegotiation',
    },
    username: {
      security: { mode: 'TransportWithMessageCredential' },
      service: { ...server, validateUserName },
      right: { ca, userName: 'dave', password: 'secret-dave' },
      wrong: { ca, userName: 'dave', password: 'guess' },
      caller: 'username dave',
      refused: 'MessageSecurity',
    },
  };
});

/** Starts a service behind a route of `port`, which adds `more` to sums. @returns its address at that port */
async function behindRoute(
  { security, service }: Kind,
  {
    directory,
    port,
    path,
    more = 0,
  }: { directory: string; port: string; path: string; more?: number },
  seen = new Set<string>(),
): Promise<string> {
  const host = new ServiceHost(new NetTcpBinding({ security }), {
    credentials: service,
    authorize: ({ kind, name }) => seen.add(`${kind} ${name}`).size > 0,
  });
  const Add = (n1: number, n2: number): number => n1 + n2 + more;
  const calculator = { Add, Subtract: Add, Multiply: Add, Divide: Add };
  // In SOAP, clients say the address that they know.
  const options = { addressFilterMode: 'any' } as const;
  host.addEndpoint(ICalculator, calculator, `net.tcp://localhost:0${path}`, options);
  await host.open();
  onTestFinished(() => host.abort());
  const target = `127.0.0.1:${/:(\d+)\//.exec(host.addresses[0] ?? '')?.[1]}`;
  const args = ['route', 'add', path, target, '--port', port];
  expect(await runCommand(PORT_SHARING, args, { directory })).toMatchObject({ status: 0 });
  return `net.tcp://localhost:${port}${path}`;
}

describe.for(['hand-over', 'relay'])('a daemon with %s', (transfer) => {
  test('brings clients to a service with security, and wrong credentials are refused there', async () => {
    const directory = privateDirectory();
    const env = { NET_TCP_PORT_SHARING_TRANSFER: transfer };
    const { port } = await startService(directory, ['--port', '0'], env);
    for (const [index, name] of KINDS.entries()) {
      const kind = kinds[name];
      const seen = new Set<string>();
      const address = await behindRoute(kind, { directory, port, path: `/of/${index}` }, seen);
      for (const transferMode of ['buffered', 'streamed'] as const) {
        const form = { encoding: 'soap', transferMode } as const;
        await using proxy = factoryFor(kind.security, kind.right, form).createChannel(address);
        expect(await proxy.Add(1, 2), name).toBe(3);
      }
      expect([...seen].join(), name).toContain(kind.caller);
      const connections = countConnections();
      const refused = factoryFor(kind.security, kind.wrong).createChannel(address).Add(1, 2);
      await expect(refused, name).rejects.toMatchObject({ code: kind.refused });
      expect(connections(), name).toBe(1);
    }
  });
});

test('a client without the certificate that is wanted learns so at once, through a relay, too', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const kind = kinds['tls, client certificate'];
  const without = kinds.tls.right;
  const address = await behindRoute(kind, { directory, port, path: '/wants' });
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const security = { ...TRANSPORT.none, tls: { minVersion: version, maxVersion: version } };
    for (let time = 0; time < 10; time++) {
      const connections = countConnections();
      const call = factoryFor(security, without).createChannel(address).Add(1, 2);
      await expect(call).rejects.toMatchObject({ code: 'SecurityNegotiation' });
      expect(connections(), version).toBe(1);
    }
  }
});

test.for(['tls', 'username'] as const)(
  '%s: a connection that is used again reaches the service of each session',
  async (name) => {
    const directory = privateDirectory();
    const { port } = await startService(directory);
    const kind = kinds[name];
    const first = await behindRoute(kind, { directory, port, path: '/first' });
    const second = await behindRoute(kind, { directory, port, path: '/second', more: 10 });
    // However busy the machine is, no other connection is tried in place of the kept one.
    const limits = { keptAckTimeoutMs: 60_000 };
    const connections = countConnections();
    const factory = factoryFor(kind.security, kind.right, { limits });
    for (const [address, sum] of [
      [first, 3],
      [second, 13],
      [second, 13],
      [first, 3],
    ] as const) {
      await using proxy = factory.createChannel(address);
      expect(await proxy.Add(1, 2)).toBe(sum);
    }
    expect(connections()).toBe(1);
  },
);
