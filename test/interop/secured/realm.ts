import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../../scripts/free-port.ts';
import { RunningProcess } from '../../../scripts/process.ts';
import { output } from '../../../scripts/run.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { sleep } from '../../../shared/time.ts';

const PROGRAMS = [
  '/usr/sbin/krb5kdc',
  '/usr/sbin/kdb5_util',
  '/usr/sbin/kadmin.local',
  '/usr/bin/kinit',
];
const REALM = 'TEST.LOCAL';
const SETTINGS = ['KRB5_CONFIG', 'KRB5CCNAME'] as const;

/** A realm of its own, with a KDC on loopback and everything in a private directory. */
export interface Realm {
  readonly name: string;
  /** For programs that are to use it. */
  readonly env: NodeJS.ProcessEnv;
  /** Accounts of NTLM, for a client that is to have both. */
  readonly ntlmAccounts: string;
  /** Makes a service, with a key of that type only (`aes256-cts-hmac-sha1-96`), and sessions. */
  addService(name: string, encryption: string, ofSessions?: string): Promise<void>;
  /** A user, whose ticket is then in the cache of `env`. */
  logIn(name: string, password: string): Promise<void>;
  /** A ticket of the user's that has expired. @returns the environment that has it */
  expiredTicket(name: string, password: string): Promise<NodeJS.ProcessEnv>;
  /** A keytab with the services' keys. */
  keytab(...services: readonly string[]): Promise<Uint8Array>;
  /** Writes the keytab to a file of the realm's. */
  keytabFile(...services: readonly string[]): Promise<string>;
  /** Runs something of this process with the realm's settings, which the system's library reads of its environment. */
  use<T>(run: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Why no realm can be made here, or `undefined`. */
export function realmIsMissing(): string | undefined {
  const missing = PROGRAMS.filter((program) => !existsSync(program));
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')}: not installed (test/interop/secured/install.sh installs them)`;
}

export async function startRealm(): Promise<Realm> {
  const directory = temporaryDirectory();
  const port = await freePort();
  const at = (name: string): string => join(directory, name);
  await writeFile(at('krb5.conf'), clientSettings(directory, port));
  await writeFile(at('kdc.conf'), kdcSettings(directory, port));
  await writeFile(at('kadm5.acl'), '');
  await writeFile(at('accounts'), 'TESTDOM:alice:secret-alice\n');
  const env = {
    ...process.env,
    KRB5_CONFIG: at('krb5.conf'),
    KRB5_KDC_PROFILE: at('kdc.conf'),
    KRB5CCNAME: `FILE:${at('cache')}`,
  };
  const admin = (...query: readonly string[]): Promise<unknown> =>
    output(['/usr/sbin/kadmin.local', '-r', REALM, '-q', query.join(' ')], { env });
  const database = ['create', '-s', '-r', REALM, '-P', 'of-the-database'];
  await output(['/usr/sbin/kdb5_util', ...database], { env });
  const kdc = new RunningProcess(['/usr/sbin/krb5kdc', '-n', '-r', REALM], { env });
  await listening(port);
  let keytabs = 0;
  const keytabFile = async (...services: readonly string[]): Promise<string> => {
    const file = at(`keytab-${keytabs++}`);
    await admin('ktadd', '-norandkey', '-k', file, ...services);
    return file;
  };
  return {
    name: REALM,
    env,
    ntlmAccounts: at('accounts'),
    addService: async (name, encryption, ofSessions = encryption) => {
      await admin('addprinc', '-randkey', '-e', `${encryption}:normal`, name);
      await admin('setstr', name, 'session_enctypes', ofSessions);
    },
    logIn: async (name, password) => {
      await admin('addprinc', '-pw', password, name);
      await output(['/usr/bin/kinit', name], { env, input: `${password}\n` });
    },
    expiredTicket: async (name, password) => {
      const brief = { ...env, KRB5CCNAME: `FILE:${at('expired')}` };
      await output(['/usr/bin/kinit', '-l', '1s', name], { env: brief, input: `${password}\n` });
      // Times of tickets are whole seconds.
      await sleep(2_500);
      return brief;
    },
    keytab: async (...services) => readFile(await keytabFile(...services)),
    keytabFile,
    use: async (run) => {
      const before = SETTINGS.map((name) => [name, process.env[name]] as const);
      for (const name of SETTINGS) process.env[name] = env[name];
      try {
        return await run();
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = value;
        }
      }
    },
    stop: async () => {
      await kdc.stop('SIGTERM');
      removeDirectory(directory);
    },
  };
}

function clientSettings(directory: string, port: number): string {
  return `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  allow_weak_crypto = true
  permitted_enctypes = ${ENCRYPTIONS}
  default_keytab_name = FILE:${directory}/none
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${REALM}
`;
}

function kdcSettings(directory: string, port: number): string {
  return `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${directory}/principal
    key_stash_file = ${directory}/stash
    acl_file = ${directory}/kadm5.acl
    max_life = 10h 0m 0s
    supported_enctypes = aes256-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = FILE:${directory}/kdc.log
`;
}

/** All that are spoken, and the old one that is to be refused. */
const ENCRYPTIONS =
  'aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 arcfour-hmac';

async function listening(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
