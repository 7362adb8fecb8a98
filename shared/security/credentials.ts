import { NetTcpError } from '../errors.ts';
import { type Check, checkOptions, FUNCTION } from '../options.ts';
import type { Security } from './settings.ts';
import type { ValidateUserName } from './users.ts';

/** The path of a file, which is watched and read again when it changes; or the content itself. */
export type Source = string | Uint8Array;

/** What a service shows of itself, and what it checks its clients against. */
export interface ServiceCredentials {
  /** The service's certificate in PEM, followed by those between it and its CA. */
  readonly certificate?: Source;
  /** Its private key in PEM. */
  readonly key?: Source;
  /** Certificates in PEM of the CAs that clients' certificates must come from. */
  readonly clientCa?: Source;
  /** Revoked certificates of clients: CRLs in PEM. */
  readonly clientCrl?: Source;
  /** Keys of the service in Kerberos, as `ktutil` writes them. */
  readonly keytab?: Source;
  /** Names and NT hashes, for clients without Kerberos: NTLM. */
  readonly accounts?: Source;
  /** Names and hashes of passwords, as `net-tcp-port-sharing user add` writes them. */
  readonly users?: Source;
  /** Says whether name and password belong together, in place of `users`. */
  readonly validateUserName?: ValidateUserName;
}

/** What a client shows of itself, and what it checks services against. */
export interface ClientCredentials {
  /** Certificates in PEM of the CAs that the service's must come from. Default: those that Node trusts. */
  readonly ca?: Source;
  /** Revoked certificates of services: CRLs in PEM. */
  readonly crl?: Source;
  /** WCF's DnsEndpointIdentity: a name in the service's certificate. Default: the endpoint address's host. */
  readonly dnsIdentity?: string;
  /** Accepts these certificates and no others, in place of CA and name: their SHA-1 or SHA-256 thumbprints. */
  readonly thumbprints?: readonly string[];
  /** Decides in place of CA and name, besides `thumbprints`. @param certificate in DER */
  readonly validateCertificate?: (certificate: Uint8Array, host: string) => boolean;
  /** The client's certificate in PEM, followed by those between it and its CA. */
  readonly certificate?: Source;
  /** Its private key in PEM. */
  readonly key?: Source;
  /** For UserName or Windows: `alice@EXAMPLE.ORG`, for NTLM `EXAMPLE\\carol`. Windows' default: kinit's user. */
  readonly userName?: string;
  /** That of {@link userName}. */
  readonly password?: string;
  /** WCF's SpnEndpointIdentity. Default: `host/` and the host of the endpoint's address. */
  readonly servicePrincipalName?: string;
}

const SOURCE: Check = [
  (value) => value instanceof Uint8Array || (typeof value === 'string' && !CONTENT.test(value)),
  "a file's path, or what is in it as a Uint8Array",
  'secret',
];
/** What keys and files of users have and paths do not: it must not be quoted as the path of a file that is not there. */
const CONTENT = /[\n\r]|-----BEGIN |:(?:nt|scrypt)\$/;
/** An empty one would mean the default, where somebody has named something else. */
const NAME: Check = [(value) => typeof value === 'string' && value.trim() !== '', 'a name'];
const THUMBPRINTS: Check = [
  (value) => Array.isArray(value) && value.length > 0 && value.every(isThumbprint),
  'an array of thumbprints, one or more: SHA-1 or SHA-256, in hexadecimal digits',
];
/** Of a file of credentials: lists of revoked certificates have some megabytes. Stops names of devices, and mistakes. */
export const MAX_CREDENTIAL_BYTES = 64 * 1024 * 1024;

const OF_SERVICE = {
  certificate: SOURCE,
  key: SOURCE,
  clientCa: SOURCE,
  clientCrl: SOURCE,
  keytab: SOURCE,
  accounts: SOURCE,
  users: SOURCE,
  validateUserName: FUNCTION,
} as const satisfies Record<keyof ServiceCredentials, Check>;
/** Names of a service's credentials. */
export const SERVICE_CREDENTIALS: readonly string[] = Object.keys(OF_SERVICE);
const OF_CLIENT = {
  ca: SOURCE,
  crl: SOURCE,
  dnsIdentity: NAME,
  thumbprints: THUMBPRINTS,
  validateCertificate: FUNCTION,
  certificate: SOURCE,
  key: SOURCE,
  userName: NAME,
  password: [(value) => typeof value === 'string', 'a string', 'secret'],
  servicePrincipalName: NAME,
} as const satisfies Record<keyof ClientCredentials, Check>;

/** Names of a client's credentials. */
export const CLIENT_CREDENTIALS: readonly string[] = Object.keys(OF_CLIENT);

const NO_CREDENTIALS: ClientCredentials = {};

/**
 * @throws {NetTcpError} `Usage` for a credential that does not exist, that is of no use to the binding's
 *   security, or that is missing
 */
export function checkServiceCredentials(
  security: Security,
  credentials: ServiceCredentials = {},
): ServiceCredentials {
  checkOptions('the credentials of ServiceHost', credentials, OF_SERVICE);
  const { users, validateUserName } = credentials;
  if (users !== undefined && validateUserName !== undefined) {
    const text =
      'credentials.users and credentials.validateUserName decide the same: give one or the other.';
    throw new NetTcpError('Usage', text);
  }
  const isTls = security.upgrade === 'tls';
  const client = isTls ? security.client : undefined;
  const isNegotiate = security.upgrade === 'negotiate';
  check(credentials, 'ServiceHost', {
    certificate: isTls ? 'required' : 'useless',
    key: isTls ? 'required' : 'useless',
    clientCa: client === 'certificate' ? 'required' : 'useless',
    clientCrl: client === 'certificate' ? 'possible' : 'useless',
    keytab: isNegotiate ? 'possible' : 'useless',
    accounts: isNegotiate ? 'possible' : 'useless',
    users: client !== 'username' || validateUserName !== undefined ? 'useless' : 'required',
    validateUserName: client === 'username' ? 'possible' : 'useless',
  });
  if (isNegotiate && credentials.keytab === undefined && credentials.accounts === undefined) {
    const text =
      'The security of the binding needs keytab (for Kerberos), accounts (for NTLM) or both among the credentials of ServiceHost.';
    throw new NetTcpError('Usage', text);
  }
  return credentials;
}

/** @throws {NetTcpError} as {@link checkServiceCredentials} */
export function checkClientCredentials(
  security: Security,
  credentials: ClientCredentials = NO_CREDENTIALS,
): ClientCredentials {
  if (credentials === NO_CREDENTIALS && security.upgrade === 'none') return credentials;
  checkOptions('the credentials of ChannelFactory', credentials, OF_CLIENT);
  const isTls = security.upgrade === 'tls';
  const client = isTls ? security.client : undefined;
  const isNegotiate = security.upgrade === 'negotiate';
  const ofUser = client === 'username' ? 'required' : isNegotiate ? 'possible' : 'useless';
  check(credentials, 'ChannelFactory', {
    ca: isTls ? 'possible' : 'useless',
    crl: isTls ? 'possible' : 'useless',
    dnsIdentity: isTls ? 'possible' : 'useless',
    thumbprints: isTls ? 'possible' : 'useless',
    validateCertificate: isTls ? 'possible' : 'useless',
    certificate: client === 'certificate' ? 'required' : 'useless',
    key: client === 'certificate' ? 'required' : 'useless',
    userName: ofUser,
    password: ofUser,
    servicePrincipalName: isNegotiate ? 'possible' : 'useless',
  });
  if (isNegotiate) checkLogin(credentials);
  if (isTls) checkDecisions(credentials);
  return credentials;
}

function checkLogin({ userName, password }: ClientCredentials): void {
  if ((userName === undefined) === (password === undefined)) return;
  const text = 'credentials.userName and credentials.password go together: give both or neither.';
  throw new NetTcpError('Usage', text);
}

/** What decides in place of OpenSSL makes the rest say nothing. */
function checkDecisions(credentials: ClientCredentials): void {
  const { thumbprints, validateCertificate } = credentials;
  if ((thumbprints ?? validateCertificate) === undefined) return;
  for (const name of ['ca', 'crl', 'dnsIdentity'] as const) {
    if (credentials[name] === undefined) continue;
    const text = `credentials.${name} would have no effect: thumbprints and validateCertificate decide in its place. Give one or the other.`;
    throw new NetTcpError('Usage', text);
  }
}

function isThumbprint(value: unknown): boolean {
  return typeof value === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(bareThumbprint(value));
}

/** Without what tools write between its digits. */
export function bareThumbprint(text: string): string {
  return text.replaceAll(/[: ]/g, '').toLowerCase();
}

type Use = 'required' | 'possible' | 'useless';

function check<C extends object>(
  credentials: C,
  owner: string,
  uses: Readonly<Record<keyof C & string, Use>>,
): void {
  for (const [name, use] of Object.entries<Use>(uses)) {
    const isGiven = (credentials as Readonly<Record<string, unknown>>)[name] !== undefined;
    if (isGiven && use === 'useless') {
      const text = `The security of the binding has no use for the credential ${name} of ${owner}. Take it out, or name the security that it is for.`;
      throw new NetTcpError('Usage', text);
    }
    if (!isGiven && use === 'required') {
      const text = `The security of the binding needs ${name} among the credentials of ${owner}.`;
      throw new NetTcpError('Usage', text);
    }
  }
}
