import type { TlsOptions } from '../../../../shared/security/settings.ts';

const ONCE = /^Add\(100,15\.99\) = 115\.99\n$/;
const THREE_TIMES = /^(?:Add\(100,15\.99\) = 115\.99\n){3}$/;
export const WITHOUT = { mode: 'Transport', transport: { clientCredentialType: 'None' } } as const;
export const WITH = {
  mode: 'Transport',
  transport: { clientCredentialType: 'Certificate' },
} as const;

type Shown = 'alice' | 'stranger' | 'expired' | 'revoked' | 'wrongPurpose';
type Version = 'Tls12' | 'Tls13';

/** One run of WCF's client with our service, over each version of TLS. */
export interface Row {
  readonly name: string;
  /** What WCF's client is given besides the CA and the version of TLS. */
  readonly args: readonly string[];
  /** The certificate that it shows. */
  readonly shows?: Shown;
  readonly security: typeof WITH | typeof WITHOUT;
  /** Versions and ciphers of our service. */
  readonly tls?: TlsOptions;
  /** Whether it is run on a shared port and behind a route, too. */
  readonly isEverywhere?: true;
  /** Which certificate our service has: one for localhost, or for elsewhere.example. Default: `server`. */
  readonly serves?: 'server' | 'other';
  /** What the client prints, by version. */
  readonly says: Readonly<Record<Version, RegExp>>;
  /** What our service sees, by version if they differ. */
  readonly sees: string | Readonly<Record<Version, string>>;
}

const both = (says: RegExp): Row['says'] => ({ Tls12: says, Tls13: says });
const REFUSED = {
  Tls12: /SecurityNegotiationException: Transport security negotiation failed/,
  Tls13: /ProtocolException: The server at \S+ rejected the session-establishment request\./,
};

const IDENTITY = /MessageSecurityException: Identity check failed for outgoing message/;
const ALERT = /alert (?:protocol version|handshake failure)/;

export const ROWS: readonly Row[] = [
  {
    name: 'three channels',
    isEverywhere: true,
    args: ['--channels', '3'],
    security: WITHOUT,
    says: both(THREE_TIMES),
    sees: 'anonymous ',
  },
  {
    name: 'streamed',
    isEverywhere: true,
    args: ['--streamed', ''],
    security: WITHOUT,
    says: both(ONCE),
    sees: 'anonymous ',
  },
  {
    name: 'SecurityMode.None',
    args: ['--mode', 'None'],
    security: WITHOUT,
    says: both(/ProtocolException: The server at \S+ rejected the session-establishment request\./),
    sees: 'the client asked for no security',
  },
  {
    name: 'a certificate',
    isEverywhere: true,
    args: [],
    shows: 'alice',
    security: WITH,
    says: both(ONCE),
    sees: 'certificate CN=alice; ',
  },
  {
    name: 'a certificate of another CA',
    args: [],
    shows: 'stranger',
    security: WITH,
    says: REFUSED,
    sees: 'certificate was refused: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  },
  {
    name: 'a certificate that has expired',
    args: [],
    shows: 'expired',
    security: WITH,
    says: REFUSED,
    sees: 'certificate was refused: CERT_HAS_EXPIRED',
  },
  {
    name: 'a certificate for another use',
    isEverywhere: true,
    args: [],
    shows: 'wrongPurpose',
    security: WITH,
    says: REFUSED,
    sees: 'certificate was refused: INVALID_PURPOSE',
  },
  {
    name: 'no certificate',
    isEverywhere: true,
    args: [],
    security: WITH,
    says: {
      Tls12: /sslv3 alert handshake failure/,
      Tls13: /tlsv13 alert certificate required|rejected the session-establishment request/,
    },
    sees: 'peer did not return a certificate',
  },
  {
    name: 'a certificate that was revoked',
    args: [],
    shows: 'revoked',
    security: WITH,
    says: REFUSED,
    sees: 'certificate was refused: CERT_REVOKED',
  },
  {
    name: 'DnsEndpointIdentity',
    args: ['--dns', 'elsewhere.example'],
    security: WITHOUT,
    serves: 'other',
    says: both(ONCE),
    sees: 'anonymous ',
  },
  {
    name: 'a service by a name that it does not have',
    args: [],
    security: WITHOUT,
    serves: 'other',
    says: both(IDENTITY),
    sees: '',
  },
  {
    name: 'DnsEndpointIdentity of another',
    args: ['--dns', 'elsewhere.example'],
    security: WITHOUT,
    says: both(IDENTITY),
    sees: '',
  },
  {
    name: 'a service that wants TLS 1.3',
    args: [],
    security: WITHOUT,
    tls: { minVersion: 'TLSv1.3' },
    says: { Tls12: ALERT, Tls13: ONCE },
    sees: { Tls12: 'unsupported protocol', Tls13: 'anonymous ' },
  },
  {
    name: 'a service that has TLS 1.2, and one cipher',
    args: [],
    security: WITHOUT,
    tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' },
    says: { Tls12: ONCE, Tls13: ALERT },
    sees: { Tls12: 'anonymous ', Tls13: 'unsupported protocol' },
  },
  {
    name: 'a service whose one cipher the client does not have',
    args: [],
    security: WITHOUT,
    tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' },
    says: both(ALERT),
    sees: { Tls12: 'no shared cipher', Tls13: 'unsupported protocol' },
  },
];

/** One run of our client with .NET's SslStream, over each version of TLS: two sessions. */
export interface Call {
  readonly name: string;
  /** What the service wants. */
  readonly security: typeof WITH | typeof WITHOUT;
  readonly shows?: Shown;
  /** Results, or the code of an error. */
  readonly says: string;
  /** What the service says; VERSION stands for that of TLS. */
  readonly sees: string;
}

const TWICE = '115.99 115.99';
const TURNED_DOWN = { security: WITH, says: 'SecurityNegotiation', sees: 'refused' } as const;

export const CALLS: readonly Call[] = [
  { name: 'two sessions', security: WITHOUT, says: TWICE, sees: 'session over VERSION' },
  {
    name: 'a certificate',
    security: WITH,
    shows: 'alice',
    says: TWICE,
    sees: 'session over VERSION of CN=alice',
  },
  { name: 'a certificate of another CA', shows: 'stranger', ...TURNED_DOWN },
  { name: 'a certificate that has expired', shows: 'expired', ...TURNED_DOWN },
  { name: 'a certificate for another use', shows: 'wrongPurpose', ...TURNED_DOWN },
  { name: 'no certificate', ...TURNED_DOWN },
];
