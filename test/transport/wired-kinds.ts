/** Services with security of each kind, and the clients that they let in: what is changed on the way of a session. */
import { Authority, readIssued } from '../../scripts/certificates.ts';
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';
import type { ClientCredentials, ServiceHostOptions } from '../../shared/index.ts';
import { accountValue } from '../../shared/security/accounts.ts';
import { ntHash } from '../../shared/security/negotiate/ntlm/hashes.ts';
import { realmIsMissing, startRealm } from '../interop/secured/realm.ts';
import { type Security, TRANSPORT } from './tls/modes.ts';

/** More than there are cases: each has a user of its own, so that none is slowed down for another's failures. */
export const USERS = 1_000;
const PASSWORD = 'secret';
const WINDOWS: Security = { mode: 'Transport' };

export interface Kind {
  readonly security: Security;
  readonly service: NonNullable<ServiceHostOptions['credentials']>;
  readonly client: (user: number) => ClientCredentials;
  /** Whom the service may see. */
  readonly callers: RegExp;
  /** Ends what it has started. */
  readonly close?: () => Promise<void>;
}

const MAKERS = {
  tls: () => {
    const { ca, server } = certificates();
    return {
      security: TRANSPORT.none,
      service: server,
      client: () => ({ ca }),
      callers: /^anonymous $/,
    };
  },
  'tls, client certificate': () => {
    const { ca, server, alice } = certificates();
    return {
      security: TRANSPORT.certificate,
      service: { ...server, clientCa: ca },
      client: () => ({ ca, ...alice }),
      callers: /^certificate CN=alice; /,
    };
  },
  ntlm: () => {
    const value = accountValue(ntHash(PASSWORD));
    const accounts = Array.from({ length: USERS }, (_, user) => `DOM\\user-${user}:${value}\n`);
    return {
      security: WINDOWS,
      service: { accounts: new TextEncoder().encode(accounts.join('')) },
      client: (user) => ({ userName: `DOM\\user-${user}`, password: PASSWORD }),
      callers: /^ntlm DOM\\user-\d+$/,
    };
  },
  kerberos: makeKerberos,
  username: () => {
    const { ca, server } = certificates();
    return {
      security: { mode: 'TransportWithMessageCredential' },
      service: { ...server, validateUserName: (_name, word) => word === PASSWORD },
      client: (user) => ({ ca, userName: `user-${user}`, password: PASSWORD }),
      callers: /^username user-\d+$/,
    };
  },
} as const satisfies Readonly<Record<string, () => Kind | Promise<Kind>>>;

export type KindName = keyof typeof MAKERS;

/** Why there is no Kerberos here, or `undefined`. */
export const kerberosIsMissing = realmIsMissing();

/** Those that this machine can have. */
export const KINDS = (Object.keys(MAKERS) as KindName[]).filter(
  (name) => name !== 'kerberos' || kerberosIsMissing === undefined,
);

/** Certificates, accounts or a realm are made for it alone. */
export async function makeKind(name: KindName): Promise<Kind> {
  return await MAKERS[name]();
}

/** With a KDC on loopback, whose settings the system's library reads of this process's environment. */
async function makeKerberos(): Promise<Kind> {
  const realm = await startRealm();
  try {
    await realm.addService('host/localhost', 'aes256-cts-hmac-sha1-96');
    await realm.logIn('alice', 'secret-alice');
    const keytab = await realm.keytab('host/localhost');
    for (const name of ['KRB5_CONFIG', 'KRB5CCNAME']) process.env[name] = realm.env[name];
    return {
      security: WINDOWS,
      service: { keytab },
      client: () => ({}),
      callers: /^kerberos alice@TEST\.LOCAL$/,
      close: () => realm.stop(),
    };
  } catch (error) {
    await realm.stop();
    throw error;
  }
}

function certificates() {
  const directory = temporaryDirectory();
  try {
    const authority = new Authority(directory);
    const { certificate: ca } = readIssued({ certificate: authority.path, key: authority.path });
    return {
      ca,
      server: readIssued(authority.issue('server', { name: 'localhost' })),
      alice: readIssued(authority.issue('alice', { name: 'alice', usage: 'clientAuth' })),
    };
  } finally {
    removeDirectory(directory);
  }
}
