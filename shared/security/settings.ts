import { NetTcpError } from '../errors.ts';
import { checkOptions, OBJECT, oneOf, STRING } from '../options.ts';

/** WCF's SecurityMode of NetTcpBinding, as far as it is supported here. */
export type SecurityMode = 'None' | 'Transport' | 'TransportWithMessageCredential';

/** Security of a binding, with WCF's names. It is required then, never merely offered. */
export interface SecurityOptions {
  /** Default: `None`, on loopback; a service that other machines reach has to name a mode. */
  readonly mode?: SecurityMode;
  /** For mode `Transport`. */
  readonly transport?: {
    /** `None` and `Certificate` are TLS, `Windows` is Kerberos or NTLM. Default: `Windows`, as in WCF. */
    readonly clientCredentialType?: 'None' | 'Certificate' | 'Windows';
  };
  /** For mode `TransportWithMessageCredential`, which is TLS. */
  readonly message?: {
    /** Default: `UserName`; no other is supported. */
    readonly clientCredentialType?: 'UserName';
  };
  /** For the modes that are TLS. */
  readonly tls?: TlsOptions;
}

/** Versions and ciphers of TLS. Defaults are Node's: TLS 1.2 and 1.3, with ciphers that are safe. */
export interface TlsOptions {
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Names of ciphers, as OpenSSL writes them. */
  readonly ciphers?: string;
}

/** How a binding's connections are upgraded, and what shows who calls. */
export type Security =
  | { readonly upgrade: 'none' }
  | {
      readonly upgrade: 'tls';
      readonly client: 'none' | 'certificate' | 'username';
      readonly tls: TlsOptions;
    }
  | { readonly upgrade: 'negotiate' };

const VERSION = oneOf('TLSv1.2', 'TLSv1.3');
const TLS_OPTIONS = { minVersion: VERSION, maxVersion: VERSION, ciphers: STRING };
const OPTIONS = {
  mode: oneOf('None', 'Transport', 'TransportWithMessageCredential'),
  transport: OBJECT,
  message: OBJECT,
  tls: OBJECT,
};

/** No security. */
export const PLAIN: Security = { upgrade: 'none' };

/**
 * @returns undefined where no mode was given
 * @throws {NetTcpError} `Usage` for a name or value that does not exist, or that goes with another mode
 */
export function toSecurity(options: SecurityOptions | undefined): Security | undefined {
  if (options === undefined) return undefined;
  checkOptions('security', options, OPTIONS, {
    transport: ['clientCredentialType'],
    tls: Object.keys(TLS_OPTIONS),
  });
  const { mode, transport, message, tls = {} } = options;
  checkOptions('security.transport', transport, {
    clientCredentialType: oneOf('None', 'Certificate', 'Windows'),
  });
  checkOptions('security.message', message, { clientCredentialType: oneOf('UserName') });
  checkOptions('security.tls', tls, TLS_OPTIONS);
  if (transport !== undefined && mode !== 'Transport') throw misplaced('transport', 'Transport');
  if (message !== undefined && mode !== 'TransportWithMessageCredential')
    throw misplaced('message', 'TransportWithMessageCredential');
  const isTls = mode === 'TransportWithMessageCredential' || isTlsType(transport);
  if (options.tls !== undefined && !isTls) throw misplacedTls();
  if (tls.minVersion === 'TLSv1.3' && tls.maxVersion === 'TLSv1.2') {
    const text = 'security.tls leaves no version: its minVersion is above its maxVersion.';
    throw new NetTcpError('Usage', text);
  }
  if (mode === undefined) return undefined;
  switch (mode) {
    case 'None':
      return PLAIN;
    case 'TransportWithMessageCredential':
      return { upgrade: 'tls', client: 'username', tls };
    case 'Transport': {
      const type = transport?.clientCredentialType ?? 'Windows';
      if (type === 'Windows') return { upgrade: 'negotiate' };
      return { upgrade: 'tls', client: type === 'None' ? 'none' : 'certificate', tls };
    }
  }
}

/** Whether this security tells who a caller is. */
export function namesCallers(security: Security): boolean {
  if (security.upgrade === 'tls') return security.client !== 'none';
  return security.upgrade !== 'none';
}

/** Whether messages name their sender by a user name. */
export function showsUserNames(security: Security): boolean {
  return security.upgrade === 'tls' && security.client === 'username';
}

/** What a service wants of its clients, in the words of its command line. */
export function describeSecurity(security: Security): string {
  switch (security.upgrade) {
    case 'none':
      return 'none';
    case 'negotiate':
      return 'windows';
    case 'tls':
      if (security.client === 'username') return 'username';
      return security.client === 'certificate' ? 'tls, client certificate' : 'tls';
  }
}

function isTlsType(transport: SecurityOptions['transport']): boolean {
  const type = transport?.clientCredentialType;
  return type === 'None' || type === 'Certificate';
}

function misplacedTls(): NetTcpError {
  const text =
    "security.tls goes with security that is TLS only: the mode 'Transport' with the clientCredentialType 'None' or 'Certificate', or 'TransportWithMessageCredential'.";
  return new NetTcpError('Usage', text);
}

function misplaced(option: string, mode: SecurityMode): NetTcpError {
  return new NetTcpError('Usage', `security.${option} goes with the mode '${mode}' only.`);
}
