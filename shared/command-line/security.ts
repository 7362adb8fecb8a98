// What command lines say about security: the service's, and the client's.
import { NetTcpError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { boundedLines } from '../printable.ts';
import { checkAllowed } from '../security/authorize.ts';
import type { ClientCredentials, ServiceCredentials } from '../security/credentials.ts';
import { PLAIN, type SecurityOptions, toSecurity } from '../security/settings.ts';

/** Which options go with which `--security`, of a service and of a client. */
const OF_SERVICE = {
  certificate: ['tls', 'username'],
  key: ['tls', 'username'],
  'client-ca': ['tls'],
  users: ['username'],
  keytab: ['windows'],
  accounts: ['windows'],
} as const;
const OF_CLIENT = {
  ca: ['tls', 'username'],
  certificate: ['tls'],
  key: ['tls'],
  user: ['windows', 'username'],
  'password-file': ['windows', 'username'],
  spn: ['windows'],
} as const;

const USER_NAMES: SecurityOptions = { mode: 'TransportWithMessageCredential' };

const WINDOWS: SecurityOptions = {
  mode: 'Transport',
  transport: { clientCredentialType: 'Windows' },
};

/** What a command line says about security: settings of the binding, and credentials. */
interface CommandSecurity<C> {
  /** `undefined` if `--security` is not given. */
  readonly security: SecurityOptions | undefined;
  readonly credentials: C;
}

/** {@link CommandSecurity} of a service. */
export interface ServiceSecurity extends CommandSecurity<ServiceCredentials> {
  /** Who may call; `undefined`: everybody. */
  readonly allow: readonly string[] | undefined;
}

/** {@link CommandSecurity} of a client. */
export interface ClientSecurity extends CommandSecurity<ClientCredentials> {
  /** File with the password; `undefined` if it is asked for. */
  readonly passwordFile: string | undefined;
}

interface ServiceValues {
  readonly security?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly clientCa?: string | undefined;
  readonly users?: string | undefined;
  readonly keytab?: string | undefined;
  readonly accounts?: string | undefined;
  readonly allow?: readonly string[] | undefined;
}

/** @throws {NetTcpError} `Usage` for what does not go together, and for an `--allow` that no caller can be */
export function serviceSecurity(values: ServiceValues): ServiceSecurity {
  const asked = readServiceSecurity(values);
  const { security, credentials, allow } = asked;
  if (allow !== undefined) {
    const hasAccounts = credentials.accounts !== undefined;
    checkAllowed('--allow', allow, toSecurity(security) ?? PLAIN, hasAccounts);
  }
  return asked;
}

function readServiceSecurity(values: ServiceValues): ServiceSecurity {
  const { security, certificate, key, clientCa, users, keytab, accounts, allow } = values;
  const options = { certificate, key, 'client-ca': clientCa, users, keytab, accounts };
  refuseMisplaced(options, OF_SERVICE, security);
  if (security === 'tls') {
    if (certificate === undefined || key === undefined) {
      const text =
        '--security tls needs the files of a certificate and its key: --certificate, --key.';
      throw new NetTcpError('Usage', text);
    }
    if (allow !== undefined && clientCa === undefined) {
      const text = '--allow needs to know who calls: with --security tls, add --client-ca.';
      throw new NetTcpError('Usage', text);
    }
    const credentials = given({ certificate, key, clientCa });
    return { security: tls(clientCa === undefined ? 'None' : 'Certificate'), credentials, allow };
  }
  if (security === 'username') {
    if (certificate === undefined || key === undefined || users === undefined) {
      const text =
        '--security username needs the files of a certificate, its key and the users: --certificate, --key, --users.';
      throw new NetTcpError('Usage', text);
    }
    return { security: USER_NAMES, credentials: given({ certificate, key, users }), allow };
  }
  if (security === 'windows') {
    if (keytab === undefined && accounts === undefined) {
      const text =
        '--security windows needs the file of a keytab, for Kerberos, or of accounts, for NTLM: --keytab, --accounts.';
      throw new NetTcpError('Usage', text);
    }
    return { security: WINDOWS, credentials: given({ keytab, accounts }), allow };
  }
  if (allow !== undefined) {
    const text =
      '--allow needs to know who calls: it goes with --security tls, windows or username.';
    throw new NetTcpError('Usage', text);
  }
  const none = security === undefined ? undefined : ({ mode: 'None' } as const);
  return { security: none, credentials: {}, allow };
}

interface ClientValues {
  readonly security: string;
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly spn?: string | undefined;
}

/** @throws {NetTcpError} `Usage` for what does not go together */
export function clientSecurity(values: ClientValues): ClientSecurity {
  const { security, ca, certificate, key, user, passwordFile, spn } = values;
  const options = { ca, certificate, key, user, 'password-file': passwordFile, spn };
  refuseMisplaced(options, OF_CLIENT, security);
  if (passwordFile !== undefined && user === undefined) {
    throw new NetTcpError('Usage', '--password-file needs a user name: --user.');
  }
  if (security === 'username') {
    if (user === undefined) {
      throw new NetTcpError('Usage', '--security username needs a user name: --user.');
    }
    return { security: USER_NAMES, credentials: given({ ca, userName: user }), passwordFile };
  }
  if (security === 'windows') {
    const credentials = given({ userName: user, servicePrincipalName: spn });
    return { security: WINDOWS, credentials, passwordFile };
  }
  if (security !== 'tls') return { security: { mode: 'None' }, credentials: {}, passwordFile };
  if ((certificate === undefined) !== (key === undefined)) {
    throw new NetTcpError('Usage', '--certificate and --key belong together.');
  }
  const credentials = given({ ca, certificate, key });
  return {
    security: tls(certificate === undefined ? 'None' : 'Certificate'),
    credentials,
    passwordFile,
  };
}

/** Refuses a service that other machines reach without a named security. @throws {NetTcpError} `Usage` */
export function checkNamed(isExposed: boolean, security: SecurityOptions | undefined): void {
  if (!isExposed || security !== undefined) return;
  const text =
    'Other machines will reach this service: say with --security how it is secured. --security tls needs --certificate and --key, and takes --client-ca; --security windows needs --keytab or --accounts; --security username needs --certificate, --key and --users; --security none leaves it open to all of them.';
  throw new NetTcpError('Usage', text);
}

/**
 * A warning for the person who starts a service: who may call it; `undefined` if none is needed.
 *
 * @param where names under which other machines reach it; empty if they do not
 */
export function whoMayCall(
  { credentials, allow }: ServiceSecurity,
  where: readonly string[],
): string | undefined {
  const { clientCa, users, keytab, accounts } = credentials;
  if (allow !== undefined) return undefined;
  if (keytab !== undefined) {
    return 'Everybody in the realm can get a ticket for this service and call it: name those who may with --allow.';
  }
  const isKnown = clientCa !== undefined || users !== undefined || accounts !== undefined;
  if (where.length === 0 || isKnown) return undefined;
  return `Every machine that reaches this one at ${where.join(' or ')} can now call it; there is no authentication.`;
}

const REFUSALS: ReadonlySet<unknown> = new Set([
  'SecurityNegotiation',
  'SecurityAccessDenied',
  'MessageSecurity',
]);

/**
 * Tells the person who runs a service which clients were refused and why: they themselves learn little of it. Of
 * connections that merely broke it says nothing.
 *
 * @returns what a host calls with each error of a connection
 */
export function refusalsTo(
  write: (line: string) => void,
  { maxErrorLinesPerSecond }: Pick<Limits, 'maxErrorLinesPerSecond'>,
): (error: Error) => void {
  const tell = boundedLines(maxErrorLinesPerSecond, write);
  return (error) => {
    if (error instanceof NetTcpError && REFUSALS.has(error.code)) tell(error.message);
  };
}

function tls(clientCredentialType: 'None' | 'Certificate'): SecurityOptions {
  return { mode: 'Transport', transport: { clientCredentialType } };
}

function refuseMisplaced<N extends string>(
  options: Readonly<Record<N, string | undefined>>,
  goesWith: Readonly<Record<N, readonly string[]>>,
  security = 'none',
): void {
  for (const name of Object.keys(options) as N[]) {
    if (options[name] === undefined || goesWith[name].includes(security)) continue;
    const kinds = goesWith[name].join(' or ');
    throw new NetTcpError('Usage', `--${name} goes with --security ${kinds} only.`);
  }
}

/** The values without those that are `undefined`. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
