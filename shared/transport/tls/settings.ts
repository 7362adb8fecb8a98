import type { SecureVersion } from 'node:tls';

/** How an upgrade request names TLS. [MC-NMF] */
export const TLS = 'application/ssl-tls';

/** What of a binding's security is TLS's. */
export interface TlsSettings {
  /** Who the client is: `certificate` has it show one. */
  readonly client: 'none' | 'certificate' | 'username';
  /** The lowest version that is spoken. Default: Node's, TLS 1.2. */
  readonly minVersion?: SecureVersion | undefined;
  /** Names of ciphers, as OpenSSL writes them. Default: Node's. */
  readonly ciphers?: string | undefined;
}
